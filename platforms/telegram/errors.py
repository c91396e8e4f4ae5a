"""Map refusals of the Bot API to meanings, as data.

Source: https://core.telegram.org/bots/api#making-requests (read 2026-11-30): a refusal has `ok`,
`error_code`, `description` and sometimes `parameters`. Only the description says what is wrong; its
words are those of github.com/tdlib/telegram-bot-api, Client.cpp, and of TDLib (read 2026-11-30).
"""

from typing import Any

from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
    Unsupported,
)
from platforms.http.client import Answer
from platforms.http.foreign.stated import as_seconds
from platforms.http.refusals import Meaning, explain_by_status

NAME = "Telegram"
REFUSED = 400
GONE = ("message to delete not found", "message_id_invalid")

ENDED = Meaning(
    Unauthorized,
    "Telegram no longer accepts the bot's token; reconnect the account with the one that BotFather "
    "shows.",
)
#: The account's chat is renewed like a token, and the post is sent to the new one at once.
MOVED = Meaning(Unauthorized, "The group became a supergroup, with another id; reconnect it.")
REMOVED = Meaning(
    Unauthorized,
    "The bot is not in the chat, or the chat is gone: {said} Add the bot again, then reconnect the "
    "account.",
    "permission_missing",
)
NO_RIGHT = Meaning(
    Unauthorized,
    "The bot may not post this in the chat: {said} Let it post, then reconnect the account.",
    "permission_missing",
)
TOO_LONG = Meaning(Rejected, "Telegram refused the text: {said}", "text_too_long")
UNFIT = Meaning(Rejected, "Telegram refused the file: {said}", "media_rejected")
OPTION = Meaning(Rejected, "Telegram refused an option: {said}", "option_rejected")
NOT_DELETED = Meaning(
    Unsupported,
    "Telegram lets a bot delete its messages in groups for 48 hours, later and in channels only "
    "with the right to; delete it in Telegram.",
)
ELSEWHERE = Meaning(
    Unavailable,
    "Something in front of Telegram answered instead, such as a proxy or a firewall.",
    when_publishing=OutcomeUnknown,
)

#: A part of a description, in small letters → the meaning. The first that is found decides.
WORDS: dict[str, Meaning] = {
    "upgraded to a supergroup": MOVED,
    "message can't be deleted": NOT_DELETED,
    "is too long": TOO_LONG,
    "_too_long": TOO_LONG,
    "chat not found": REMOVED,
    "bot was kicked": REMOVED,
    "bot is not a member": REMOVED,
    "group chat was deleted": REMOVED,
    "have no write access": NO_RIGHT,
    "not enough rights": NO_RIGHT,
    "need administrator rights": NO_RIGHT,
    "chat_write_forbidden": NO_RIGHT,
    "chat_admin_required": NO_RIGHT,
    "chat_restricted": NO_RIGHT,
    "chat_send_": NO_RIGHT,
    "topic_closed": NO_RIGHT,
    "button": OPTION,
    "reply markup": OPTION,
    "poll": OPTION,
    "photo": UNFIT,
    "image_process_failed": UNFIT,
    "video": UNFIT,
    "media": UNFIT,
    "file": UNFIT,
}
#: Statuses of an account's token.
TOKEN_REFUSED = (401, 404)
FORBIDDEN, TOO_LARGE, LIMITED = 403, 413, 429


def explain(answer: Answer) -> PlatformError:
    body = answer.error_body()
    words = body.get("description")
    said = words if isinstance(words, str) else ""
    meaning = _meaning(answer, said.lower())
    if meaning is None:
        error = explain_by_status(NAME, answer)
        if isinstance(error, Rejected) and said:
            error.message = f"Telegram refused the post: {said}"
        if isinstance(error, RateLimited):
            error.retry_after_seconds = _asked_pause(body) or error.retry_after_seconds
    else:
        error = meaning.as_error(f"{said.rstrip('.')}." if said else "")
        if answer.irreversible and meaning.when_publishing:
            error = error.as_(meaning.when_publishing)
    error.platform_code, error.http_status, error.body = said[:200], answer.status, answer.text
    return error


def moved_to(answer: Answer) -> str:
    """Return the id of the supergroup that a group has become; empty if the answer names none."""
    found = _parameters(answer.json_object()).get("migrate_to_chat_id")
    return str(found) if isinstance(found, int) else ""


def _meaning(answer: Answer, said: str) -> Meaning | None:
    """Return the meaning; None: the status decides."""
    status = answer.status
    if status >= 500 or status in (408, LIMITED):
        return None
    if not answer.json_object():
        return UNFIT if status == TOO_LARGE else ELSEWHERE
    if status in TOKEN_REFUSED:
        return ENDED
    known = next((meaning for part, meaning in WORDS.items() if part in said), None)
    return known or {FORBIDDEN: REMOVED, TOO_LARGE: UNFIT}.get(status)


def _parameters(body: dict[str, Any]) -> dict[str, Any]:
    found = body.get("parameters")
    return found if isinstance(found, dict) else {}


def _asked_pause(body: dict[str, Any]) -> float | None:
    return as_seconds(_parameters(body).get("retry_after")) or None
