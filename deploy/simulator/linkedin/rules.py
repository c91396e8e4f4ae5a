"""What LinkedIn accepts, its errors, and how it shows a text."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulator.network import Refused, is_json, json_object
from deploy.simulator.strict import Fits, flag, list_of, text

#: The elements of "Little Text Format" (Microsoft Learn, read 2026-12-03).
TEMPLATE = re.compile(r"\{hashtag\|\\?#\|((?:\\.|[^\\{|}])+)\}")
MENTION = re.compile(r"@\[(?:\\.|[^\\\[\]])+\]\(urn:li:(?:organization|person):[A-Za-z0-9_-]+\)")
HASHTAG = re.compile(r"#(\w+)")
ACTIVE_VERSIONS = {"202512", *(f"2026{month:02}" for month in range(1, 12))}
TEXT_UNITS = 3000
ALT_TEXT_CHARS = 4086
DURATIONS = ("ONE_DAY", "THREE_DAYS", "SEVEN_DAYS", "FOURTEEN_DAYS")


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


#: The fields of each object: the required ones and the optional ones.
FIELDS: Mapping[str, tuple[set[str], set[str]]] = {
    "": (
        {"author", "commentary", "visibility", "distribution", "lifecycleState"},
        {"content", "isReshareDisabledByAuthor", "reshareContext", "adContext", "container"}
        | {"contentCallToActionLabel", "contentLandingPage"},
    ),
    "distribution": (
        {"feedDistribution"},
        {"targetEntities", "thirdPartyDistributionChannels"},
    ),
    "media": ({"id"}, {"altText", "title"}),
    "images": ({"id"}, {"altText"}),
    "multiImage": ({"images"}, {"altText"}),
    "article": (
        {"source", "title"},
        {"description", "thumbnail", "thumbnailAltText"},
    ),
    "poll": ({"question", "options", "settings"}, set()),
    "options": ({"text"}, set()),
    "settings": ({"duration"}, {"voteSelectionType", "isVoterVisibleToAuthor"}),
}
#: Field → what it holds, where a call does not look closer.
TYPES: Mapping[str, Fits] = {
    "targetEntities": list_of(_is_object),
    "thirdPartyDistributionChannels": list_of(text),
    "title": text,
    "description": text,
    "altText": text,
    "thumbnailAltText": text,
    "owner": text,
    "uploadCaptions": flag,
    "uploadThumbnail": flag,
}


def check_headers(request: Request, retired: Collection[str]) -> None:
    version = request.headers.get("linkedin-version", "")
    if not version:
        raise Refused(problem(400, "VERSION_MISSING", "A version must be present."))
    if version not in ACTIVE_VERSIONS or version in retired:
        message = f"Requested version {version} is not active"
        raise Refused(problem(426, "NONEXISTENT_VERSION", message))
    if request.headers.get("x-restli-protocol-version") != "2.0.0":
        raise Refused(invalid("X-Restli-Protocol-Version is not 2.0.0."))


async def read_json(request: Request) -> dict[str, Any]:
    if not is_json(request):
        raise Refused(problem(415, "", "The Content-Type is not application/json."))
    body = await json_object(request)
    if body is None:
        raise Refused(invalid("The body is not a JSON object."))
    return body


def check_body(body: dict[str, Any], *, organization: bool) -> None:
    """Raises Refused unless the body is that of a valid post. Does not check its files."""
    fields("", body)
    fields("distribution", body["distribution"])
    if body["distribution"]["feedDistribution"] not in ("MAIN_FEED", "NONE"):
        raise Refused(invalid("distribution.feedDistribution"))
    audiences = ("PUBLIC", "LOGGED_IN") if organization else ("PUBLIC", "CONNECTIONS", "LOGGED_IN")
    if body["visibility"] not in audiences:
        raise Refused(invalid("visibility"))
    if body["lifecycleState"] != "PUBLISHED":
        raise Refused(invalid("lifecycleState"))
    if not isinstance(body["commentary"], str):
        raise Refused(invalid("commentary"))
    if not isinstance(body.get("isReshareDisabledByAuthor", False), bool):
        raise Refused(invalid("isReshareDisabledByAuthor"))
    if len(as_read(body["commentary"]).encode("utf-16-le")) // 2 > TEXT_UNITS:
        raise Refused(problem(400, "FIELD_LENGTH_TOO_LONG", "commentary is too long."))
    if "content" in body:
        check_content(body["content"])


def check_content(content: Any) -> None:
    kinds = ("media", "multiImage", "article", "poll")
    if not isinstance(content, dict) or len(content) != 1 or not set(content) <= set(kinds):
        raise Refused(invalid("content holds exactly one kind."))
    [(kind, value)] = content.items()
    fields(kind, value)
    if kind == "multiImage":
        images = value["images"]
        if not isinstance(images, list) or not 2 <= len(images) <= 20:
            raise Refused(invalid("multiImage takes 2 to 20 images."))
        for image in images:
            fields("images", image)
    if kind == "article" and not str(value["source"]).startswith(("https://", "http://")):
        raise Refused(invalid("article.source"))
    if kind == "poll":
        _check_poll(value)
    for item in attached({"content": content}):
        _check_item(item, kind)


def _check_item(item: dict[str, Any], kind: str) -> None:
    what = str(item["id"]).removeprefix("urn:li:").partition(":")[0]
    if what not in (("image", "video", "document") if kind == "media" else ("image",)):
        raise Refused(problem(400, "INVALID_URN_TYPE", f"{item['id']} is not allowed here."))
    if what == "document" and not item.get("title"):
        raise Refused(problem(400, "MISSING_FIELD", "content.media.title is required."))
    if what != "image" and item.get("altText"):
        raise Refused(invalid("altText is for images."))
    if item.get("altText") == "":
        raise Refused(problem(400, "INVALID_VALUE_BLANK_FIELD", "altText is blank."))
    if len(item.get("altText", "")) > ALT_TEXT_CHARS:
        raise Refused(problem(400, "FIELD_LENGTH_TOO_LONG", "altText is too long."))


def _check_poll(poll: dict[str, Any]) -> None:
    options = poll["options"]
    if not isinstance(options, list) or not 2 <= len(options) <= 4:
        raise Refused(invalid("poll.options takes 2 to 4 options."))
    for option in options:
        fields("options", option)
    texts = [(poll["question"], 140), *((option["text"], 30) for option in options)]
    if any(not isinstance(text, str) or not 0 < len(text) <= most for text, most in texts):
        raise Refused(problem(400, "FIELD_LENGTH_TOO_LONG", "A text of the poll is too long."))
    fields("settings", poll["settings"])
    if poll["settings"]["duration"] not in DURATIONS:
        raise Refused(invalid("poll.settings.duration"))


def fields(name: str, value: Any) -> None:
    """Raises Refused for a missing or unknown field."""
    required, allowed = FIELDS[name]
    if not isinstance(value, dict):
        raise Refused(invalid(f"{name} is not an object."))
    for missing in sorted(required - value.keys()):
        raise Refused(problem(400, "MISSING_FIELD", f"{name}/{missing} is required."))
    for unknown in sorted(value.keys() - required - allowed):
        message = f"ERROR :: /{name}/{unknown} :: unrecognized field found but not allowed\n"
        raise Refused(JSONResponse({"message": message, "status": 422}, 422))
    check_types(value)


def check_types(value: Mapping[str, Any]) -> None:
    """Raises Refused for a field that does not hold what TYPES says."""
    for name, item in value.items():
        if name in TYPES and not TYPES[name](item):
            raise Refused(invalid(name))


def attached(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The files of a body, each with its `id`."""
    content = body.get("content", {})
    if "multiImage" in content:
        return list(content["multiImage"]["images"])
    if "media" in content:
        return [content["media"]]
    article = content.get("article", {})
    if "thumbnail" not in article:
        return []
    alt_text = article.get("thumbnailAltText")
    return [{"id": article["thumbnail"], **({} if alt_text is None else {"altText": alt_text})}]


def as_read(commentary: str) -> str:
    """The text that readers see: cut at the first unescaped reserved character."""
    shown, at = [], 0
    while at < len(commentary):
        special = TEMPLATE.match(commentary, at) or MENTION.match(commentary, at)
        special = special or HASHTAG.match(commentary, at)
        if special:
            tag = commentary[at] in "{#"
            name = special[1] if tag else special[0][2:].partition("]")[0]
            shown.append(f"#{name}".replace("\\", "") if tag else name)
            at = special.end()
        elif commentary[at] == "\\" and at + 1 < len(commentary):
            shown.append(commentary[at + 1])
            at += 2
        elif commentary[at] in "\\|{}@[]()<>#*_~":
            break
        else:
            shown.append(commentary[at])
            at += 1
    return "".join(shown)


def problem(status: int, code: str, message: str, service_code: int | None = None) -> Response:
    body: dict[str, Any] = {"status": status, "message": message}
    if code:
        body["code"] = code
    if service_code:
        body["serviceErrorCode"] = service_code
    return JSONResponse(body, status)


def invalid(message: str) -> Response:
    return problem(400, "INVALID_VALUE_FOR_FIELD", message)


def denied(what: str, resource: str = "partnerApiPostsExternal") -> Response:
    message = f"Not enough permissions to access: {resource}.{what}.20260801"
    return problem(403, "ACCESS_DENIED", message, 100)


def duplicate(urn: str) -> Response:
    message = f"Content is a duplicate of {urn}"
    body = {
        "errorDetailType": "com.linkedin.common.error.BadRequest",
        "message": message,
        "errorDetails": {"inputErrors": [{"description": message, "code": "DUPLICATE_POST"}]},
        "status": 422,
    }
    return JSONResponse(body, 422)
