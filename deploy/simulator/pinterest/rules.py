"""Tables of the values that Pinterest takes, and of its refusals.

Source: OpenAPI 5.23.0 of github.com/pinterest/api-description (read 2026-12-01).
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, Response

from deploy.simulator.network import Refused
from deploy.simulator.strict import (
    Fits,
    flag,
    list_of,
    matching,
    object_of,
    one_of,
    sniffed,
    wrong,
)

IMAGE_BYTES = 20 * 1024**2
STARTS = {"image/jpeg": (0, b"\xff\xd8\xff"), "image/png": (0, b"\x89PNG\r\n")}
#: The scopes that calls need, by what they do.
READ_BOARDS, READ_PINS = ("boards:read",), ("boards:read", "pins:read")
WRITE_PINS = ("boards:read", "boards:write", "pins:read", "pins:write")
READ_MEDIA, WRITE_MEDIA, READ_PERSON = ("pins:read",), ("pins:read", "pins:write"), ()

ID = matching("[0-9]{1,20}")
MOST_SECONDS = 900
SECOND: Fits = lambda value: type(value) is int and value >= 0  # noqa: E731 - as its neighbours


def words(most: int) -> Fits:
    return lambda value: isinstance(value, str) and len(value) <= most


def is_picture(content_type: str, data: Any) -> bool:
    """Return whether it is the base64 of a picture of this type."""
    try:
        content = base64.b64decode(data, validate=True)
    except (binascii.Error, TypeError, ValueError):
        return False
    return sniffed(content, STARTS) == content_type and len(content) <= IMAGE_BYTES


def _picture(value: Mapping[str, Any]) -> bool:
    return is_picture(value["content_type"], value["data"])


_TYPE, _DATA, _TEXT = one_of(*STARTS), matching("[a-zA-Z0-9+/=]+"), words(1000)
_FILE = {"content_type": _TYPE, "data": _DATA}
_ITEM = object_of(_FILE, {"title": _TEXT, "description": _TEXT, "link": _TEXT})
#: By `source_type`: what the source of a Pin's files must have, and what it may.
SOURCES: Mapping[str, tuple[Mapping[str, Fits], Mapping[str, Fits]]] = {
    "image_base64": (_FILE, {"is_standard": flag}),
    "multiple_image_base64": ({"items": list_of(_ITEM, 2, 5)}, {"index": SECOND}),
    "video_id": (
        {"media_id": ID},
        {
            "cover_image_content_type": _TYPE,
            "cover_image_data": _DATA,
            "cover_image_key_frame_time": lambda value: SECOND(value) and value <= MOST_SECONDS,
            "is_standard": flag,
        },
    ),
}


def _source(value: Any) -> bool:
    kind = value.get("source_type") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in SOURCES:
        return False
    needed, optional = SOURCES[kind]
    return object_of({**needed, "source_type": one_of(kind)}, optional)(value)


PIN: Mapping[str, Fits] = {
    "board_id": ID,
    "board_section_id": ID,
    "title": words(100),
    "description": words(800),
    "alt_text": words(500),
    "link": words(2048),
    "media_source": _source,
}
MEDIA: Mapping[str, Fits] = {"media_type": one_of("video")}
LIST: Mapping[str, Fits] = {
    "page_size": matching("[1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|250"),
    "bookmark": words(500),
}
GET_PIN: Mapping[str, Fits] = {"pin_metrics": one_of("true", "false")}
IS_URL = matching(r"https?://[^\s/]+\S*")

#: What Pinterest says with its codes.
SAID = {
    1: "Invalid request.",
    2: "Authentication failed.",
    3: "Your token does not have sufficient permissions to perform this operation.",
    8: "This request exceeded a rate limit.",
    29: "Apps with Trial access may not create Pins in production https://api.pinterest.com - use "
    "API Sandbox https://api-sandbox.pinterest.com instead.",
    40: "Board not found.",
    50: "Pin not found.",
    283: "The authorization grant is invalid",
    2031: "Sorry! We couldn't find this board section.",
}


def refusal(status: int, code: int, said: str = "") -> Response:
    return JSONResponse({"code": code, "message": said or SAID.get(code, "Simulated.")}, status)


def refused(status: int, code: int, said: str = "") -> Refused:
    return Refused(refusal(status, code, said))


def require(given: Mapping[str, Any], known: Mapping[str, Fits], *needed: str) -> None:
    """Raise Refused for what Pinterest does not know, misses, or takes in another form."""
    missing = [name for name in needed if name not in given]
    if names := [*missing, *wrong(given, known)]:
        raise refused(400, 1, f"Invalid request: {names[0]!r} is not as documented.")


def pictures(source: Mapping[str, Any]) -> list[tuple[str, bytes]]:
    """Return the types and contents of the pictures of a source. Raises Refused."""
    found = source.get("items", [source] if "data" in source else [])
    if "cover_image_data" in source:
        cover = {"content_type": source.get("cover_image_content_type", "")}
        found = [{**cover, "data": source["cover_image_data"]}]
    if not all(map(_picture, found)):
        raise refused(400, 1, "The format of the image is not supported.")
    return [(each["content_type"], base64.b64decode(each["data"])) for each in found]


def check_cover(source: Mapping[str, Any]) -> None:
    """Raise Refused for a video that has no cover, or two."""
    has_picture = {"cover_image_data", "cover_image_content_type"} <= source.keys()
    part = {"cover_image_data", "cover_image_content_type"} & source.keys()
    if bool(part) == ("cover_image_key_frame_time" in source) or bool(part) != has_picture:
        raise refused(400, 1, "Invalid request: media_source needs one cover image.")
