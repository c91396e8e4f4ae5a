"""Preview a draft on X: a post or a thread, files as a grid, a card for a link without files.

Source: X developer documentation, "Counting characters" and "Optimize with cards" (read
2026-11-24): 280 weighted characters. Observed in X's apps: longer posts fold there; a single image
keeps its shape from 3:4 on, several are cropped into one grid of 16:9; the last link gets the card.
"""

from collections.abc import Iterator

from platforms.drafts import Draft, Media
from platforms.preview import shapes, texts
from platforms.preview.shapes import Item, LinkCard, Preview, PreviewPart, labels
from platforms.preview.texts import Fold, Mark, Text
from platforms.text.links import url_spans
from platforms.x.length import measure
from platforms.x.thread import TEXT_WEIGHT
from platforms.x.thread import texts as parts_of

FOLD = Fold(chars=TEXT_WEIGHT, label="Show more")
TALLEST, HALF = 3 / 4, 8 / 9
#: The shapes of a grid of 16:9; of three files the first stands beside the others.
GRIDS = {2: (HALF, HALF), 3: (HALF, shapes.WIDE, shapes.WIDE)}
MOST_FILES = 4
LABELS = (
    ("replySettings", "following", "Only accounts that this account follows may reply."),
    ("replySettings", "mentionedUsers", "Only mentioned accounts may reply."),
    ("replySettings", "subscribers", "Only subscribers may reply."),
    ("replySettings", "verified", "Only verified accounts may reply."),
    ("madeWithAi", True, "Made with AI"),
    ("paidPartnership", True, "Paid partnership"),
)


def preview(draft: Draft) -> Preview:
    first, *replies = (_text(part) for part in parts_of(draft))
    links = first.links if not draft.media else []
    quoted = draft.settings.get("quoteTweetId")
    return Preview(
        kind=shapes.kind_of(draft.media),
        layout=shapes.layout_of(draft.media),
        parts=(PreviewPart(first, _items(draft.media)), *map(PreviewPart, replies)),
        most_items=MOST_FILES,
        link_card=LinkCard(_address(links[-1])) if links and not quoted else None,
        labels=(
            *labels(draft.settings, LABELS),
            *((f"Quotes the post {quoted}",) if quoted else ()),
        ),
    )


def _text(whole: str) -> Text:
    is_long = measure(whole, TEXT_WEIGHT).count > TEXT_WEIGHT
    fold = FOLD if is_long else texts.WHOLE
    return texts.marked(whole, fold, _links, texts.hashtags, texts.mentions)


def _links(whole: str) -> Iterator[Mark]:
    return (Mark(start, end, "link") for start, end in url_spans(whole))


def _address(link: str) -> str:
    return link if "://" in link else f"https://{link}"


def _items(files: tuple[Media, ...]) -> tuple[Item, ...]:
    if len(files) == 1:
        return (shapes.framed(files[0], least=TALLEST),)
    ratios = GRIDS.get(len(files), (shapes.WIDE,) * len(files))
    return tuple(shapes.in_frame(*each) for each in zip(files, ratios, strict=True))
