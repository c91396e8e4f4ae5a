"""Instagram: images, carousels, reels and stories of a professional account.

Source: Instagram Platform, "Content Publishing", "IG User Media", "Error Codes" (read 2026-11-24).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from platforms.adapter import Call
from platforms.drafts import Credentials, Draft, Media
from platforms.errors import Unsupported
from platforms.http.client import Client
from platforms.instagram import comment, errors, lookup, media, metrics, post_types, preview
from platforms.instagram.oauth import FacebookLogin, InstagramLogin
from platforms.instagram.post_types import FEED, OPTIONS, POST_TYPES
from platforms.limits import Limits
from platforms.meta.containers import ContainerAdapter
from platforms.meta.graph import GRAPH_VERSION, AccessToken, EndpointNames, GraphCall, GraphClient
from platforms.meta.matching import ListedPost, SendWindow
from platforms.meta.oauth import TOKENS
from platforms.metrics import Metrics
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


class Instagram(ContainerAdapter):
    """`platform_account_id` is the professional account's id.

    For an account that was connected by Facebook, `token` is its Page's token, and `extra` holds
    the person's as `user_token` and the proofs of both as `proof` and `user_proof`.
    """

    key = "instagram"
    name = "Instagram"
    origin = "https://graph.instagram.com"
    version = GRAPH_VERSION
    links_hold_ids = False
    secrets = (TOKENS,)
    limits = FEED
    options = OPTIONS
    post_types = POST_TYPES
    wordless_types = frozenset({"Story"})
    logins = {"instagram": InstagramLogin(), "facebook": FacebookLogin()}
    features = ("carousels", "reels", "stories", "alt_text", "first_comment")
    not_ready = frozenset({"24/2207008", "24/2207006", "9007/2207027"})
    gone = frozenset({"24/2207006"})
    metrics_batch = 1
    explain = staticmethod(errors.explain)
    preview = staticmethod(preview.preview)
    failed = staticmethod(errors.failed)

    def limits_for(self, draft: Draft) -> Limits:
        return post_types.limits_for(draft)

    def reads_as(self, part: Draft) -> str:
        return post_types.reads_as(part)

    def check(self, draft: Draft) -> None:
        post_types.check(draft)
        super().check(draft)

    async def publish(self, call: Call) -> Outcome:
        if not call.draft.media:
            raise Unsupported("An Instagram post needs an image or a video.")
        return await super().publish(call)

    def graph(self, account: Credentials, http: Client) -> GraphClient:
        user, extra = account.platform_account_id, account.extra
        host = FACEBOOK if _by_facebook(account) else INSTAGRAM
        tokens = [AccessToken(account.token, extra.get("proof", ""))]
        if spare := extra.get("user_token"):
            tokens.append(AccessToken(spare, extra.get("user_proof", "")))
        api = f"{host}/{GRAPH_VERSION.chosen(http.versions)}"
        return GraphClient(ENDPOINTS, api, user, tokens, http)

    async def read_metrics(
        self, post_ids: Sequence[str], account: Credentials, http: Client
    ) -> Mapping[str, Metrics]:
        return await metrics.read_metrics(post_ids, account.scopes, self.graph(account, http))

    async def read_followers(self, account: Credentials, http: Client) -> int | None:
        return await metrics.read_followers(account.platform_account_id, self.graph(account, http))

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
            url = f"{UPLOADS}/{GRAPH_VERSION.chosen(call.http.versions)}/{container}"
            await media.send(item, container, url, call)

    def give_up_the_rest(self, call: GraphCall) -> None:
        if "firstComment" in call.draft.settings:
            comment.give_up(call.checkpoint)

    async def complete(self, call: GraphCall) -> tuple[str, ...]:
        notes = list(post_types.notes(call.draft))
        if text := call.draft.settings.get("firstComment"):
            (post_id,) = call.checkpoint["posts"]
            notes.append(await comment.settle(text, post_id, call))
        return tuple(note for note in notes if note)

    async def hits(
        self, part: Draft, reply_to: str, graph: GraphClient, sent: SendWindow
    ) -> Sequence[ListedPost]:
        return await lookup.hits(part, graph, sent)


def _by_facebook(account: Credentials) -> bool:
    return account.login == "facebook"
