"""Preview a draft in a Discord channel: a text, files as a grid, an embed as a card, a poll.

Source: https://docs.discord.com/developers/reference#message-formatting (read 2026-11-30). The text
is Discord's own Markdown, which is shown as it is written.
"""

import re
from collections.abc import Mapping
from typing import Any

from platforms.discord.message import POLL_HOURS
from platforms.drafts import Draft, Media
from platforms.preview import shapes, texts
from platforms.preview.shapes import Kind, LinkCard, Poll, Preview, PreviewPart, labels
from platforms.preview.texts import Text

#: A user, a role, a channel, or all.
MENTION = re.compile(r"<(?:@[!&]?|#)[0-9]{1,20}>|@(?:everyone|here)\b")
LABELS = (
    ("spoiler", True, "The files are hidden until they are opened."),
    ("silent", True, "No one gets a push notification."),
    ("crosspost", True, "It is sent to the channels that follow this one."),
)
_mentions = texts.finder("mention", MENTION)


def preview(draft: Draft) -> Preview:
    files, settings = draft.media, draft.settings
    whole = texts.marked(draft.text, texts.WHOLE, texts.links, _mentions)
    embeds = settings.get("embeds") or []
    shown = (_framed(files[0]),) if len(files) == 1 else shapes.grid(files)
    return Preview(
        kind=_kind(draft),
        layout=shapes.layout_of(files),
        parts=(PreviewPart(whole, shown),),
        title=Text(settings.get("threadName") or ""),
        link_card=_card(draft, whole, embeds[0] if embeds else None),
        poll=_poll(settings) if settings.get("pollOptions") else None,
        # Who sees a channel, only Discord knows.
        visibility="widest",
        labels=(
            *labels(settings, LABELS),
            *(f"Embed: {each.get('title') or each.get('description', '')}" for each in embeds[1:]),
            *(f"It notifies {each}." for each in settings.get("mentions") or ()),
        ),
    )


def _kind(draft: Draft) -> Kind:
    if draft.settings.get("pollOptions"):
        return "poll"
    is_read = any(item.kind == "document" for item in draft.media)
    return "document" if is_read and len(draft.media) == 1 else shapes.kind_of(draft.media)


def _framed(item: Media) -> shapes.Item:
    if item.kind == "document":
        return shapes.in_frame(item, shapes.PORTRAIT, crops=False)
    return shapes.framed(item)


def _card(draft: Draft, whole: Text, embed: Mapping[str, Any] | None) -> LinkCard | None:
    if embed is not None:
        url, title = embed.get("url", ""), embed.get("title", "")
        return LinkCard(url, title, embed.get("description", ""))
    is_shown = draft.settings.get("linkPreviews") is not False
    return LinkCard(whole.links[0]) if whole.links and is_shown else None


def _poll(settings: Mapping[str, Any]) -> Poll:
    hours = settings.get("pollHours") or POLL_HOURS
    length = f"{hours} hour{'s'[: hours - 1]}"
    return Poll(settings.get("pollQuestion", ""), tuple(settings["pollOptions"]), length)
