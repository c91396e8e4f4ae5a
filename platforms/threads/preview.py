"""Preview a draft on Threads: a post with its replies, files to swipe through, a link's card.

Source: Threads API, "Posts", "Link attachments" (read 2026-11-24): without `link_attachment` the
first link of a text without files gets the card. Without a topic tag the first #word becomes the
topic and loses its # (seen in 2026-08). Observed in the app: texts of up to 500 characters are
shown whole; a single file keeps its shape up to 3:4, several stand beside each other.
"""

import re

from platforms.drafts import Draft
from platforms.preview import shapes, texts
from platforms.preview.shapes import Item, Kind, Layout, LinkCard, Preview, PreviewPart, labels
from platforms.preview.texts import Mark, Text
from platforms.text import outside_urls
from platforms.threads import post_types

TALLEST = 3 / 4
TOPIC = re.compile(r"#(\w{1,50})")
KINDS: dict[str, Kind] = {
    "TEXT": "text",
    "IMAGE": "image",
    "VIDEO": "video",
    "CAROUSEL": "carousel",
}
LAYOUTS: dict[str, Layout] = {"IMAGE": "single", "VIDEO": "player", "CAROUSEL": "carousel"}
LABELS = (
    ("replyControl", "accounts_you_follow", "Only accounts that this account follows may reply."),
    ("replyControl", "mentioned_only", "Only mentioned accounts may reply."),
    ("replyControl", "parent_post_author_only", "Only the author of the post above may reply."),
    ("replyControl", "followers_only", "Only followers may reply."),
)


def preview(draft: Draft) -> Preview:
    parts = post_types.parts(draft)
    kind = post_types.kind_of(draft)
    shown = tuple(PreviewPart(_text(part), _items(part)) for part in parts)
    topic = _topic(parts[0])
    return Preview(
        kind=KINDS.get(kind, "text"),
        layout=LAYOUTS.get(kind, "none"),
        parts=shown,
        link_card=None if draft.media else _link_card(draft, shown[0].text),
        labels=(
            *((f"Topic: {topic}",) if topic else ()),
            *labels(draft.settings, LABELS),
        ),
    )


def _topic(part: Draft) -> str:
    found = next(outside_urls(TOPIC, part.text), None)
    return str(part.settings.get("topicTag") or (found[1] if found else ""))


def _text(part: Draft) -> Text:
    """Return the text of a part, in which a #word that becomes its topic stands without the #."""
    whole, finders = part.text, [texts.finder("link", post_types.LINK)]
    found = None if part.settings.get("topicTag") else next(outside_urls(TOPIC, whole), None)
    if found:
        start, end = found.start(), found.start() + len(found[1])
        whole = whole[:start] + whole[start + 1 :]
        finders.append(lambda _: [Mark(start, end, "hashtag")])
    return texts.marked(whole, texts.WHOLE, *finders, texts.mentions, texts.hashtags)


def _link_card(draft: Draft, text: Text) -> LinkCard | None:
    url = draft.settings.get("linkAttachment") or next(iter(text.links), "")
    if not url:
        return None
    return LinkCard(url if "://" in url else f"https://{url}")


def _items(part: Draft) -> tuple[Item, ...]:
    return tuple(shapes.framed(item, TALLEST, unknown=TALLEST) for item in part.media)
