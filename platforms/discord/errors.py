"""Map refusals of Discord's API to meanings, as data.

Source: https://docs.discord.com/developers/topics/opcodes-and-status-codes#json and
https://docs.discord.com/developers/topics/rate-limits (read 2026-11-30): a refusal is an object
with `code`, a number, and `message`, a sentence; of an invalid form, `errors` names the field. What
is no such object was said by something in front of Discord, which may block who errs too often.
"""

from typing import Any

from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)
from platforms.http.client import Answer
from platforms.http.foreign.stated import as_seconds
from platforms.http.refusals import Meaning, explain_by_status

NAME = "Discord"
UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, ALREADY_CROSSPOSTED, INVALID_FORM = 10003, 10008, 40033, 50035
LIMITED, TOO_LARGE, TOO_LONG = 429, 413, "BASE_TYPE_MAX_LENGTH"

ENDED = Meaning(
    Unauthorized,
    "Discord no longer accepts the bot's token; enter the new one, from the Developer Portal.",
)
WEBHOOK_GONE = Meaning(
    Unauthorized, "Discord has no such webhook: it was deleted, or its token was. Connect another."
)
NO_CHANNEL = Meaning(
    Unauthorized,
    "Discord has no such channel: it was deleted, or its id is wrong. Connect another one.",
)
REMOVED = Meaning(
    Unauthorized,
    "Discord does not show the bot this channel: invite it to the server again and let it view the "
    "channel, then reconnect the account.",
    "permission_missing",
)
NO_PERMISSION = Meaning(
    Unauthorized,
    "The bot lacks a permission in this channel, such as Send Messages, Embed Links or Attach "
    "Files; give it to the bot, then reconnect the account.",
    "permission_missing",
)
CONTENT = Meaning(Rejected, "Discord refused the post: {said}")
OPTION = Meaning(Rejected, "Discord refused an option: {said}", "option_rejected")
UNFIT = Meaning(Rejected, "Discord refused a file: {said}", "media_rejected")
CLOSED = Meaning(Rejected, "The channel takes no posts: {said}", "account_restricted")
NO_NAME = Meaning(
    Rejected, "The webhook's channel is a forum: it needs the option threadName.", "option_rejected"
)
WAIT = Meaning(RateLimited, "Discord limits posts to this channel: {said}")
OVERLOADED = Meaning(Unavailable, "Discord is overloaded: {said}", when_publishing=OutcomeUnknown)
IN_FRONT = Meaning(
    Unavailable,
    "Something in front of Discord answered in its place; it may have blocked this installation's "
    "address for a while.",
    when_publishing=OutcomeUnknown,
)

#: Discord's own code → the meaning, at any status below 500.
CODES: dict[int, Meaning] = {
    UNKNOWN_CHANNEL: NO_CHANNEL,
    10004: REMOVED,  # the server
    10015: WEBHOOK_GONE,
    20009: CONTENT,
    20016: WAIT,
    20028: WAIT,
    40004: CLOSED,
    40005: UNFIT,
    40007: REMOVED,
    40058: OPTION,
    40062: WAIT,
    40066: OPTION,
    40067: OPTION,
    50001: REMOVED,
    50006: CONTENT,
    50008: CLOSED,
    50013: NO_PERMISSION,
    50024: OPTION,
    50027: WEBHOOK_GONE,
    INVALID_FORM: CONTENT,
    50045: UNFIT,
    50046: UNFIT,
    50083: CLOSED,
    130000: OVERLOADED,
    160005: CLOSED,
    160006: CLOSED,
    200000: CONTENT,
    200001: CONTENT,
    220001: NO_NAME,
    220003: OPTION,
    220004: OPTION,
    240000: CONTENT,
    520002: OPTION,
    520004: OPTION,
}
#: What a status means where Discord answers with a code that is in no table.
STATUSES = {401: ENDED, 403: NO_PERMISSION, TOO_LARGE: UNFIT}


def code_of(answer: Answer) -> int | None:
    """Return Discord's code of a refusal; None if the answer is none of its own."""
    code = answer.error_body().get("code")
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def explain(answer: Answer) -> PlatformError:
    status, code = answer.status, code_of(answer)
    where, said, word = _said(answer)
    meaning = None
    if status < 500 and status not in (408, LIMITED):
        meaning = IN_FRONT if code is None else CODES.get(code, STATUSES.get(status))
    if meaning is None:
        error = explain_by_status(NAME, answer)
        if isinstance(error, Rejected) and said:
            error.message = f"Discord refused the post: {said}"
    else:
        error = meaning.as_error(said)
        if answer.irreversible and meaning.when_publishing:
            error = error.as_(meaning.when_publishing)
        if where.endswith("content") and word == TOO_LONG:
            error = error.as_(Rejected, code="text_too_long")
    if isinstance(error, RateLimited):
        error.retry_after_seconds = _wait(answer)
    error.platform_code = "" if code is None else str(code)
    error.http_status, error.body = status, answer.text
    return error


def _said(answer: Answer) -> tuple[str, str, str]:
    """Return the field that an invalid form names, what is said of it, and the word for that."""
    body = answer.error_body()
    message, path, found = body.get("message"), [], body.get("errors")
    while isinstance(found, dict) and found and "_errors" not in found:
        name, found = next(iter(found.items()))
        path.append(str(name))
    listed = found.get("_errors") if isinstance(found, dict) else None
    first: Any = listed[0] if isinstance(listed, list) and listed else None
    where = ".".join(path)
    if isinstance(first, dict) and isinstance(first.get("message"), str):
        return where, f"{where}: {first['message']}", str(first.get("code") or "")
    return where, message if isinstance(message, str) else "", ""


def _wait(answer: Answer) -> float | None:
    """Return seconds until the limit ends; None if nothing says so."""
    given = as_seconds(answer.error_body().get("retry_after"))
    return answer.retry_after_seconds() if given is None else given
