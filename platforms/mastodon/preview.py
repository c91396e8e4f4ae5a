"""Preview a draft on Mastodon: a post or a thread, files as a grid, a poll, a card for a link.

Source: https://docs.joinmastodon.org/user/posting/ (read 2026-11-30). Observed in its web app: a
text behind a warning is folded; a single image keeps its shape; several are cropped into one grid.
"""

import re
from collections.abc import Iterator

from platforms.drafts import Draft
from platforms.mastodon.entities import link_spans
from platforms.mastodon.thread import POLL_SECONDS
from platforms.mastodon.thread import texts as parts_of
from platforms.preview import shapes, texts
from platforms.preview.shapes import (
    Kind,
    LinkCard,
    Poll,
    Preview,
    PreviewPart,
    Visibility,
    labels,
)
from platforms.preview.texts import Fold, Mark, Text

#: With its server, or without for an account on the same one.
MENTION = re.compile(r"(?<![\w=/.@-])@[\w.-]{1,100}(?:@[\w.-]{1,253})?\b")
FOLDED = Fold(chars=0, label="Show more")
SHOWN_TO: dict[str, Visibility] = {"unlisted": "unlisted", "private": "followers"}
LABELS = (
    ("sensitive", True, "Files are hidden until they are opened."),
    ("quotePolicy", "followers", "Only followers may quote this post."),
    ("quotePolicy", "nobody", "No one may quote this post."),
)
UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"))
_mentions = texts.finder("mention", MENTION)


def preview(draft: Draft) -> Preview:
    files, settings = draft.media, draft.settings
    warning = settings.get("spoilerText") or ""
    first, *others = (_text(part, has_warning=bool(warning)) for part in parts_of(draft))
    poll = settings.get("pollOptions")
    shown = (shapes.framed(files[0]),) if len(files) == 1 else shapes.grid(files)
    has_card = first.links and not files and not poll and not warning
    return Preview(
        kind=_kind(draft),
        layout=shapes.layout_of(files),
        parts=(PreviewPart(first, shown), *map(PreviewPart, others)),
        title=Text(warning),
        link_card=LinkCard(first.links[0]) if has_card else None,
        poll=_poll(draft) if poll else None,
        visibility=SHOWN_TO.get(settings.get("visibility") or "", "public"),
        labels=(
            *labels(settings, LABELS),
            *((f"Replies to {settings['replyTo']}",) if settings.get("replyTo") else ()),
            *((f"Quotes {settings['quote']}",) if settings.get("quote") else ()),
        ),
    )


def _kind(draft: Draft) -> Kind:
    return "poll" if draft.settings.get("pollOptions") else shapes.kind_of(draft.media)


def _text(whole: str, *, has_warning: bool) -> Text:
    fold = FOLDED if has_warning else texts.WHOLE
    return texts.marked(whole, fold, _links, texts.hashtags, _mentions)


def _poll(draft: Draft) -> Poll:
    settings = draft.settings
    seconds = settings.get("pollSeconds") or POLL_SECONDS
    size, unit = next((each for each in UNITS if seconds >= each[0]), UNITS[-1])
    count = max(round(seconds / size), 1)
    return Poll("", tuple(settings["pollOptions"]), f"{count} {unit}{'s'[: count - 1]}")


def _links(whole: str) -> Iterator[Mark]:
    return (Mark(first, last, "link") for first, last in link_spans(whole))
