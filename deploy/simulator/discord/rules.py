"""Tables of the values that Discord takes, and of its refusals.

Source: OpenAPI 3.1 of github.com/discord/discord-api-spec and
https://docs.discord.com/developers/topics/opcodes-and-status-codes (read 2026-11-30).
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from starlette.responses import JSONResponse, Response

from deploy.simulator.network import Refused
from deploy.simulator.strict import Fits, flag, list_of, matching, object_of, one_of, wrong

TEXT_CHARS, EMBED_CHARS, FILE_BYTES, REQUEST_BYTES = 2000, 6000, 10 * 1024**2, 25 * 1024**2
TEXT, ANNOUNCEMENTS, FORUM = 0, 5, 15
SNOWFLAKE = matching("0|[1-9][0-9]{0,19}")
FILE_FIELD = re.compile(r"files\[([0-9])\]")


def words(most: int, least: int = 1) -> Fits:
    return lambda value: isinstance(value, str) and least <= len(value) <= most


def number(least: int, most: int) -> Fits:
    return lambda value: type(value) is int and least <= value <= most


def is_time(value: str) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


_URL = matching(r"https?://[^\s/]+\S*")
_MEDIA = object_of({"url": _URL}, {})
EMBED: Mapping[str, Fits] = {
    "title": words(256),
    "description": words(4096),
    "url": _URL,
    "color": number(0, 0xFFFFFF),
    "image": _MEDIA,
    "thumbnail": _MEDIA,
    "author": object_of({"name": words(256)}, {"url": _URL}),
    "footer": object_of({"text": words(2048)}, {}),
    "fields": list_of(
        object_of({"name": words(256), "value": words(1024)}, {"inline": flag}), 0, 25
    ),
}
_POLL = object_of(
    {
        "question": object_of({"text": words(300)}, {}),
        "answers": list_of(
            object_of({"poll_media": object_of({"text": words(55)}, {})}, {}), 1, 10
        ),
    },
    {"duration": number(1, 768), "allow_multiselect": flag, "layout_type": number(1, 1)},
)
_MENTIONS = object_of(
    {},
    {
        "parse": list_of(one_of("users", "roles", "everyone")),
        "users": list_of(SNOWFLAKE, 0, 100),
        "roles": list_of(SNOWFLAKE, 0, 100),
        "replied_user": flag,
    },
)


def _mentions(value: Any) -> bool:
    """Return whether mentions are a set each, and those of a kind are parsed or listed."""
    if not _MENTIONS(value):
        return False
    lists = [value.get(name, []) for name in ("parse", "users", "roles")]
    are_sets = all(len(set(each)) == len(each) for each in lists)
    return are_sets and not any(value.get(name) for name in value.get("parse", []))


#: Of every message; the flags are those that may be set.
MESSAGE: Mapping[str, Fits] = {
    "content": words(TEXT_CHARS, 0),
    "embeds": list_of(object_of({}, EMBED), 0, 10),
    "allowed_mentions": _mentions,
    "flags": lambda value: type(value) is int and not value & ~(1 << 2 | 1 << 12),
    "attachments": list_of(
        object_of(
            {"id": SNOWFLAKE},
            {"filename": words(1024), "description": words(1024), "is_spoiler": flag},
        ),
        0,
        10,
    ),
    "poll": _POLL,
}
BY_BOT = {**MESSAGE, "nonce": words(25, 0), "enforce_nonce": flag}
_TAGS = list_of(SNOWFLAKE, 0, 5)
BY_WEBHOOK = {**MESSAGE, "thread_name": words(100), "applied_tags": _TAGS}
THREAD: Mapping[str, Fits] = {
    "name": words(100),
    "message": object_of({}, MESSAGE),
    "applied_tags": _TAGS,
}
#: Call → the parameters of its address.
QUERIES: Mapping[str, Mapping[str, Fits]] = {
    "list_messages": {"after": SNOWFLAKE, "limit": matching("[1-9][0-9]?|100")},
    "list_archived_threads": {"limit": matching("[1-9][0-9]?|100"), "before": is_time},
    "execute_webhook": {"wait": one_of("true", "false"), "thread_id": SNOWFLAKE},
    "webhook_message": {"thread_id": SNOWFLAKE},
}

#: What Discord says with its codes.
SAID = {
    0: "401: Unauthorized",
    10003: "Unknown Channel",
    10008: "Unknown Message",
    10015: "Unknown Webhook",
    40005: "Request entity too large",
    40033: "This message has already been crossposted",
    50001: "Missing Access",
    50006: "Cannot send an empty message",
    50013: "Missing Permissions",
    50024: "Cannot execute action on this channel type",
    50027: "Invalid Webhook Token",
    50035: "Invalid Form Body",
    50109: "The request body contains invalid JSON.",
    220001: "Webhooks posted to forum channels must have a thread_name or thread_id",
    220003: "Webhooks can only create threads in forum channels",
}


def refusal(status: int, code: int, **more: Any) -> Response:
    return JSONResponse({"message": SAID.get(code, "Simulated"), "code": code, **more}, status)


def refused(status: int, code: int) -> Refused:
    return Refused(refusal(status, code))


def invalid(name: str, word: str = "BASE_TYPE_BAD", said: str = "The value is none.") -> Refused:
    errors: Any = {"_errors": [{"code": word, "message": said}]}
    for step in reversed(name.split(".")):
        errors = {step: errors}
    return Refused(refusal(400, 50035, errors=errors))


def require(given: Mapping[str, Any], known: Mapping[str, Fits]) -> None:
    """Raise Refused for what Discord does not know, or takes in another form."""
    if names := wrong(given, known):
        value = given[names[0]]
        if names[0] == "content" and isinstance(value, str):
            said = f"Must be {TEXT_CHARS} or fewer in length."
            raise invalid("content", "BASE_TYPE_MAX_LENGTH", said)
        raise invalid(names[0])


def check_message(said: Mapping[str, Any], files: Mapping[int, Any]) -> None:
    """Raise Refused for a message that no channel takes; its values are those of the tables."""
    embeds, words_of = said.get("embeds", []), _words_of
    if not (said.get("content", "").strip() or embeds or files or "poll" in said):
        raise refused(400, 50006)
    if sum(map(words_of, embeds)) > EMBED_CHARS:
        raise invalid("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size.")
    if any(not each.keys() - {"color", "url"} for each in embeds):
        raise invalid("embeds.0")
    named = [int(each["id"]) for each in said.get("attachments", [])]
    if sorted(named) != sorted(files) and named:
        raise invalid("attachments")


def _words_of(embed: Mapping[str, Any]) -> int:
    apart = [embed.get("author", {}).get("name", ""), embed.get("footer", {}).get("text", "")]
    fields = [each[name] for each in embed.get("fields", []) for name in ("name", "value")]
    return sum(map(len, [embed.get("title", ""), embed.get("description", ""), *apart, *fields]))


#: Emoji with which the public reacts, and how much of what likes a post each gets.
REACTIONS: tuple[tuple[str, Callable[[int], int]], ...] = (
    ("🕊", lambda likes: likes - likes // 3),
    ("🎉", lambda likes: likes // 3),
)
