"""Threads posts: text, one image, or a carousel of up to twenty.

Source: Threads API, "Posts", "Publishing", "Overview", "Troubleshooting" (read 2026-11-24).
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from platforms import meta
from platforms.base import Credentials, Draft, Media
from platforms.client import Answer
from platforms.containers import ContainerAdapter
from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)
from platforms.listed import Listed, collapsed
from platforms.rules import ImageRule, Limits

VERSION = "v1.0"

MEANINGS: meta.Meanings = {
    # The container has not reached all of the network, or an earlier call has published it.
    (24, 4279009): meta.Meaning(OutcomeUnknown, "Threads does not see the upload yet."),
    (24, None): meta.Meaning(OutcomeUnknown, "Threads does not see the upload yet."),
    (100, 4279004): meta.Meaning(Unavailable, "Threads has not finished the carousel's images."),
    (100, 4279071): meta.Meaning(Rejected, "Threads does not permit the topic tag."),
    (None, 4279013): meta.Meaning(
        Unauthorized, "Threads has restricted this account; its owner must act in the app."
    ),
    (None, 2207051): meta.Meaning(
        RateLimited,
        "Threads takes this account's posts for spam.",
        meta.DAY_SECONDS,
        when_publishing=OutcomeUnknown,
    ),
    (None, 2207052): meta.UNFETCHED,
}
#: Refusals that carry a word instead of a number.
WORDS = {
    "THREADS_API__LINK_LIMIT_EXCEEDED": "Threads takes at most 5 links in a post.",
    "THREADS_API__GEO_GATING_INVALID_COUNTRY_CODES": "Threads does not know these countries.",
    "THREADS_API__FEATURE_NOT_AVAILABLE": "Threads does not offer this to the account.",
}
#: Why a container failed, where another try cannot help.
UNFIT = {
    "INVALID_ASPEC_RATIO": "its sides are too unequal",
    "INVALID_BIT_RATE": "its bit rate is too high",
    "INVALID_DURATION": "it is too long or too short",
    "INVALID_FRAME_RATE": "its frame rate does not fit",
    "INVALID_AUDIO_CHANNELS": "its sound does not fit",
    "INVALID_AUDIO_CHANNEL_LAYOUT": "its sound does not fit",
}


class Threads(ContainerAdapter):
    """A Threads profile. The path names it `me`: stored ids were seen to be refused."""

    key = "threads"
    name = "Threads"
    limits = Limits(
        text_chars=500,
        media_items=20,
        image=ImageRule(("image/jpeg", "image/png"), max_bytes=8 * 1024**2, alt_text_chars=1000),
    )
    api = f"https://graph.threads.net/{VERSION}"
    container_edge, publish_edge, list_edge = "threads", "threads_publish", "threads"
    list_fields = "id,text,timestamp,media_type,topic_tag,permalink"
    state_field, reason_field = "status", "error_message"
    not_ready = frozenset({"24/4279009", "24"})
    content_types = frozenset({"image/jpeg", "image/png"})
    image_bytes = 8 * 1024 * 1024
    meanings = MEANINGS

    def text_length(self, text: str) -> int:
        """Code points, an emoji as its UTF-8 bytes. Never less than Threads counts."""
        return sum(len(char.encode()) if _is_emoji(char) else 1 for char in text)

    def explain(self, answer: Answer) -> PlatformError:
        for word, sentence in WORDS.items():
            if word in answer.text:
                return Rejected(sentence, platform_code=word)
        return super().explain(answer)

    def user(self, account: Credentials) -> str:
        return "me"

    def single(self, draft: Draft) -> dict[str, Any]:
        kind = _image(draft.media[0]) if draft.media else {"media_type": "TEXT"}
        return {**kind, **_text(draft)}

    def child(self, item: Media) -> dict[str, Any]:
        return {**_image(item), "is_carousel_item": True}

    def parent(self, draft: Draft, children: Sequence[str]) -> dict[str, Any]:
        return {"media_type": "CAROUSEL", "children": ",".join(children), **_text(draft)}

    def failed(self, reason: str) -> PlatformError:
        if why := UNFIT.get(reason):
            return Rejected(f"Threads does not take the file: {why}.", platform_code=reason)
        return Unavailable("Threads could not process the file.", platform_code=reason)

    def listed(self, entry: Mapping[str, Any]) -> Listed:
        return Listed(
            id=str(entry["id"]),
            url=str(entry.get("permalink") or ""),
            text=str(entry.get("text") or ""),
            at=datetime.fromisoformat(entry["timestamp"]),
            tag=str(entry.get("topic_tag") or ""),
        )

    def is_same_text(self, draft: Draft, entry: Listed) -> bool:
        """Threads makes the first #word a topic: it loses its # or leaves the text."""
        forms = {draft.text, re.sub(r"#(?=\w)", "", draft.text, count=1)}
        if entry.tag:
            forms.add(re.sub(rf"#?{re.escape(entry.tag)}\b", "", draft.text, count=1))
        return collapsed(entry.text) in map(collapsed, forms)


def _is_emoji(char: str) -> bool:
    """Pictures and what joins, colours or tags them."""
    return unicodedata.category(char) in ("So", "Sk") or char in "\u200d\ufe0f\u20e3"


def _image(item: Media) -> dict[str, Any]:
    alt_text = {"alt_text": item.alt_text} if item.alt_text else {}
    return {"media_type": "IMAGE", "image_url": item.url, **alt_text}


def _text(draft: Draft) -> dict[str, Any]:
    return {"text": draft.text} if draft.text else {}
