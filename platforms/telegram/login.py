"""Connect a channel or group by the token of a bot that may post there.

Tokens neither expire nor are renewed; their owner revokes them at BotFather. What is renewed is the
chat: a group that became a supergroup has another id, and its old one names that.

Source: https://core.telegram.org/bots/api#getme, #getchat, #getchatmember (read 2026-11-30). Of a
group that became a supergroup getChat still answers, and getChatMember names the new id
(github.com/tdlib/telegram-bot-api, Client.cpp, `check_chat_access`).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from platforms.drafts import Credentials
from platforms.errors import PlatformError, Rejected, Unauthorized, Unavailable
from platforms.http.client import Answer, Client
from platforms.login_forms import FormField, FormLogin
from platforms.oauth import App, Profile, Tokens
from platforms.telegram import errors
from platforms.telegram.bot import TOKEN, Bot, chat_of, number

NAME = re.compile(r"@?([A-Za-z]\w{3,31})")
LINK = re.compile(r"(?:https?://)?(?:www\.)?t(?:elegram)?\.me/(?:s/)?(\w{4,32})/?(?:\d{1,18})?")
ID = re.compile(r"-[1-9][0-9]{0,17}")
KINDS = {"channel": "channel", "supergroup": "group", "group": "group"}
ADMINISTRATORS = ("creator", "administrator")
NO_CHANNEL = (
    "Enter the channel or group as @name, as its link, or as its id such as -1001234567890."
)
NO_TOKEN = "This is no token of a bot: BotFather shows it, such as 123456789:AAE-…"  # noqa: S105


def chat_named(given: str) -> str:
    """Return a chat as calls name it. Raises Rejected (`handle_refused`)."""
    said = given.strip()
    if ID.fullmatch(said):
        return said
    found = LINK.fullmatch(said) or NAME.fullmatch(said)
    if not found:
        raise Rejected(NO_CHANNEL, code="handle_refused")
    return f"@{found[1]}"


class BotLogin(FormLogin):
    name = "Telegram"
    intro = (
        "Create a bot with @BotFather in Telegram (/newbot), and make it an administrator of the "
        "channel or group, with the right to post messages."
    )
    fields = (
        FormField(
            "bot_token",
            "Bot token",
            "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc",
            "What BotFather shows for the bot.",
            is_secret=True,
        ),
        FormField(
            "channel", "Channel", "@acme", "The channel or group: @name, its link, or its id."
        ),
    )

    async def sign_in(self, answers: Mapping[str, str], http: Client) -> Sequence[Profile]:
        token = answers["bot_token"].strip()
        http.hide(token)
        if not TOKEN.fullmatch(token):
            raise Unauthorized(NO_TOKEN)
        chat, bot = chat_named(answers["channel"]), Bot(token, http)
        await bot.call("getMe", {})
        found = await _chat(bot, chat)
        known = str(found["id"])
        member = await bot.membership(known)
        moved = errors.moved_to(member)
        if moved:
            found, member = await _chat(bot, moved), await bot.membership(moved)
        if member.status == errors.REFUSED:
            raise http.refused(member)
        _require(member, found)
        title, name = found.get("title"), found.get("username")
        return [
            Profile(
                platform_account_id=known,
                name=str(title or name or known),
                username=str(name or ""),
                tokens=Tokens(access=token),
                kind=KINDS[str(found["type"])],
                extra={"chat": moved} if moved else {},
            )
        ]

    def can_refresh(self, account: Credentials) -> bool:
        return bool(account.token)

    async def refresh(self, app: App, account: Credentials, http: Client) -> Tokens:
        """Return the same token, and the chat that a group has become. Raises PlatformError."""
        answer = await Bot(account.token, http).membership(chat_of(account))
        moved = errors.moved_to(answer)
        if answer.status == errors.REFUSED and not moved:
            raise http.refused(answer)
        return Tokens(access=account.token, extra={"chat": moved} if moved else {})

    def explain(self, answer: Answer) -> PlatformError:
        error = errors.explain(answer)
        if not isinstance(error, Rejected):
            return error
        # What a login is refused with is either in a table, or says nothing about it.
        return error.as_(Unavailable)


async def _chat(bot: Bot, chat: str) -> dict[str, Any]:
    """Return what the bot sees of a channel or group. Raises PlatformError."""
    answer = await bot.call("getChat", {"chat_id": number(chat)})
    found = answer.json_object().get("result")
    if not isinstance(found, dict) or not ID.fullmatch(answer.take("result", "id")):
        raise Rejected(f"This is no channel and no group. {NO_CHANNEL}", code="handle_refused")
    if found.get("type") not in KINDS:
        raise Rejected(f"This is no channel and no group. {NO_CHANNEL}", code="handle_refused")
    return found


def _require(member: Answer, chat: Mapping[str, Any]) -> None:
    """Raise Rejected for a bot that may not post in the chat."""
    status = member.take("result", "status")
    rights: dict[str, Any] = member.json_object()["result"]
    in_channel = chat["type"] == "channel"
    everyone = chat.get("permissions")
    if status == "creator":
        may = True
    elif status == "administrator":
        may = bool(rights.get("can_post_messages")) or not in_channel
    elif status == "restricted":
        may = bool(rights.get("is_member") and rights.get("can_send_messages"))
    else:
        allowed = isinstance(everyone, dict) and bool(everyone.get("can_send_messages"))
        may = status == "member" and allowed
    if not may or (in_channel and status not in ADMINISTRATORS):
        place = "channel" if in_channel else "group"
        raise Rejected(
            f"The bot may not post in the {place}: make it an administrator there, with the right "
            "to post messages.",
            code="permission_missing",
        )
