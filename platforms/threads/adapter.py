"""Threads: texts, images, videos, carousels, and threads of replies.

Source: Threads API, "Posts", "Publishing", "Overview", "Troubleshooting" (read 2026-11-24).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from platforms.call import Call
from platforms.drafts import Credentials, Draft, Media
from platforms.errors import PlatformError, Rejected, Unavailable, Unsupported
from platforms.http.client import Answer, Client
from platforms.matching import ListedPost, SendWindow, collapsed, has_as_many
from platforms.meta import container_progress as progress
from platforms.meta.containers import ContainerAdapter
from platforms.meta.graph import (
    AccessToken,
    EndpointNames,
    GraphCall,
    GraphClient,
    lacks_permission,
)
from platforms.outcomes import Outcome
from platforms.threads import errors, post_types
from platforms.threads.oauth import ThreadsLogin

GRAPH = "https://graph.threads.net"
ENDPOINTS = EndpointNames(
    containers="threads",
    publish="threads_publish",
    limit="threads_publishing_limit",
    state="status",
    reason="error_message",
)
FIELDS = "id,text,timestamp,media_type,permalink,children{id}"
TOPIC_LEFT_OUT = "Threads does not permit the topic tag, so it was left out."


class Threads(ContainerAdapter):
    """A Threads profile; `extra` is not used. Paths name it `me`: stored ids were seen refused."""

    key = "threads"
    name = "Threads"
    limits = post_types.LIMITS
    options = post_types.OPTIONS
    logins = {"threads": ThreadsLogin()}
    features = ("threads", "carousels", "alt_text", "link_cards")
    not_ready = frozenset({"24/4279009", "24"})

    def text_length(self, text: str) -> int:
        return post_types.text_units(text)

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

    def explain(self, answer: Answer) -> PlatformError:
        return errors.explain(answer)

    def failed(self, reason: str) -> PlatformError:
        return errors.failed(reason)

    def graph(self, account: Credentials, http: Client) -> GraphClient:
        tokens = [AccessToken(account.token)]
        return GraphClient(ENDPOINTS, f"{GRAPH}/{http.versions.threads}", "me", tokens, http)

    def parts(self, draft: Draft) -> tuple[Draft, ...]:
        return post_types.parts(draft)

    def single(self, part: Draft, account: Credentials, reply_to: str) -> dict[str, Any]:
        return post_types.single(part, reply_to)

    def child(self, item: Media, account: Credentials) -> dict[str, Any]:
        return post_types.child(item)

    def parent(self, part: Draft, children: Sequence[str], reply_to: str) -> dict[str, Any]:
        return post_types.parent(part, children, reply_to)

    async def create(self, body: dict[str, Any], call: GraphCall) -> str:
        """A container; without its topic tag if Threads refuses that."""
        try:
            return await call.graph.create(body)
        except Rejected as refusal:
            if refusal.platform_code != errors.BAD_TOPIC or not body.pop("topic_tag", ""):
                raise
        container = await call.graph.create(body)
        call.checkpoint["notes"] = [TOPIC_LEFT_OUT]
        return container

    def reads_as(self, part: Draft) -> str:
        return post_types.READS_AS[post_types.kind_of(part)]

    async def hits(
        self, part: Draft, reply_to: str, graph: GraphClient, sent: SendWindow
    ) -> Sequence[ListedPost] | None:
        edge, own = ("replies", "replied_to") if reply_to else ("threads", "topic_tag")
        try:
            entries = await graph.posts(edge, f"{FIELDS},{own}", since=sent.since, limit="100")
        except PlatformError as refusal:
            if reply_to and lacks_permission(refusal):
                return None
            raise
        return [
            entry
            for entry in map(_listed, entries)
            if entry.kind == self.reads_as(part)
            and sent.holds(entry.at)
            and entry.replied_to == reply_to
            and has_as_many(entry, len(part.media))
            and _is_same_text(part.text, entry)
        ]


def _is_same_text(text: str, entry: ListedPost) -> bool:
    """Threads makes the first #word a topic: it loses its # or disappears from the text."""
    forms = {text, re.sub(r"#(?=\w)", "", text, count=1)}
    if entry.tag:
        forms.add(re.sub(rf"#?{re.escape(entry.tag)}\b", "", text, count=1))
    return collapsed(entry.text) in map(collapsed, forms)


def _listed(entry: Mapping[str, Any]) -> ListedPost:
    try:
        return ListedPost(
            id=str(entry["id"]),
            url=str(entry.get("permalink") or ""),
            text=str(entry.get("text") or ""),
            at=datetime.fromisoformat(entry["timestamp"]),
            kind=str(entry["media_type"]),
            children=len((entry.get("children") or {}).get("data", ())),
            tag=str(entry.get("topic_tag") or ""),
            replied_to=str((entry.get("replied_to") or {}).get("id", "")),
        )
    except (KeyError, ValueError, TypeError, AttributeError) as odd:
        raise Unavailable("Threads' list of posts could not be read.") from odd
