"""Preview a draft on Bluesky: a post or a thread, files as a grid, a card for a link without files.

Source: lexicon app.bsky.feed.post (read 2026-11-30). Observed in the app: texts are shown whole; a
single image keeps its shape from 1:2 on; several are cropped into one grid.
"""

from platforms.bluesky import facets
from platforms.bluesky.records import texts as parts_of
from platforms.drafts import Draft
from platforms.preview import shapes, texts
from platforms.preview.shapes import LinkCard, Preview, PreviewPart, labels

TALLEST = 1 / 2
LABELS = (
    ("replyControl", "mentioned", "Only mentioned accounts may reply."),
    ("replyControl", "following", "Only accounts that this account follows may reply."),
    ("replyControl", "followers", "Only followers may reply."),
    ("replyControl", "nobody", "No one may reply."),
    ("allowQuotes", False, "No one may quote this post."),
)


def preview(draft: Draft) -> Preview:
    first, *others = (texts.marked(part, texts.WHOLE, facets.marks) for part in parts_of(draft))
    files, settings = draft.media, draft.settings
    card = facets.card_link(draft)
    shown = (shapes.framed(files[0], TALLEST),) if len(files) == 1 else shapes.grid(files)
    return Preview(
        kind=shapes.kind_of(files),
        layout=shapes.layout_of(files),
        parts=(PreviewPart(first, shown), *map(PreviewPart, others)),
        link_card=LinkCard(card) if card else None,
        labels=(
            *labels(settings, LABELS),
            *((f"Replies to {settings['replyTo']}",) if settings.get("replyTo") else ()),
            *((f"Quotes {settings['quote']}",) if settings.get("quote") else ()),
            *(f"Labelled {label}" for label in settings.get("labels") or ()),
        ),
    )
