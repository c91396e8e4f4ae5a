"""What X accepts, how it says no, and how it shows a post; see `x.py`."""

import html
import io
import json
import random
import time
import uuid
from http import HTTPStatus
from typing import Any

from PIL import Image, UnidentifiedImageError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from platforms.simulator.store import Account, Post
from platforms.x.length import weighted_length
from platforms.x.links import url_spans

EPOCH_MS = 1288834974657
PROBLEMS = "https://api.x.com/2/problems"
TEXT_WEIGHT = 280
IMAGE_BYTES = 5 * 1024 * 1024
IMAGE_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
KEYS = {
    "text",
    "media",
    "poll",
    "quote_tweet_id",
    "reply",
    "reply_settings",
    "community_id",
    "share_with_followers",
    "for_super_followers_only",
    "geo",
    "made_with_ai",
    "paid_partnership",
    "nullcast",
    "card_uri",
    "edit_options",
}
EXCLUSIVE = {"media", "poll", "quote_tweet_id", "card_uri"}


class Refused(Exception):
    """A request X does not accept; holds the answer."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


def require(account: Account, scope: str) -> None:
    """Without `scopes` an account has granted everything."""
    if scope not in account.extra.get("scopes", [scope]):
        raise Refused(problem(403, "Forbidden"))


def check_body(request: Request, content: bytes) -> dict[str, Any]:
    """The body of a post in the making, if X would take it; raises Refused."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise Refused(problem(415, "Unsupported Media Type"))
    try:
        body = json.loads(content)
    except ValueError:
        raise Refused(invalid("The body is not JSON.", {})) from None
    if not isinstance(body, dict):
        raise Refused(invalid("The body is not an object.", {}))
    for key in body.keys() - KEYS:
        raise Refused(invalid(f"[$.{key}: is not defined in the schema]", {key: [""]}))
    kinds = EXCLUSIVE & body.keys()
    if len(kinds) > 1:
        raise Refused(invalid("These fields exclude each other.", {key: [""] for key in kinds}))
    text = body.get("text", "")
    if not isinstance(text, str) or (not text and not kinds):
        raise Refused(invalid("A text or media is needed.", {"text": [str(text)]}))
    if weighted_length(text) > TEXT_WEIGHT:
        raise Refused(problem(400, "Your Tweet text is too long. For more information, see X."))
    _check_media(body.get("media", {"media_ids": ["1"]}))
    return body


def _check_media(media: Any) -> None:
    ids = media.get("media_ids") if isinstance(media, dict) else None
    strings = isinstance(ids, list) and all(isinstance(item, str) for item in ids)
    if not strings or not 1 <= len(ids or ()) <= 4:
        raise Refused(invalid("media.media_ids takes 1 to 4 ids.", {"media.media_ids": [str(ids)]}))


def read_image(content: bytes) -> dict[str, Any]:
    """What the bytes are, whatever the caller says; raises Refused."""
    if len(content) > IMAGE_BYTES:
        raise Refused(invalid("The media is too big.", {"media": [str(len(content))]}))
    try:
        with Image.open(io.BytesIO(content)) as image:
            kind, (width, height) = IMAGE_TYPES.get(image.format or ""), image.size
    except (UnidentifiedImageError, OSError):
        kind, width, height = None, 0, 0
    if kind is None:
        raise Refused(invalid("The media type is not supported.", {"media": [""]}))
    return {"image_type": kind, "w": width, "h": height}


def problem(status: int, detail: str, kind: str = "about:blank") -> Response:
    title = HTTPStatus(status).phrase
    body = {"title": title, "detail": detail, "type": kind, "status": status}
    return JSONResponse(body, status, media_type="application/problem+json")


def invalid(message: str, parameters: dict[str, Any]) -> Response:
    body = {
        "errors": [{"message": message, "parameters": parameters}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": f"{PROBLEMS}/invalid-request",
    }
    return JSONResponse(body, 400, media_type="application/problem+json")


def not_found(what: str, wanted: str) -> Response:
    detail = f"Could not find {what} with id: [{wanted}]."
    return problem(404, detail, f"{PROBLEMS}/resource-not-found")


def snowflake() -> str:
    return str(((int(time.time() * 1000) - EPOCH_MS) << 22) | random.getrandbits(22))


def created_at(post_id: int) -> float:
    """Unix seconds of the moment an id was made."""
    return ((post_id >> 22) + EPOCH_MS) / 1000


def as_shown(text: str, has_media: bool) -> str:
    """The text as X gives it back: links shortened, three characters escaped."""
    parts, end = [], 0
    for first, last in url_spans(text):
        parts += [html.escape(text[end:first], quote=False), short_link()]
        end = last
    parts.append(html.escape(text[end:], quote=False))
    if has_media:
        parts.append(f" {short_link()}")
    return "".join(parts).strip()


def short_link() -> str:
    return f"https://t.co/{uuid.uuid4().hex[:10]}"


def listed(post: Post) -> dict[str, Any]:
    return {"id": post.id, "text": post.extra["shown"], "edit_history_tweet_ids": [post.id]}
