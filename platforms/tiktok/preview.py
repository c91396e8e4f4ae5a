"""Preview a draft on TikTok: a video with its caption, or photos with title and description.

Source: TikTok for Developers, "Direct Post", "Photo" (read 2026-11-24): what TikTok calls a video's
title is its caption. Observed in the app: a caption folds after about 80 characters or two lines;
everything is shown whole in an upright frame; links are no links.
"""

from platforms.drafts import Draft
from platforms.preview import shapes, texts
from platforms.preview.shapes import Cover, Preview, PreviewPart, Visibility, labels
from platforms.preview.texts import Fold, Text
from platforms.tiktok.options import PRIVACY, is_photos

FOLD = Fold(chars=80, lines=2, label="more")
AUDIENCES: dict[str, Visibility] = dict(
    zip(PRIVACY, ("public", "followers", "friends", "private"), strict=True)
)
LABELS = (
    ("brandContent", True, "Paid partnership"),
    ("brandOrganic", True, "Promotional content"),
    ("isAigc", True, "AI-generated"),
    ("allowDuet", True, "Duets are on."),
    ("allowStitch", True, "Stitches are on."),
    ("autoAddMusic", True, "TikTok adds music."),
)


def preview(draft: Draft) -> Preview:
    settings, photos = draft.settings, is_photos(draft)
    level = settings.get("privacyLevel", "")
    comments = "Comments are on." if settings.get("allowComments") else "Comments are off."
    return Preview(
        kind=("images" if photos else "video") if draft.media else "text",
        layout=("carousel" if photos else "player") if draft.media else "none",
        text_below=True,
        parts=(
            PreviewPart(
                texts.marked(draft.text, FOLD, texts.hashtags, texts.mentions),
                tuple(shapes.in_frame(each, shapes.UPRIGHT, crops=False) for each in draft.media),
            ),
        ),
        title=Text(settings.get("title", "") if photos else ""),
        cover=_cover(draft, photos=photos),
        visibility=AUDIENCES.get(level, "widest"),
        labels=(comments, *labels(settings, LABELS)),
    )


def _cover(draft: Draft, *, photos: bool) -> Cover | None:
    if not draft.media:
        return None
    if not photos:
        return Cover(at_ms=draft.settings.get("videoCoverTimestampMs", 0))
    index = draft.settings.get("photoCoverIndex", 0)
    return Cover(media=draft.media[index]) if index < len(draft.media) else None
