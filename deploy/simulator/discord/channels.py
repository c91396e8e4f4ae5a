"""The base of all calls to a channel: who calls, what a call says, and the channel's messages."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulator.discord import rules
from deploy.simulator.discord.demo import GUILD
from deploy.simulator.discord.rules import invalid, refusal, refused, require
from deploy.simulator.network import Network, is_json, json_object
from deploy.simulator.state.records import FAR_FUTURE, Account, Post
from deploy.simulator.strict import media_type, once

EPOCH_MS = 1_420_070_400_000
CODES = {400: 50035, 403: 50013, 404: 10003, 413: 40005}
TAG_IDS = 700


class Channels(Network):
    key = "discord"
    name, colour = "Discord", "#4a54c8"

    def secret(self, request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return str(request.path_params.get("token", token if scheme == "Bot" else ""))

    def account(self, request: Request) -> Account | None:
        owner, webhook = super().account(request), request.path_params.get("webhook")
        if webhook is None:
            return owner if owner and "@" in owner.id else None
        if not self.store.account(self.key, webhook):
            raise refused(404, 10015)
        if owner is None or owner.id != webhook:
            raise refused(401, 50027)
        return owner

    def unauthorized(self) -> Response:
        return refusal(401, 0)

    def error(self, status: int) -> Response:
        said = f"{status}: {HTTPStatus(status).phrase}"
        return JSONResponse({"message": said, "code": CODES.get(status, 0)}, status)

    def rate_limited(self, reset_seconds: int) -> Response:
        body = {"message": "You are being rate limited.", "retry_after": reset_seconds - 0.43}
        headers = {"Retry-After": str(reset_seconds), "X-RateLimit-Scope": "user"}
        return JSONResponse({**body, "global": False}, 429, headers=headers)

    def stamp(self, answer: Response) -> None:
        answer.headers.setdefault("X-RateLimit-Limit", "5")
        answer.headers.setdefault(
            "X-RateLimit-Remaining", "0" if answer.status_code == 429 else "4"
        )
        answer.headers.setdefault("X-RateLimit-Reset-After", "1.0")

    # What a call says, and what its bot may do

    def query(self, request: Request, name: str) -> dict[str, str]:
        query = dict(request.query_params)
        require(query, rules.QUERIES[name])
        return query

    async def body(
        self, request: Request, known: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[int, dict[str, str]]]:
        """Return what a call says, and its files. Raises Refused."""
        kind = media_type(request.headers.get("content-type", ""))
        files: dict[int, dict[str, str]] = {}
        if is_json(request):
            said = await json_object(request)
        elif kind == "multipart/form-data":
            said, files = await self._form(request)
        else:
            raise invalid("content-type")
        if said is None:
            raise refused(400, 50109)
        require(said, known)
        if known is not rules.THREAD:
            rules.check_message(said, files)
        return said, files

    async def _form(self, request: Request) -> tuple[Any, dict[int, dict[str, str]]]:
        files, size = {}, 0
        async with request.form() as form:
            try:
                items = once(form.multi_items())
            except ValueError:
                raise invalid("files") from None
            payload = items.pop("payload_json", "{}")
            for name, file in items.items():
                field = rules.FILE_FIELD.fullmatch(name)
                if not field or not isinstance(file, UploadFile) or not file.filename:
                    raise invalid("files")
                content = await file.read()
                size += len(content)
                if len(content) > rules.FILE_BYTES or size > rules.REQUEST_BYTES:
                    raise refused(413, 40005)
                stored = self.store.write_file(content, file.content_type or "")
                files[int(field[1])] = {"id": stored, "filename": file.filename}
        return _parsed(payload), files

    def guild(self, request: Request) -> None:
        if request.path_params["guild"] != GUILD:
            raise refused(403, 50001)

    def here(self, request: Request, account: Account) -> None:
        """Raise Refused unless the call is about the bot's own channel, or a thread in it."""
        named = str(request.path_params["channel"])
        post = self.store.post(self.key, named)
        is_thread = post is not None and post.account == account.id and bool(post.extra["title"])
        if named != channel_of(account) and not is_thread:
            known = any(channel_of(each) == named for each in self.store.accounts(self.key))
            raise refused(403, 50001) if known else refused(404, 10003)
        if self.lacks(account, "VIEW_CHANNEL"):
            raise refused(403, 50001)

    def lacks(self, account: Account, permission: str) -> bool:
        return permission in self.setting(account.id, "lacks", [])

    def may_send(self, request: Request, account: Account) -> None:
        self.here(request, account)
        kind = request.headers.get("content-type", "")
        needed = ["SEND_MESSAGES", *(["ATTACH_FILES"] if "multipart" in kind else [])]
        if any(self.lacks(account, each) for each in needed):
            raise refused(403, 50013)

    def known(self, request: Request, account: Account) -> Post:
        self.here(request, account)
        if self.lacks(account, "READ_MESSAGE_HISTORY"):
            raise refused(403, 50013)
        post = self.store.post(self.key, str(request.path_params["id"]))
        is_thread = request.path_params["channel"] != channel_of(account)
        if not post or post.account != account.id or is_thread != bool(post.extra["title"]):
            raise refused(404, 10008)
        return post

    def of_webhook(self, request: Request, account: Account) -> Post:
        query = self.query(request, "webhook_message")
        post = self.store.post(self.key, str(request.path_params["id"]))
        if not post or post.account != account.id:
            raise refused(404, 10008)
        if query.get("thread_id", "") != (post.id if post.extra["title"] else ""):
            raise refused(404, 10008)
        return post

    def tags(self, account: Account) -> list[str]:
        return list(self.setting(account.id, "tags", ["News", "Help"]))

    def check_tags(self, said: Mapping[str, Any], account: Account) -> None:
        known = {str(TAG_IDS + n) for n in range(len(self.tags(account)))}
        if set(said.get("applied_tags", [])) - known:
            raise invalid("applied_tags")

    # Messages of a channel

    def make(
        self,
        account: Account,
        said: Mapping[str, Any],
        files: Mapping[int, Mapping[str, str]],
        title: str = "",
    ) -> Post:
        now = self.store.now()
        post_id = str((int(now * 1000) - EPOCH_MS << 22) + self.tally("message") % 4096)
        where = post_id if title else channel_of(account)
        told = {each["id"]: each for each in said.get("attachments", [])}
        kept = [
            {**file, "description": told.get(str(n), {}).get("description", "")}
            for n, file in sorted(files.items())
        ]
        self.store.publish(
            self.key,
            post_id,
            account.id,
            text=said.get("content", "").strip(),
            media=tuple(each["id"] for each in kept),
            url=f"https://discord.com/channels/{GUILD}/{where}/{post_id}",
            extra={
                "title": title,
                "alt": [each["description"] for each in kept],
                "files": [each["filename"] for each in kept],
                "said": dict(said),
                "flags": said.get("flags", 0),
            },
            created_at=now,
        )
        made = self.store.post(self.key, post_id)
        assert made is not None  # noqa: S101 - it was just stored
        return made

    def listed(self, account: Account) -> list[Post]:
        """Return what a list shows, newest first."""
        lag = float(self.setting(account.id, "listing_lag_seconds", 0))
        until = self.store.now() - lag if lag else FAR_FUTURE
        return self.store.posts_of(self.key, account.id, 1000, until=until)

    def shown(self, post: Post, account: Account, *, is_listed: bool = False) -> dict[str, Any]:
        said, likes = post.extra["said"], self.numbers(post).likes
        is_bot = "@" in account.id
        told = {
            "id": post.id,
            "type": 0,
            "channel_id": post.id if post.extra["title"] else channel_of(account),
            "author": {"id": account.id.partition("@")[0], "username": account.name, "bot": True},
            "content": post.text,
            "timestamp": datetime.fromtimestamp(post.created_at, UTC).isoformat(),
            "embeds": [{"type": "rich", **each} for each in said.get("embeds", [])],
            "attachments": [{"id": post.id, "filename": name} for name in post.extra["files"]],
            "flags": post.extra["flags"],
            "reactions": [
                {"count": share(likes), "emoji": {"id": None, "name": name}}
                for name, share in rules.REACTIONS
            ],
        }
        if "poll" in said:
            told["poll"] = said["poll"]
        if not is_bot:
            told["webhook_id"] = account.id
        if is_listed and self.setting(account.id, "lists_nonces", False):
            told["nonce"] = said.get("nonce")
        return told

    def thread(self, post: Post, account: Account) -> dict[str, Any]:
        at = datetime.fromtimestamp(post.created_at, UTC).isoformat()
        return {
            "id": post.id,
            "type": 11,
            "name": post.extra["title"],
            "parent_id": channel_of(account),
            "owner_id": account.id.partition("@")[0],
            "thread_metadata": {
                "archived": self.setting(account.id, "archived", False),
                "archive_timestamp": at,
            },
        }


def channel_of(account: Account) -> str:
    """Return the id of an account's channel; a webhook's is one more than its own."""
    number, _, channel = account.id.partition("@")
    return channel or str(int(number) + 1)


def type_of(account: Account) -> int:
    usual = rules.FORUM if account.extra.get("kind") == "forum" else rules.TEXT
    return int(account.extra.get("type", usual))


def _parsed(payload: Any) -> dict[str, Any] | None:
    try:
        found = json.loads(payload, object_pairs_hook=once) if isinstance(payload, str) else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
