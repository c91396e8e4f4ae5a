"""Preview a Page's draft on Facebook: text, a link's card, photos, a video, a reel or a story.

Source: Graph API, "Pages API Posts", "Reels Publishing", "Page Stories" (read 2026-11-24): the
card is that of `link`; stories have no text. Observed in the feed: a text folds after about 477
characters or five lines, a reel's after its first line; a grid shows five photos, then "+3".
"""

from platforms.drafts import Draft
from platforms.facebook import post_types
from platforms.preview import shapes, texts
from platforms.preview.shapes import Item, Kind, Layout, LinkCard, Preview, PreviewPart, labels
from platforms.preview.texts import Fold, Text

FOLD = Fold(chars=477, lines=5, label="See more")
REEL_FOLD = Fold(chars=72, lines=1, label="See more")
MOST_FILES = 5
#: The feed crops photos that are taller or wider.
TALLEST, WIDEST = 4 / 5, 1.91
NO_TEXT = "Facebook stories show no text: it is left out."
LABELS = (("isAiGenerated", True, "AI info"),)
LAYOUTS: dict[Kind, Layout] = {
    "image": "single",
    "images": "grid",
    "video": "player",
    "reel": "player",
    "story": "single",
}


def preview(draft: Draft) -> Preview:
    kind, settings = _kind(draft), draft.settings
    is_story = kind == "story"
    words = "" if is_story else draft.text
    fold = REEL_FOLD if kind == "reel" else FOLD
    text = texts.marked(words, fold, texts.links, texts.hashtags, texts.mentions)
    link = settings.get("link", "")
    return Preview(
        kind=kind,
        layout=LAYOUTS.get(kind, "none") if draft.media else "none",
        text_below=kind == "reel",
        parts=(PreviewPart(text, _items(draft, kind)),),
        most_items=MOST_FILES,
        title=Text(settings.get("title", "") if kind in ("video", "reel") else ""),
        link_card=LinkCard(link) if kind == "link" else None,
        first_comment="" if is_story else settings.get("firstComment", ""),
        labels=labels(settings, LABELS) if post_types.is_video(draft) else (),
        left_out=(NO_TEXT,) if is_story and draft.text else (),
    )


def _kind(draft: Draft) -> Kind:
    if draft.post_type == "Story":
        return "story"
    if draft.post_type == "Reels":
        return "reel"
    if post_types.is_video(draft):
        return "video"
    if draft.media:
        return "image" if len(draft.media) == 1 else "images"
    return "link" if draft.settings.get("link") else "text"


def _items(draft: Draft, kind: Kind) -> tuple[Item, ...]:
    if kind in ("story", "reel"):
        return tuple(shapes.in_frame(each, shapes.UPRIGHT, crops=False) for each in draft.media)
    if kind == "video":
        return tuple(
            shapes.framed(each, TALLEST, WIDEST, crops=False, unknown=shapes.WIDE)
            for each in draft.media
        )
    if len(draft.media) > 1:
        return shapes.grid(draft.media)
    return tuple(shapes.framed(each, TALLEST, WIDEST) for each in draft.media)
