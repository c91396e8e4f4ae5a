"""Calls of a bot. Its token is a part of each address, so no address may be shown or logged.

An account is known here as the id of its chat. A group that became a supergroup has another one
since, which `extra["chat"]` holds.

Source: https://core.telegram.org/bots/api#making-requests (read 2026-11-30).
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from platforms.drafts import Credentials, Media
from platforms.http.client import Answer, Client
from platforms.http.uploads import multipart_of

API = "https://api.telegram.org"
TOKEN = re.compile(r"[1-9][0-9]{4,16}:[A-Za-z0-9_-]{30,64}")
#: The answer to the last byte of a file takes a while.
FILES_SECONDS = 60
#: Supergroups and channels have such ids, of which links show what follows.
SUPERGROUP = "-100"


def chat_of(account: Credentials) -> str:
    """Return the id of the chat that an account posts to now."""
    return account.extra.get("chat") or account.platform_account_id


def link(chat: str, name: str, message_id: str) -> str:
    """Return the link of a message; empty in a small group, whose messages have none."""
    if name:
        return f"https://t.me/{name}/{message_id}"
    inner = chat.removeprefix(SUPERGROUP)
    return f"https://t.me/c/{inner}/{message_id}" if inner != chat else ""


class Bot:
    """The calls that a bot's token authorizes."""

    def __init__(self, token: str, http: Client) -> None:
        self.id = int(token.partition(":")[0]) if TOKEN.fullmatch(token) else 0
        self._root, self._http = f"{API}/bot{token}", http

    async def call(
        self,
        method: str,
        said: Mapping[str, Any],
        files: Mapping[str, Media] | None = None,
        *,
        accept: tuple[int, ...] = (),
        irreversible: bool = False,
    ) -> Answer:
        """Return a method's answer. With files it is called by a form. Raises PlatformError."""
        body: dict[str, Any] = {"json": said} if said else {}
        if files:
            body = multipart_of({name: _written(value) for name, value in said.items()}, files)
            body["timeout_seconds"] = FILES_SECONDS
        url = f"{self._root}/{method}"
        return await self._http.post(url, accept=accept, irreversible=irreversible, **body)

    async def membership(self, chat: str) -> Answer:
        """Return what the bot may do in a chat; a 400 if that has become a supergroup."""
        said = {"chat_id": number(chat), "user_id": self.id}
        return await self.call("getChatMember", said, accept=(400,))


def number(chat: str) -> int | str:
    """Return a chat as a call names it: by its id, or by its name with an @."""
    return chat if chat.startswith("@") else int(chat)


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
