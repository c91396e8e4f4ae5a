"""Send a message: one call, of which nothing can be learned once its answer is lost.

A bot cannot read what it has sent, so a lost answer ends as "may be live". Files go out in the call
itself. An album is several messages, whose ids the checkpoint's `parts` keeps.

A post's id is its message's. In a group that became a supergroup the numbers begin anew, so there
the chat's stands before it: `1234567890_42`.

Source: https://core.telegram.org/bots/api#available-methods (read 2026-11-30).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from platforms.adapter import Call
from platforms.drafts import Credentials, Draft, Media
from platforms.http.foreign.stated import as_count
from platforms.metrics import objects_in
from platforms.outcomes import Finding, Outcome, Published, Undeterminable
from platforms.telegram import bot
from platforms.telegram.bot import Bot, chat_of
from platforms.telegram.text import formatted

#: A button, as Markdown writes a link.
BUTTON = re.compile(r"\[([^\[\]]{1,64})\]\((https?://[^\s()<>]{1,1000})\)")
PHOTO, VIDEO, DOCUMENT = "photo", "video", "document"
KINDS = {"image": PHOTO, "video": VIDEO, "document": DOCUMENT}
METHODS = {PHOTO: "sendPhoto", VIDEO: "sendVideo", DOCUMENT: "sendDocument"}
SEPARATOR = "_"
NUMBER = re.compile("[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Message:
    """The method that sends a draft, its parameters without the chat, its files by their names."""

    method: str
    said: Mapping[str, Any]
    files: Mapping[str, Media] = field(default_factory=dict)


async def publish(call: Call) -> Outcome:
    """Send the draft. Raises PlatformError."""
    account, message = call.account, written(call.draft)
    chat = chat_of(account)
    answer = await Bot(account.token, call.http).call(
        message.method,
        {"chat_id": bot.number(chat), **message.said},
        message.files,
        irreversible=True,
    )
    result = answer.json_object().get("result")
    sent = objects_in(result if isinstance(result, list) else [result])
    numbers = [as_count(each.get("message_id")) for each in sent]
    if not numbers or None in numbers:
        answer.unreadable("its answer held no message")
    ids = [_named(str(each), account) for each in numbers]
    if len(ids) > 1:
        call.checkpoint["parts"] = ids
    told = sent[0].get("chat")
    name = told.get("username") if isinstance(told, dict) else ""
    return Published(ids[0], bot.link(chat, str(name or ""), str(numbers[0])))


async def find(call: Call, sent_at: datetime) -> Finding:
    """Return where a person can look; a bot cannot."""
    name, chat = call.account.username, chat_of(call.account)
    return Undeterminable(f"https://t.me/{name}" if name else f"https://web.telegram.org/a/#{chat}")


def place_of(post_id: str, account: Credentials) -> tuple[int, int] | None:
    """Return the chat and the number of a message; None if the id is none."""
    inner, _, number = post_id.rpartition(SEPARATOR)
    if not NUMBER.fullmatch(number) or (inner and not NUMBER.fullmatch(inner)):
        return None
    chat = f"{bot.SUPERGROUP}{inner}" if inner else account.platform_account_id
    return int(chat), int(number)


def buttons(draft: Draft) -> list[tuple[str, str]]:
    """Return the words and the link of each button; those that are well written."""
    found = map(BUTTON.fullmatch, draft.settings.get("buttons") or ())
    return [(each[1], each[2]) for each in found if each]


def written(draft: Draft) -> Message:
    """Return the one call that sends a draft."""
    settings, shown = draft.settings, formatted(draft)
    said: dict[str, Any] = {}
    if settings.get("disableNotification"):
        said["disable_notification"] = True
    if settings.get("protectContent"):
        said["protect_content"] = True
    if rows := [[{"text": words, "url": url}] for words, url in buttons(draft)]:
        said["reply_markup"] = {"inline_keyboard": rows}
    if settings.get("pollOptions"):
        return Message("sendPoll", {"question": draft.text, **_poll(settings), **said})
    entities = list(shown.entities)
    if not draft.media:
        if settings.get("disableLinkPreview"):
            said["link_preview_options"] = {"is_disabled": True}
        text = {"text": shown.text, **({"entities": entities} if entities else {})}
        return Message("sendMessage", {**text, **said})
    caption: dict[str, Any] = {"caption": shown.text} if shown.text else {}
    caption |= {"caption_entities": entities} if entities else {}
    if len(draft.media) == 1:
        [item] = draft.media
        kind = KINDS[item.kind]
        return Message(METHODS[kind], {**_facts(item), **caption, **said}, {kind: item})
    files = {f"file{number}": item for number, item in enumerate(draft.media)}
    media = [
        {"type": KINDS[item.kind], "media": f"attach://{name}", **_facts(item)}
        for name, item in files.items()
    ]
    # The album shows it as its own if no other file has one.
    media[0] |= caption
    return Message("sendMediaGroup", {"media": media, **said}, files)


def _poll(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "options": [{"text": answer} for answer in settings["pollOptions"]],
        "allows_multiple_answers": bool(settings.get("pollMultiple")),
        **({"open_period": settings["pollSeconds"]} if settings.get("pollSeconds") else {}),
    }


def _facts(item: Media) -> dict[str, Any]:
    """Return what Telegram shows of a video before it is loaded."""
    if item.kind != "video":
        return {}
    found = {"width": item.width, "height": item.height, "duration": item.duration_seconds}
    facts: dict[str, Any] = {name: round(value) for name, value in found.items() if value}
    return {**facts, **({"supports_streaming": True} if item.index_first else {})}


def _named(message_id: str, account: Credentials) -> str:
    moved = account.extra.get("chat", "")
    return f"{moved.removeprefix(bot.SUPERGROUP)}{SEPARATOR}{message_id}" if moved else message_id
