"""Calls to where an account posts: a bot to its channel, or a webhook.

An account is known here as the bot's id, an @ and the channel's id, or as the webhook's id alone. A
post in a forum is a thread, whose first message has the thread's id.

Source: https://docs.discord.com/developers/resources/channel, /resources/message,
/resources/webhook (read 2026-11-30).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from platforms.discord import errors
from platforms.drafts import Credentials
from platforms.http.client import Answer, Client
from platforms.metrics import objects_in

API = "https://discord.com/api/v10"
#: Source: https://docs.discord.com/developers/reference#user-agent (read 2026-11-30): a page about
#: the program, and its version. Without them the request may be blocked.
AGENT = {"User-Agent": "DiscordBot (https://example.com/dovecote, 1)"}
ID = re.compile(r"[0-9]{1,20}")
ANNOUNCEMENTS, FORUMS = 5, (15, 16)
NOT_FOUND, BAD_REQUEST, FORBIDDEN = 404, 400, 403
GONE = (errors.UNKNOWN_MESSAGE, errors.UNKNOWN_CHANNEL)
#: The messages of a page, of which texts, embeds and files take up to 100 kB; and its threads.
PAGE, THREADS = 15, 100
#: The epoch of the milliseconds in Discord's ids.
EPOCH_MS = 1_420_070_400_000


@dataclass(frozen=True, slots=True)
class About:
    """What Discord says of the place: its channel's type is unknown to a webhook."""

    guild: str
    channel: str
    type: int | None
    #: The id of the newest message, or of a forum's newest thread.
    newest: str
    #: The ids of a forum's tags, by their names in small letters.
    tags: Mapping[str, str]

    @property
    def is_forum(self) -> bool:
        return self.type in FORUMS


class Place:
    """The calls that an account's token authorizes."""

    def __init__(self, account: Credentials, http: Client) -> None:
        self.own_id, at, self.channel = account.platform_account_id.partition("@")
        self.is_webhook = not at
        self._is_forum = account.extra.get("kind") == "forum"
        if self.is_webhook:
            self._root, authorized = f"webhooks/{self.own_id}/{account.token}", {}
        else:
            self._root, authorized = f"channels/{self.channel}", as_bot(account.token)
        self._headers, self._http = {**AGENT, **authorized}, http

    async def look(self) -> About:
        answer = await self._call("GET", self._root)
        found = answer.json_object()
        answer.take("guild_id")
        tags, kind = objects_in(found.get("available_tags")), found.get("type")
        return About(
            guild=str(found["guild_id"]),
            channel=answer.take("channel_id" if self.is_webhook else "id"),
            type=kind if isinstance(kind, int) and not self.is_webhook else None,
            newest=str(found.get("last_message_id") or "0"),
            tags={str(tag.get("name")).casefold(): str(tag.get("id")) for tag in tags},
        )

    async def send(self, request: Mapping[str, Any], *, as_thread: bool) -> Answer:
        """Publish."""
        if self.is_webhook:
            path, query = self._root, {"wait": "true"}
        else:
            path, query = f"{self._root}/{'threads' if as_thread else 'messages'}", {}
        return await self._call("POST", path, params=query, irreversible=True, **request)

    async def crosspost(self, post_id: str) -> None:
        """Send a message to the channels that follow this one; it may be repeated."""
        path = f"{self._root}/messages/{post_id}/crosspost"
        answer = await self._call("POST", path, accept=(BAD_REQUEST,))
        if answer.status != BAD_REQUEST or errors.code_of(answer) == errors.ALREADY_CROSSPOSTED:
            return
        raise self._http.refused(answer)

    async def message(self, post_id: str) -> dict[str, Any] | None:
        """Return a message, or the first one of a thread; None if Discord says there is none."""
        answer = await self._on_message("GET", post_id)
        if answer is None:
            return None
        answer.take("id")
        return answer.json_object()

    async def first_message(self, thread: str) -> dict[str, Any] | None:
        """Return the message that a forum's thread begins with; None if it is gone."""
        path = f"channels/{thread}/messages/{thread}"
        answer = await self._call("GET", path, accept=(NOT_FOUND,))
        found = {} if answer.is_missing() else answer.json_object()
        return found if str(found.get("id")) == thread else None

    async def delete(self, post_id: str) -> bool:
        """Delete a message; False if there was none."""
        return await self._on_message("DELETE", post_id) is not None

    async def messages(self, after: str) -> list[dict[str, Any]]:
        """Return up to PAGE messages, the first ones after this id."""
        query = {"after": after, "limit": str(PAGE)}
        answer = await self._call("GET", f"{self._root}/messages", params=query)
        return _listed(answer, answer.json())

    async def shows_history(self) -> bool:
        """Return whether the bot may read old messages: without that permission, lists are empty.

        No message has the channel's own id.
        """
        path = f"{self._root}/messages/{self.channel}"
        answer = await self._call("GET", path, accept=(NOT_FOUND, FORBIDDEN))
        code = errors.code_of(answer)
        if code is None:
            raise self._http.refused(answer)
        return code == errors.UNKNOWN_MESSAGE

    async def threads(self, guild: str, since: str) -> tuple[list[dict[str, Any]], bool]:
        """Return the bot's own threads in its forum after this id, and whether that is all.

        A thread that rests is archived; their list needs the permission to read old messages.
        """
        active = await self._call("GET", f"guilds/{guild}/threads/active")
        query = {"limit": str(THREADS)}
        resting = await self._call("GET", f"{self._root}/threads/archived/public", params=query)
        archived = _listed(resting, resting.json_object().get("threads"))
        found = [*_listed(active, active.json_object().get("threads")), *archived]
        own = [
            each
            for each in found
            if str(each.get("parent_id")) == self.channel
            and str(each.get("owner_id")) == self.own_id
            and int(each["id"]) > int(since)
        ]
        is_all = resting.json_object().get("has_more") is False
        return own, is_all or _rested_before(archived, since)

    async def _on_message(self, method: str, post_id: str) -> Answer | None:
        if not ID.fullmatch(post_id):
            return None
        channel = f"channels/{post_id}" if self._is_forum else self._root
        queries: Sequence[Mapping[str, str]] = [{}]
        if self.is_webhook:
            # Whether its channel is a forum, a webhook is not told.
            channel, queries = self._root, [{}, {"thread_id": post_id}]
        for query in queries:
            path = f"{channel}/messages/{post_id}"
            answer = await self._call(method, path, params=query, accept=(NOT_FOUND,))
            if not answer.is_missing():
                return answer
            if errors.code_of(answer) not in GONE:
                raise self._http.refused(answer)
        return None

    async def _call(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **options: Any
    ) -> Answer:
        return await self._http.request(
            method, f"{API}/{path}", headers={**self._headers, **(headers or {})}, **options
        )


def as_bot(token: str) -> dict[str, str]:
    """Return the header that authorizes a call with a bot's token."""
    return {"Authorization": f"Bot {token}"}


def link(guild: str, channel: str, post_id: str = "") -> str:
    """Return where people see a message, or its channel."""
    return f"https://discord.com/channels/{guild}/{channel}" + (f"/{post_id}" if post_id else "")


def _listed(answer: Answer, found: Any) -> list[dict[str, Any]]:
    """Return objects with ids. Raises PlatformError if it is no list of them."""
    if not isinstance(found, list) or not all(
        isinstance(each, dict) and ID.fullmatch(str(each.get("id"))) for each in found
    ):
        answer.unreadable("its list could not be read")
    return list(found)


def _rested_before(archived: Sequence[Mapping[str, Any]], since: str) -> bool:
    """Return whether the last of these, which rested first, did so before this id was made."""
    rested = archived[-1].get("thread_metadata") if archived else None
    try:
        at = datetime.fromisoformat(rested["archive_timestamp"] if rested else "")
    except (KeyError, TypeError, ValueError):
        return False
    made = datetime.fromtimestamp(((int(since) >> 22) + EPOCH_MS) / 1000, UTC)
    return at.tzinfo is not None and at < made
