"""Preview a draft on Instagram: an image, a carousel, a reel or a story.

Source: Instagram Platform, "IG User Media" (read 2026-11-25): the feed shows 4:5 to 1.91:1, and a
carousel is cropped to the shape of its first file. Observed in the app: a caption folds after about
125 characters, which Meta's Ads Guide names too, and a reel's after its first line.
"""

from platforms.drafts import Draft
from platforms.instagram import post_types
from platforms.instagram.post_types import FEED, HASHTAG, MENTION, PostKind
from platforms.preview import shapes, texts
from platforms.preview.shapes import Cover, Item, Layout, Preview, PreviewPart, labels
from platforms.preview.texts import Fold

CAPTION = Fold(chars=125, label="more")
REEL_CAPTION = Fold(chars=55, lines=1, label="more")
LAYOUTS: dict[PostKind, Layout] = {
    "image": "single",
    "carousel": "carousel",
    "reel": "player",
    "story": "single",
}
LABELS = (
    ("isAiGenerated", True, "AI info"),
    ("shareToFeed", False, "Shown among the reels only, not in the feed."),
)


def preview(draft: Draft) -> Preview:
    kind = post_types.kind_of(draft)
    shown = post_types.described(draft)
    caption = texts.marked(
        shown.text,
        REEL_CAPTION if kind == "reel" else CAPTION,
        texts.finder("hashtag", HASHTAG),
        texts.finder("mention", MENTION),
    )
    settings = draft.settings
    cover = settings.get("coverPhotoTimestamp", 0) if kind == "reel" and shown.media else None
    return Preview(
        kind=kind,
        layout=LAYOUTS[kind] if shown.media else "none",
        text_below=True,
        parts=(PreviewPart(caption, _items(shown, kind)),),
        cover=None if cover is None else Cover(at_ms=cover),
        first_comment="" if kind == "story" else settings.get("firstComment", ""),
        labels=_labels(draft),
        left_out=post_types.notes(draft),
    )


def _items(draft: Draft, kind: PostKind) -> tuple[Item, ...]:
    if not draft.media:
        return ()
    if kind in ("reel", "story"):
        return tuple(shapes.in_frame(each, shapes.UPRIGHT, crops=False) for each in draft.media)
    rule = FEED.image
    least, most = (rule.min_ratio, rule.max_ratio) if rule else (0, 0)
    first, *others = draft.media
    leading = shapes.framed(first, least, most)
    return leading, *(shapes.in_frame(each, leading.ratio) for each in others)


def _labels(draft: Draft) -> tuple[str, ...]:
    people = draft.settings.get("collaborators", ())
    with_people = (f"With {', '.join('@' + name for name in people)}",) if people else ()
    trial = ("Trial reel: followers do not see it at first.",)
    place = ("With a place",) if draft.settings.get("locationId") else ()
    sound = draft.settings.get("audioName", "")
    return (
        *with_people,
        *place,
        *labels(draft.settings, LABELS),
        *(trial if draft.post_type == "Trial Reel" else ()),
        *((f"Sound: {sound}",) if sound else ()),
    )
