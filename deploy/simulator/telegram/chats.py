"""The base of all calls of a bot: what a call says, its chat, and what the bot may do there."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from deploy.simulator.network import Network, Refused, is_json, json_object
from deploy.simulator.state.records import Account
from deploy.simulator.strict import FORMS, media_type, wrong
from deploy.simulator.telegram import rules
from deploy.simulator.telegram.rules import bad, refusal, refused

SUPERGROUP = "-100"
Said = dict[str, Any]


class File(NamedTuple):
    """A file in a form."""

    content: bytes
    content_type: str
    name: str


class Chats(Network):
    key = "telegram"
    name, colour = "Telegram", "#1b6f9f"

    def secret(self, request: Request) -> str:
        return str(request.path_params["token"])

    def unauthorized(self) -> Response:
        return refusal(401, "Unauthorized")

    def rate_limited(self, reset_seconds: int) -> Response:
        return rules.limited(reset_seconds)

    def error(self, status: int) -> Response:
        return refusal(status, HTTPStatus(status).phrase)

    # What a call says

    async def said(self, request: Request) -> Said:
        """Return a call's parameters, files among them. Raises Refused for others."""
        said = await _body(request)
        method = request.url.path.rpartition("/")[2]
        needed, optional = rules.METHODS[method]
        files = {name for name, value in said.items() if isinstance(value, File)}
        if "chat_id" in needed and "chat_id" not in said:
            raise bad("chat_id is empty")
        if missing := needed.keys() - said.keys():
            raise bad(f'parameter "{min(missing)}" is required')
        texts = {name: value for name, value in said.items() if name not in files}
        if names := wrong(texts, {**needed, **optional}):
            raise bad(f'parameter "{names[0]}" is wrong')
        return said

    def chat(
        self, said: Said, account: Account, *, writes: bool = False, reads_members: bool = False
    ) -> dict[str, Any]:
        """Return the chat that a call names. Raises Refused."""
        named, moved = str(said["chat_id"]), self.setting(account.id, "moved_to", "")
        name = "" if account.extra.get("private") else account.username
        if named not in (account.id, moved) and (not name or named.lower() != f"@{name}".lower()):
            raise bad("chat not found")
        if moved and named != moved and (writes or reads_members):
            raise bad("group chat was upgraded to a supergroup chat", migrate_to_chat_id=int(moved))
        kind = self.kind_of(account)
        role = self.role(account)
        if role == "kicked":
            raise refused(403, f"Forbidden: bot was kicked from the {kind} chat")
        if role == "left" and (writes or not name):
            raise refused(403, f"Forbidden: bot is not a member of the {kind} chat")
        number = int(moved if moved and named == moved else account.id)
        told_name = {"username": name} if name and kind != "group" else {}
        return {"id": number, "type": kind, "title": account.name, **told_name}

    def kind_of(self, account: Account) -> str:
        if self.setting(account.id, "moved_to", ""):
            return "supergroup"
        usual = "channel" if account.id.startswith(SUPERGROUP) else "group"
        return str(account.extra.get("type") or usual)

    def bot(self, account: Account) -> dict[str, Any]:
        number = account.token.partition(":")[0]
        named = {"first_name": account.name, "username": f"{account.username}_bot"}
        return {"id": int(number) if number.isdigit() else 0, "is_bot": True, **named}

    # Who may send what

    def role(self, account: Account) -> str:
        return str(self.setting(account.id, "role", "administrator"))

    def may_post(self, account: Account) -> bool:
        return self.role(account) == "administrator" and self.setting(account.id, "can_post", True)

    def need_right(self, account: Account, chat: Mapping[str, Any]) -> None:
        if chat["type"] == "channel" and not self.may_post(account):
            raise bad("need administrator rights in the channel chat")
        if not self.setting(account.id, "can_post", True):
            raise bad("not enough rights to send text messages to the chat")

    def count(self, account: Account) -> None:
        """Count a message to a group. Raises Refused when there were too many in a minute."""
        since = self.recent(account.id, rules.GROUP_SECONDS)
        if len(since) >= rules.GROUP_MESSAGES:
            left = rules.GROUP_SECONDS - (self.store.now() - since[0][0])
            raise Refused(rules.limited(int(left) + 1))
        self.note(account.id, rules.GROUP_SECONDS)


async def _body(request: Request) -> Said:
    """Return what a call says, in JSON or in a form. Raises Refused if it cannot be read."""
    if is_json(request):
        body = await json_object(request)
        if body is None:
            raise bad("can't parse JSON object")
        return body
    if media_type(request.headers.get("content-type", "")) not in FORMS:
        return {}
    async with request.form() as form:
        items = form.multi_items()
        if len(items) != len(form):
            raise bad("a parameter is there twice")
        return {name: await _value(name, value) for name, value in items}


async def _value(name: str, value: UploadFile | str) -> Any:
    if isinstance(value, UploadFile):
        return File(await value.read(), value.content_type or "", value.filename or "")
    if name in rules.TEXTS:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
