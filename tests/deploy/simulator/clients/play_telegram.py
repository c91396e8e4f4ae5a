"""python-telegram-bot, as a program that posts would use it. Prints JSON with what it has seen.

Runs in the environment of `install.py`. Arguments: a bot's token, and its channel.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

from telegram import (
    Bot,
    ChatMemberAdministrator,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    InputMediaVideo,
    LinkPreviewOptions,
    Message,
    MessageEntity,
)
from telegram.error import TelegramError

PICTURE, VIDEO = Path("dove.png"), Path("dove.mp4")
BUTTON = InlineKeyboardButton("Read on", url="https://example.com/dovecote")


async def publish(bot: Bot, chat: str) -> dict[str, list[Message]]:
    """Send a message of each kind."""
    bold = MessageEntity(MessageEntity.BOLD, offset=0, length=3)
    text = await bot.send_message(
        chat,
        "Coo on",
        entities=[bold],
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        reply_markup=InlineKeyboardMarkup([[BUTTON]]),
        disable_notification=True,
        protect_content=True,
    )
    album = [
        InputMediaPhoto(PICTURE.read_bytes(), caption="Album", caption_entities=[bold]),
        InputMediaVideo(VIDEO.read_bytes(), width=64, height=64, duration=1),
    ]
    return {
        "text": [text],
        "photo": [await bot.send_photo(chat, PICTURE.read_bytes(), caption="Look")],
        "video": [await bot.send_video(chat, VIDEO.read_bytes(), caption="See")],
        "document": [
            await bot.send_document(chat, b"%PDF-1.7", caption="Read", filename="guide.pdf")
        ],
        "album": list(await bot.send_media_group(chat, album)),
        "poll": [await bot.send_poll(chat, "Which?", ["Coo", "Coo coo"], open_period=3600)],
    }


async def read(bot: Bot, chat: str) -> dict[str, Any]:
    me, found = await bot.get_me(), await bot.get_chat(chat)
    member = await bot.get_chat_member(chat, me.id)
    may_post = isinstance(member, ChatMemberAdministrator) and member.can_post_messages
    return {
        "me": [me.id, me.is_bot],
        "chat": [found.id, found.type, found.title, found.username],
        "member": [member.status, may_post],
        "count": await bot.get_chat_member_count(chat) > 0,
    }


async def refused(call: Awaitable[object]) -> list[str]:
    """Return the class of an error, and the server's words."""
    try:
        await call
    except TelegramError as error:
        return [type(error).__name__, error.message]
    return []


async def main(token: str, chat: str) -> None:
    async with Bot(token) as bot:
        sent = await publish(bot, chat)
        first = sent["text"][0]
        told: dict[str, Any] = {
            "ids": {kind: [each.message_id for each in found] for kind, found in sent.items()},
            "links": [first.link, first.chat.title],
            "text": [first.text, [each.type for each in first.entities]],
            "document": sent["document"][0].document.file_name,
            "poll": [each.text for each in sent["poll"][0].poll.options],
            "read": await read(bot, chat),
        }
        told["refused"] = {
            "too long": await refused(bot.send_message(chat, "a" * 4097)),
            "nothing": await refused(bot.send_message(chat, " ")),
            "caption": await refused(bot.send_photo(chat, PICTURE.read_bytes(), "a" * 1025)),
            "no picture": await refused(bot.send_photo(chat, b"no picture")),
            "unknown chat": await refused(bot.send_message("@elsewhere", "Coo")),
            "unknown message": await refused(bot.delete_message(chat, 1)),
        }
        told["deleted"] = await bot.delete_message(chat, first.message_id)
        told["refused"]["deleted"] = await refused(bot.delete_message(chat, first.message_id))
    stranger = Bot("123456789:AAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
    told["refused"]["wrong token"] = await refused(stranger.initialize())
    print(json.dumps(told))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
