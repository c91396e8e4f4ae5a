"""Instagram: images, carousels, reels and stories of a professional account.

Source: Instagram Platform, "Content Publishing", "IG User Media", "Error Codes" (read 2026-11-24).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from platforms.call import Call
from platforms.drafts import Credentials, Draft, Media
from platforms.errors import PlatformError, Unavailable, Unsupported
from platforms.http.client import Answer, Client
from platforms.instagram import comment, errors, post_types, upload
from platforms.instagram.facebook_login import FacebookLogin
from platforms.instagram.oauth import InstagramLogin
from platforms.instagram.post_types import FEED, OPTIONS, POST_TYPES
from platforms.limits import Limits
from platforms.matching import ListedPost, SendWindow, collapsed, has_as_many
from platforms.meta.containers import ContainerAdapter
from platforms.meta.graph import AccessToken, EndpointNames, GraphCall, GraphClient
from platforms.outcomes import Outcome

INSTAGRAM = "https://graph.instagram.com"
FACEBOOK = "https://graph.facebook.com"
UPLOADS = "https://rupload.facebook.com/ig-api-upload"

ENDPOINTS = EndpointNames(
    containers="media",
    publish="media_publish",
    limit="content_publishing_limit",
    state="status_code",
    reason="status",
)
LIST_FIELDS = "id,caption,timestamp,media_type,media_product_type,permalink"
#: How each type is listed: by its product, or in the feed by its media type.
READS_AS = {"image": "IMAGE", "carousel": "CAROUSEL_ALBUM", "reel": "REELS", "story": "STORY"}


class Instagram(ContainerAdapter):
    """`platform_account_id` is the professional account's id.

    For an account that was connected by Facebook, `token` is its Page's token, and `extra` holds
    the person's as `user_token` and the proofs of both as `proof` and `user_proof`.
    """

    key = "instagram"
    name = "Instagram"
    limits = FEED
    options = OPTIONS
    post_types = POST_TYPES
    logins = {"instagram": InstagramLogin(), "facebook": FacebookLogin()}
    features = ("carousels", "reels", "stories", "alt_text", "first_comment")
    not_ready = frozenset({"24/2207008", "24/2207006", "9007/2207027"})
    gone = frozenset({"24/2207006"})

    def limits_for(self, draft: Draft) -> Limits:
        return post_types.limits_for(draft)

    def check(self, draft: Draft) -> None:
        post_types.check(draft)
        super().check(draft)

    async def publish(self, call: Call) -> Outcome:
        if not call.draft.media:
            raise Unsupported("An Instagram post needs an image or a video.")
        return await super().publish(call)

    def explain(self, answer: Answer) -> PlatformError:
        return errors.explain(answer)

    def failed(self, reason: str) -> PlatformError:
        return errors.failed(reason)

    def graph(self, account: Credentials, http: Client) -> GraphClient:
        user, extra = account.platform_account_id, account.extra
        host = FACEBOOK if _by_facebook(account) else INSTAGRAM
        tokens = [AccessToken(account.token, extra.get("proof", ""))]
        if spare := extra.get("user_token"):
            tokens.append(AccessToken(spare, extra.get("user_proof", "")))
        return GraphClient(ENDPOINTS, f"{host}/{http.versions.graph}", user, tokens, http)

    def parts(self, draft: Draft) -> tuple[Draft, ...]:
        return (post_types.described(draft),)

    def single(self, part: Draft, account: Credentials, reply_to: str) -> dict[str, Any]:
        return post_types.single(part, uploads=_by_facebook(account))

    def child(self, item: Media, account: Credentials) -> dict[str, Any]:
        return post_types.child(item, uploads=_by_facebook(account))

    def parent(self, part: Draft, children: Sequence[str], reply_to: str) -> dict[str, Any]:
        return post_types.parent(part, children)

    async def deliver(self, item: Media, container: str, call: GraphCall) -> None:
        if item.kind == "video" and _by_facebook(call.account):
            # Built and not taken from the answer, so that the token goes nowhere else.
            url = f"{UPLOADS}/{call.http.versions.graph}/{container}"
            await upload.send(item, container, url, call)

    def give_up_the_rest(self, call: GraphCall) -> None:
        if "firstComment" in call.draft.settings:
            comment.give_up(call.checkpoint)

    async def complete(self, call: GraphCall) -> tuple[str, ...]:
        notes = list(post_types.notes(call.draft))
        if text := call.draft.settings.get("firstComment"):
            (post_id,) = call.checkpoint["posts"]
            notes.append(await comment.settle(text, post_id, call))
        return tuple(note for note in notes if note)

    def reads_as(self, part: Draft) -> str:
        return READS_AS[post_types.kind_of(part)]

    async def hits(
        self, part: Draft, reply_to: str, graph: GraphClient, sent: SendWindow
    ) -> Sequence[ListedPost]:
        kind = post_types.kind_of(part)
        if kind == "story":
            entries = await graph.posts("stories", LIST_FIELDS.replace("caption,", ""))
        else:
            fields = f"{LIST_FIELDS},children{{id}}"
            entries = await graph.posts("media", fields, since=sent.since, limit="100")
        return [
            entry
            for entry in map(_listed, entries)
            if entry.kind == self.reads_as(part)
            and sent.holds(entry.at)
            and has_as_many(entry, len(part.media))
            and (kind == "story" or collapsed(entry.text) == collapsed(part.text))
        ]


def _by_facebook(account: Credentials) -> bool:
    return account.login == "facebook"


def _listed(entry: Mapping[str, Any]) -> ListedPost:
    try:
        product = str(entry.get("media_product_type") or "")
        children = entry.get("children") or {}
        return ListedPost(
            id=str(entry["id"]),
            url=str(entry.get("permalink") or ""),
            text=str(entry.get("caption") or ""),
            at=datetime.fromisoformat(entry["timestamp"]),
            kind=product if product in ("REELS", "STORY") else str(entry["media_type"]),
            children=len(children.get("data", ())),
        )
    except (KeyError, ValueError, TypeError, AttributeError) as odd:
        raise Unavailable("Instagram's list of posts could not be read.") from odd
