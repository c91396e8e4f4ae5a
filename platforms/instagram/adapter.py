"""Instagram feed posts: one image or a carousel of up to ten.

Source: Instagram Platform, "Content Publishing", "IG User Media", "Error Codes" (read 2026-11-24).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from platforms import meta
from platforms.base import Checkpoint, Credentials, Draft, Media, Outcome
from platforms.client import Client
from platforms.containers import ContainerAdapter
from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
    Unsupported,
)
from platforms.listed import Listed
from platforms.rules import ImageRule, Limits

VERSION = "v26.0"

NOT_READY = meta.Meaning(OutcomeUnknown, "Instagram was not ready to publish the upload.")
LOST_UPLOAD = meta.Meaning(Unavailable, "Instagram lost the upload.")
BAD_MEDIA = meta.Meaning(Rejected, "Instagram does not take this image.")
TROUBLE = meta.TROUBLE

MEANINGS: meta.Meanings = {
    (25, 2207050): meta.Meaning(
        Unauthorized, "Instagram has restricted this account; its owner must act in the app."
    ),
    (9, 2207042): meta.Meaning(
        RateLimited, "The account has used up its posts of the day.", meta.HOUR_SECONDS
    ),
    # Seen although the post was live.
    (None, 2207051): meta.Meaning(
        RateLimited,
        "Instagram takes this account's posts for spam.",
        meta.DAY_SECONDS,
        when_publishing=OutcomeUnknown,
    ),
    (None, 2207027): NOT_READY,
    (None, 2207008): NOT_READY,
    (None, 2207006): NOT_READY,
    (None, 2207020): LOST_UPLOAD,
    (None, 2207003): meta.UNFETCHED,
    (None, 2207032): LOST_UPLOAD,
    (None, 2207053): LOST_UPLOAD,
    (None, 2207082): LOST_UPLOAD,
    (None, 2207001): TROUBLE,
    (None, 2207052): meta.UNFETCHED,
    (None, 2207004): BAD_MEDIA,
    (None, 2207005): BAD_MEDIA,
    (None, 2207009): meta.Meaning(
        Rejected, "Instagram takes images from 4:5 (upright) to 1.91:1 (wide) only."
    ),
    (None, 2207010): meta.Meaning(Rejected, "Instagram does not take this caption."),
    (None, 2207023): BAD_MEDIA,
    (None, 2207028): meta.Meaning(Rejected, "Instagram carousels hold 2 to 10 images."),
    (None, 2207040): meta.Meaning(Rejected, "Instagram takes 20 @mentions at most."),
}


class Instagram(ContainerAdapter):
    """The professional account of an Instagram login. `platform_account_id` is its `user_id`."""

    key = "instagram"
    name = "Instagram"
    limits = Limits(
        text_chars=2200,
        media_items=10,
        image=ImageRule(("image/jpeg",), max_bytes=8 * 1024**2, alt_text_chars=1000),
        media_required=True,
    )
    api = f"https://graph.instagram.com/{VERSION}"
    container_edge, publish_edge, list_edge = "media", "media_publish", "media"
    list_fields = "id,caption,timestamp,media_product_type,permalink"
    state_field, reason_field = "status_code", "status"
    not_ready = frozenset({"24/2207008", "24/2207006", "9007/2207027"})
    content_types = frozenset({"image/jpeg"})
    image_bytes = 8 * 1024 * 1024
    meanings = MEANINGS

    async def publish(
        self, draft: Draft, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> Outcome:
        if not draft.media:
            raise Unsupported("Instagram posts need an image.")
        return await super().publish(draft, account, http, checkpoint)

    def user(self, account: Credentials) -> str:
        return account.platform_account_id

    def single(self, draft: Draft) -> dict[str, Any]:
        return {**_image(draft.media[0]), **_caption(draft)}

    def child(self, item: Media) -> dict[str, Any]:
        return {**_image(item), "is_carousel_item": True}

    def parent(self, draft: Draft, children: Sequence[str]) -> dict[str, Any]:
        return {"media_type": "CAROUSEL", "children": ",".join(children), **_caption(draft)}

    def failed(self, reason: str) -> PlatformError:
        """The state's text holds a 2207xxx subcode."""
        found = re.search(r"\b2207\d{3}\b", reason)
        meaning = MEANINGS.get((None, int(found[0]))) if found else None
        error = meaning.error if meaning else Unavailable
        if error is OutcomeUnknown:
            error = Unavailable
        sentence = meaning.sentence if meaning else "Instagram could not process the image."
        return error(sentence.format(name=self.name), platform_code=found[0] if found else "")

    def listed(self, entry: Mapping[str, Any]) -> Listed:
        return Listed(
            id=str(entry["id"]),
            url=str(entry.get("permalink") or ""),
            text=str(entry.get("caption") or ""),
            at=datetime.fromisoformat(entry["timestamp"]),
        )


def _image(item: Media) -> dict[str, Any]:
    return {"image_url": item.url, **({"alt_text": item.alt_text} if item.alt_text else {})}


def _caption(draft: Draft) -> dict[str, Any]:
    return {"caption": draft.text} if draft.text else {}
