"""Telegram: a bot's own channel or group, which an account is. Its id is the chat's.

Calls: get_me, get_chat, get_chat_member, get_chat_member_count,
send (every kind of message), delete_message. `extra` of
an account: `type` (channel, or group for a small id); `private`, whether the chat has no name.

Settings of an account: `role` of its bot (administrator, member, restricted, left, kicked);
`can_post` (true); `moved_to`, the id of the supergroup that the group has become.
"""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image, UnidentifiedImageError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.measures import utf16_units
from deploy.simulator.network import call
from deploy.simulator.state.records import Account, followers
from deploy.simulator.strict import sniffed
from deploy.simulator.telegram import rules
from deploy.simulator.telegram.chats import SUPERGROUP, Chats, File, Said
from deploy.simulator.telegram.demo import DEMO
from deploy.simulator.telegram.rules import bad, refusal, refused

HOST = "api.telegram.org"


class TelegramNetwork(Chats):
    demo = DEMO

    def hosts(self) -> Mapping[str, list[Route]]:
        calls = {
            "getMe": self.get_me,
            "getChat": self.get_chat,
            "getChatMemberCount": self.get_chat_member_count,
            "getChatMember": self.get_chat_member,
            "deleteMessage": self.delete_message,
        }
        return {
            HOST: [
                Route(f"/bot{{token}}/{name}", calls.get(name, self.send), methods=["POST"])
                for name in rules.METHODS
            ]
            + [Route("/{path:path}", self.unknown, methods=["GET", "POST"])]
        }

    async def unknown(self, request: Request) -> Response:
        return refusal(404, "Not Found")

    @call("get_me")
    async def get_me(self, request: Request, account: Account) -> Response:
        await self.said(request)
        return told(self.bot(account))

    @call("get_chat")
    async def get_chat(self, request: Request, account: Account) -> Response:
        chat = self.chat(await self.said(request), account)
        may_post = self.setting(account.id, "can_post", True)
        return told({**chat, **rules.CHAT_FACTS, "permissions": {"can_send_messages": may_post}})

    @call("get_chat_member_count")
    async def get_chat_member_count(self, request: Request, account: Account) -> Response:
        self.chat(await self.said(request), account, reads_members=True)
        return told(followers(account.id, self.store.now()))

    @call("get_chat_member")
    async def get_chat_member(self, request: Request, account: Account) -> Response:
        said = await self.said(request)
        chat = self.chat(said, account, reads_members=True)
        bot = self.bot(account)
        if said["user_id"] != bot["id"]:
            raise bad("user not found")
        role, may = self.role(account), self.setting(account.id, "can_post", True)
        member: dict[str, Any] = {"status": role, "user": bot}
        if role == "administrator":
            posts = {"can_post_messages": may} if chat["type"] == "channel" else {}
            member |= dict.fromkeys(rules.RIGHTS, True) | posts
        elif role == "restricted":
            member |= {"is_member": True, "can_send_messages": may, "until_date": 0}
        return told(member)

    @call("send")
    async def send(self, request: Request, account: Account) -> Response:
        said = await self.said(request)
        chat = self.chat(said, account, writes=True)
        method = request.url.path.rpartition("/")[2]
        self.need_right(account, chat)
        messages = self.written(method, said, account)
        if chat["type"] != "channel":
            self.count(account)
        made = [{**each, **self.place(chat)} for each in messages]
        self._publish(account, said, made)
        return told(made if method == "sendMediaGroup" else made[0])

    @call("delete_message")
    async def delete_message(self, request: Request, account: Account) -> Response:
        said = await self.said(request)
        chat = self.chat(said, account, writes=True)
        number = str(said["message_id"])
        known = self.store.get(self.key, "message", number)
        if not known or known["gone"] or known["chat"] != chat["id"]:
            raise bad("message to delete not found")
        is_late = self.store.now() - known["at"] > rules.DELETABLE_SECONDS
        may_always = self.role(account) == "administrator"
        if (is_late and not may_always) or (
            chat["type"] == "channel" and not self.may_post(account)
        ):
            raise bad("message can't be deleted")
        self.store.change(self.key, "message", number, gone=True)
        parts = [self.store.get(self.key, "message", part) for part in known["parts"]]
        if all(part and part["gone"] for part in parts):
            self.store.delete_post(self.key, known["parts"][0])
        return told(True)

    # Messages

    def written(self, method: str, said: Said, account: Account) -> list[dict[str, Any]]:
        """Return the messages that a call makes, without their ids. Raises Refused."""
        if method == "sendMessage":
            check_text(said["text"], rules.TEXT_UNITS, "message")
            check_entities(said["text"], said.get("entities", ()))
            if not said["text"].strip():
                raise bad("message text is empty")
            return [shown(said, "text", "entities")]
        if method == "sendPoll":
            if self.kind_of(account) == "channel" and said.get("is_anonymous") is False:
                raise bad("non-anonymous polls can't be sent to channel chats")
            return [{"poll": poll(said)}]
        if method == "sendMediaGroup":
            kinds = {item["type"] for item in said["media"]}
            if "document" in kinds and len(kinds) > 1:
                raise bad("document can't be mixed with other media types")
            return [
                self.medium(item["type"], item, self.attached(said, item)) for item in said["media"]
            ]
        kind = rules.FILES[method]
        if not isinstance(said.get(kind), File):
            raise bad(f"there is no {kind} in the request")
        return [self.medium(kind, said, said[kind])]

    def attached(self, said: Said, item: Mapping[str, Any]) -> File:
        file = said.get(item["media"].removeprefix("attach://"))
        if not item["media"].startswith("attach://") or not isinstance(file, File):
            raise bad("wrong remote file identifier specified: Wrong string length")
        return file

    def medium(self, kind: str, said: Mapping[str, Any], file: File) -> dict[str, Any]:
        check_text(said.get("caption", ""), rules.CAPTION_UNITS, "message caption")
        check_entities(said.get("caption", ""), said.get("caption_entities", ()))
        if not file.content:
            raise bad("file must be non-empty")
        if len(file.content) > rules.FILE_BYTES:
            raise refused(413, "Request Entity Too Large")
        if kind == "photo" and (
            not sniffed(file.content, rules.PICTURES) or len(file.content) > rules.PHOTO_BYTES
        ):
            raise bad("IMAGE_PROCESS_FAILED")
        if kind == "photo":
            check_sides(file.content)
        stored = self.store.write_file(file.content, file.content_type)
        facts: dict[str, Any] = {"file_id": stored, "file_unique_id": stored}
        if kind != "document":
            facts |= {"width": said.get("width", 320), "height": said.get("height", 320)}
        facts |= {"duration": said.get("duration", 0)} if kind == "video" else {}
        facts |= {"file_name": file.name} if kind == "document" else {}
        return {
            kind: [facts] if kind == "photo" else facts,
            **shown(said, "caption", "caption_entities"),
        }

    def place(self, chat: Mapping[str, Any]) -> dict[str, Any]:
        at = int(self.store.now())
        return {"message_id": 1000 + self.tally("message"), "date": at, "chat": chat}

    def _publish(self, account: Account, said: Said, made: list[dict[str, Any]]) -> None:
        ids = [str(each["message_id"]) for each in made]
        chat = made[0]["chat"]
        for number in ids:
            kept = {"chat": chat["id"], "parts": ids, "gone": False, "at": self.store.now()}
            self.store.put(self.key, "message", number, account.id, kept)
        first = made[0]
        kinds = [kind for kind in ("photo", "video", "document") if kind in first]
        files = [
            each.get("video") or each.get("document") or each["photo"][0] for each in made if kinds
        ]
        inner = str(chat["id"]).removeprefix(SUPERGROUP)
        self.store.publish(
            self.key,
            ids[0],
            account.id,
            text=first.get("text")
            or first.get("caption")
            or first.get("poll", {}).get("question", ""),
            media=tuple(each["file_id"] for each in files),
            url=f"https://t.me/{chat.get('username') or f'c/{inner}'}/{ids[0]}",
            extra={
                "said": {
                    name: value for name, value in said.items() if not isinstance(value, File)
                },
                "names": [each.get("file_name", "") for each in files],
            },
        )


def told(result: Any) -> Response:
    return JSONResponse({"ok": True, "result": result})


def shown(said: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: said[name] for name in names if said.get(name)}


def check_text(words: str, most: int, what: str) -> None:
    if utf16_units(words) > most:
        raise bad(f"{what} is too long")


def check_entities(words: str, entities: Sequence[Mapping[str, Any]]) -> None:
    """Refuse what Telegram leaves out: an entity beyond the text."""
    most = utf16_units(words)
    if any(not 0 < each["length"] <= most - each["offset"] for each in entities):
        raise bad("entity is out of the text")


def check_sides(content: bytes) -> None:
    try:
        with Image.open(io.BytesIO(content)) as image:
            short, long = sorted(image.size)
    except (UnidentifiedImageError, OSError):
        raise bad("IMAGE_PROCESS_FAILED") from None
    if short + long > rules.PHOTO_SIDES or long > rules.PHOTO_RATIO * short:
        raise bad("PHOTO_INVALID_DIMENSIONS")


def poll(said: Said) -> dict[str, Any]:
    if not said["question"].strip() or utf16_units(said["question"]) > rules.QUESTION_UNITS:
        raise bad("poll question length must not exceed 300")
    answers = [each["text"] for each in said["options"]]
    if not all(1 <= len(each.strip()) <= 100 for each in answers):
        raise bad("poll options length must not exceed 100")
    return {
        "id": "1",
        "question": said["question"],
        "options": [
            {"persistent_id": str(n), "text": each, "voter_count": 0}
            for n, each in enumerate(answers)
        ],
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": said.get("is_anonymous", True),
        "type": "regular",
        "allows_multiple_answers": said.get("allows_multiple_answers", False),
        "allows_revoting": True,
        "members_only": False,
    }
