"""Tables of the parameters that methods of the Bot API take, and of its refusals.

Stricter than the network in one thing: it ignores parameters that it does not know.

Source: https://core.telegram.org/bots/api (Bot API 10.1, read 2026-11-30); the words of refusals:
github.com/tdlib/telegram-bot-api, Client.cpp, and TDLib.
"""

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, Response

from deploy.simulator.network import Refused
from deploy.simulator.strict import Fits, flag, list_of, matching, object_of, one_of, text

TEXT_UNITS, CAPTION_UNITS, QUESTION_UNITS = 4096, 1024, 300
PHOTO_BYTES, FILE_BYTES = 10 * 1024**2, 50 * 1024**2
PHOTO_SIDES, PHOTO_RATIO = 10_000, 20
GROUP_MESSAGES, GROUP_SECONDS = 20, 60
DELETABLE_SECONDS = 48 * 3600
ENTITY_TYPES = "bold italic underline strikethrough spoiler blockquote code".split()  # noqa: SIM905
#: The beginnings of pictures.
PICTURES = {"image/jpeg": (0, b"\xff\xd8\xff"), "image/png": (0, b"\x89PNG")}


def whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def chat(value: Any) -> bool:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return is_number or (isinstance(value, str) and value != "")


def seconds(value: Any) -> bool:
    return whole(value) and 5 <= value <= 2_628_000


URL = matching(r"https?://[^\s]+\.[^\s]+|tg://\S+")
_PLACE: Mapping[str, Fits] = {"offset": whole, "length": whole}
_KINDS: tuple[Fits, ...] = (
    object_of({"type": one_of("text_link"), "url": URL, **_PLACE}, {}),
    object_of({"type": one_of("pre"), **_PLACE}, {"language": text}),
    object_of({"type": one_of(*ENTITY_TYPES), **_PLACE}, {}),
)
ENTITIES = list_of(lambda value: any(fits(value) for fits in _KINDS))
BUTTON = object_of({"text": text, "url": URL}, {})
CHAT: Mapping[str, Fits] = {"chat_id": chat}
SEND: Mapping[str, Fits] = {"disable_notification": flag, "protect_content": flag}
MARKUP: Mapping[str, Fits] = {
    "reply_markup": object_of({"inline_keyboard": list_of(list_of(BUTTON, most=8), most=100)}, {})
}
CAPTION: Mapping[str, Fits] = {"caption": text, "caption_entities": ENTITIES}
VIDEO: Mapping[str, Fits] = {
    "width": whole,
    "height": whole,
    "duration": whole,
    "supports_streaming": flag,
}
MEDIUM = object_of(
    {"type": one_of("photo", "video", "document"), "media": text}, {**CAPTION, **VIDEO}
)
POLL: Mapping[str, Fits] = {
    "allows_multiple_answers": flag,
    "is_anonymous": flag,
    "open_period": seconds,
}
#: Method → the parameters that it needs, and others that it takes; files are added by name.
METHODS: Mapping[str, tuple[Mapping[str, Fits], Mapping[str, Fits]]] = {
    "getMe": ({}, {}),
    "getChat": (CHAT, {}),
    "getChatMemberCount": (CHAT, {}),
    "getChatMember": ({**CHAT, "user_id": whole}, {}),
    "deleteMessage": ({**CHAT, "message_id": whole}, {}),
    "sendMessage": (
        {**CHAT, "text": text},
        {
            "entities": ENTITIES,
            "link_preview_options": object_of({}, {"is_disabled": flag}),
            **SEND,
            **MARKUP,
        },
    ),
    "sendPhoto": (CHAT, {**CAPTION, **SEND, **MARKUP}),
    "sendVideo": (CHAT, {**CAPTION, **VIDEO, **SEND, **MARKUP}),
    "sendDocument": (CHAT, {**CAPTION, **SEND, **MARKUP}),
    "sendMediaGroup": ({**CHAT, "media": list_of(MEDIUM, 2, 10)}, SEND),
    "sendPoll": (
        {**CHAT, "question": text, "options": list_of(object_of({"text": text}, {}), 1, 12)},
        {**POLL, **SEND, **MARKUP},
    ),
}
#: Parameters whose values in a form are no JSON.
TEXTS = {"text", "caption", "question"}
#: The parameter that holds the file of a method.
FILES = {"sendPhoto": "photo", "sendVideo": "video", "sendDocument": "document"}
#: What every chat has that our adapters do not read.
CHAT_FACTS: Mapping[str, Any] = {
    "accent_color_id": 0,
    "max_reaction_count": 11,
    "accepted_gift_types": {
        "unlimited_gifts": False,
        "limited_gifts": False,
        "unique_gifts": False,
        "premium_subscription": False,
        "gifts_from_channels": False,
    },
}
#: What an administrator may do.
RIGHTS = (
    *("can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages"),
    *("can_manage_video_chats", "can_restrict_members", "can_promote_members", "can_change_info"),
    *("can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories"),
)


def refusal(status: int, said: str, **parameters: int) -> Response:
    told = {"ok": False, "error_code": status, "description": said}
    return JSONResponse({**told, **({"parameters": parameters} if parameters else {})}, status)


def refused(status: int, said: str, **parameters: int) -> Refused:
    return Refused(refusal(status, said, **parameters))


def bad(said: str, **parameters: int) -> Refused:
    return refused(400, f"Bad Request: {said}", **parameters)


def limited(seconds: int) -> Response:
    answer = refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
    answer.headers["retry-after"] = str(seconds)
    return answer
