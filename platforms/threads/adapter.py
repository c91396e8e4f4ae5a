"""Threads: texts, images, videos, carousels, and threads of replies.

Source: Threads API, "Posts", "Publishing", "Overview", "Troubleshooting" (read 2026-11-24).
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from platforms.adapter import Call
from platforms.drafts import Credentials, Draft, Media
from platforms.errors import PlatformError, Rejected, Unsupported
from platforms.http.client import Client
from platforms.meta import container_progress as progress
from platforms.meta.containers import ContainerAdapter
from platforms.meta.graph import (
    MISSING,
    AccessToken,
    EndpointNames,
    GraphCall,
    GraphClient,
)
from platforms.meta.oauth import TOKENS
from platforms.metrics import Metrics
from platforms.outcomes import Outcome, Removal
from platforms.threads import errors, lookup, metrics, post_types, preview
from platforms.threads.oauth import GRAPH, VERSION, ThreadsLogin

ENDPOINTS = EndpointNames(
    containers="threads",
    publish="threads_publish",
    limit="threads_publishing_limit",
    state="status",
    reason="error_message",
)
TOPIC_LEFT_OUT = "Threads does not permit the topic tag, so it was left out."


class Threads(ContainerAdapter):
    """A Threads profile; `extra` is not used. Paths name it `me`: stored ids were seen refused."""

    key = "threads"
    name = "Threads"
    origin = "https://graph.threads.net"
    version = VERSION
    links_hold_ids = False
    secrets = (TOKENS,)
    limits = post_types.LIMITS
    options = post_types.OPTIONS
    logins = {"threads": ThreadsLogin()}
    features = ("threads", "carousels", "alt_text", "link_cards")
    deletes = True
    metrics_batch = 1
    not_ready = frozenset({"24/4279009", "24"})
    text_length = staticmethod(post_types.text_units)
    explain = staticmethod(errors.explain)
    preview = staticmethod(preview.preview)
    failed = staticmethod(errors.failed)
    parts = staticmethod(post_types.parts)
    reads_as = staticmethod(post_types.reads_as)
    hits = staticmethod(lookup.hits)

    def check(self, draft: Draft) -> None:
        super().check(draft)
        post_types.check(draft)

    async def publish(self, call: Call) -> Outcome:
        if not call.draft.text and not call.draft.media:
            raise Unsupported("A Threads post needs a text, an image or a video.")
        try:
            return await super().publish(call)
        except PlatformError as error:
            if done := progress.done(call.checkpoint):
                count = len(self.parts(call.draft))
                error.message = f"{done} of {count} posts of the thread are public. {error.message}"
                error.args = (error.message,)
            raise

    async def remove(self, post_id: str, account: Credentials, http: Client) -> Removal:
        try:
            await self.graph(account, http).remove(quote(post_id, safe=""))
        except PlatformError as refusal:
            # Said of what is gone, and of what the token may not delete.
            if refusal.platform_code == MISSING and await self.is_gone(post_id, account, http):
                return "already_gone"
            raise
        return "deleted"

    async def read_metrics(
        self, post_ids: Sequence[str], account: Credentials, http: Client
    ) -> Mapping[str, Metrics]:
        return await metrics.read_metrics(post_ids, account.scopes, self.graph(account, http))

    async def read_followers(self, account: Credentials, http: Client) -> int | None:
        return await metrics.read_followers(account.scopes, self.graph(account, http))

    def public_parts(self, checkpoint: Mapping[str, Any]) -> Sequence[str]:
        return progress.public(checkpoint)

    def parts_kept(self, checkpoint: Mapping[str, Any]) -> dict[str, Any]:
        parts = self.public_parts(checkpoint)
        return {"posts": list(parts)} if len(parts) > 1 else {}

    def graph(self, account: Credentials, http: Client) -> GraphClient:
        tokens = [AccessToken(account.token)]
        return GraphClient(
            ENDPOINTS, f"{GRAPH}/{VERSION.chosen(http.versions)}", "me", tokens, http
        )

    def single(self, part: Draft, account: Credentials, reply_to: str) -> dict[str, Any]:
        return post_types.single(part, reply_to)

    def child(self, item: Media, account: Credentials) -> dict[str, Any]:
        return post_types.child(item)

    def parent(self, part: Draft, children: Sequence[str], reply_to: str) -> dict[str, Any]:
        return post_types.parent(part, children, reply_to)

    async def create(self, body: dict[str, Any], call: GraphCall) -> str:
        """Return a container; without its topic tag if Threads refuses that."""
        try:
            return await call.graph.create(body)
        except Rejected as refusal:
            if refusal.platform_code != errors.BAD_TOPIC or not body.pop("topic_tag", ""):
                raise
        container = await call.graph.create(body)
        call.checkpoint["notes"] = [TOPIC_LEFT_OUT]
        return container
