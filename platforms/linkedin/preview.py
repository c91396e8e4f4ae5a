"""Preview a draft on LinkedIn: text, images, a video, a document, a link's card or a poll.

Source: Microsoft Learn, "Posts API", "Little Text Format" (read 2026-11-24): a mention shows the
name only, and a link in the text makes no card, because LinkedIn does not read pages for apps.
Observed in the feed: a text folds after about 210 characters or three lines; up to five images
stand in a grid.
"""

from collections.abc import Iterator
from dataclasses import replace

from platforms.drafts import Draft, Media
from platforms.linkedin.text import HASHTAG, MENTION
from platforms.preview import shapes, texts
from platforms.preview.shapes import (
    Item,
    Kind,
    Layout,
    LinkCard,
    Poll,
    Preview,
    PreviewPart,
    labels,
)
from platforms.preview.texts import Fold, Mark, Text
from platforms.text import outside_urls

FOLD = Fold(chars=210, lines=3, label="…more")
MOST_FILES = 5
WIDEST_VIDEO = 2.4
LAYOUTS: dict[Kind, Layout] = {
    "image": "single",
    "images": "grid",
    "video": "player",
    "document": "pages",
}
DURATIONS = {
    "ONE_DAY": "1 day",
    "THREE_DAYS": "3 days",
    "SEVEN_DAYS": "1 week",
    "FOURTEEN_DAYS": "2 weeks",
}
LABELS = (("isReshareDisabledByAuthor", True, "Reposts are off."),)


def preview(draft: Draft) -> Preview:
    kind, settings = _kind(draft), draft.settings
    has_card = kind in ("link", "poll")
    only_connections = settings.get("visibility") == "CONNECTIONS"
    return Preview(
        kind=kind,
        layout=LAYOUTS.get(kind, "none"),
        parts=(PreviewPart(_text(draft.text), () if has_card else _items(draft.media)),),
        most_items=MOST_FILES,
        title=Text(_title(draft)),
        link_card=_link_card(draft) if kind == "link" else None,
        poll=_poll(draft) if kind == "poll" else None,
        visibility="connections" if only_connections else "public",
        labels=labels(settings, LABELS),
    )


def _kind(draft: Draft) -> Kind:
    """Return the one kind of content that `content` sends."""
    if "link" in draft.settings:
        return "link"
    if "pollQuestion" in draft.settings:
        return "poll"
    if not draft.media:
        return "text"
    kind = draft.media[0].kind
    return "images" if kind == "image" and len(draft.media) > 1 else kind


def _text(written: str) -> Text:
    """Return the text with its mentions as names."""
    parts: list[str] = []
    named: list[Mark] = []
    at = size = 0
    for found in outside_urls(MENTION, written):
        name = found[0][2:].partition("]")[0]
        parts += [written[at : found.start()], name]
        size += found.start() - at
        named.append(Mark(size, size + len(name), "mention"))
        size, at = size + len(name), found.end()
    whole = "".join([*parts, written[at:]])

    def mentioned(_: str) -> Iterator[Mark]:
        return iter(named)

    return texts.marked(whole, FOLD, mentioned, texts.finder("hashtag", HASHTAG), texts.links)


def _items(files: tuple[Media, ...]) -> tuple[Item, ...]:
    if len(files) > 1:
        return shapes.grid(files)
    return tuple(_item(item) for item in files)


def _item(item: Media) -> Item:
    if item.kind == "video":
        return shapes.framed(item, 1 / WIDEST_VIDEO, WIDEST_VIDEO, unknown=shapes.WIDE)
    if item.kind == "document":
        return shapes.in_frame(item, shapes.PORTRAIT, crops=False)
    return shapes.framed(item, shapes.PORTRAIT, shapes.CINEMA)


def _title(draft: Draft) -> str:
    """Return the title of a document or video."""
    kinds = {item.kind for item in draft.media}
    if "document" in kinds:
        named = next(item.filename for item in draft.media if item.kind == "document")
        return str(draft.settings.get("documentTitle") or named)
    return str(draft.settings.get("videoTitle", "")) if "video" in kinds else ""


def _link_card(draft: Draft) -> LinkCard:
    given = draft.settings
    card = LinkCard(given["link"], given.get("linkTitle", ""), given.get("linkDescription", ""))
    return replace(card, image=draft.media[-1]) if draft.media else card


def _poll(draft: Draft) -> Poll:
    given = draft.settings
    duration = DURATIONS.get(given.get("pollDuration", ""), DURATIONS["THREE_DAYS"])
    return Poll(given["pollQuestion"], tuple(given.get("pollOptions", ())), duration)
