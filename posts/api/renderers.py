"""Render every answer in its envelope: `data` and `meta`, or `error` and `meta`.

Refusals are bounded in size, so that bad requests cannot cause large answers.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from django.http import HttpRequest
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from posts.api.mounts import is_compat
from posts.errors import RequestRefused


class EnvelopeResponse(Response):
    """An answer that adds to `meta`, beside the request's id."""

    def __init__(self, data: Any, meta: Mapping[str, Any], status: int = 200) -> None:
        super().__init__(data, status)
        self.meta = meta


class PlainResponse(EnvelopeResponse):
    """An answer of strings, 64-bit integers, booleans, nulls, lists and dicts only.

    orjson writes these as `json` does, byte for byte, in a tenth of the time; other types, such as
    fractions, it writes differently.
    """

    def __init__(self, data: Any, meta: Mapping[str, Any] | None = None, status: int = 200) -> None:
        super().__init__(data, meta or {}, status)


def meta(request: HttpRequest | Request | None) -> dict[str, Any]:
    return {
        "request_id": getattr(request, "request_id", ""),
        "timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def wrap_error(error: Any, request: HttpRequest | Request | None) -> dict[str, Any]:
    return {"data": None, "error": error, "meta": meta(request)}


class EnvelopeRenderer(JSONRenderer):
    """Views return bare data; this puts it into the envelope."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        context = renderer_context or {}
        response = context["response"]
        request = context.get("request")
        shaped = wrap_error(data, request)
        if not response.exception:
            # Where the data has the errors, a client that looks for `error` finds the field.
            has_error = response.status_code >= 400 or (request and is_compat(request))
            error = {"error": None} if has_error else {}
            shaped = {"data": data, **error, "meta": shaped["meta"]}
        shaped["meta"].update(getattr(response, "meta", {}))
        if isinstance(response, PlainResponse):
            return _plain(shaped)
        body: bytes = super().render(shaped, accepted_media_type, renderer_context)
        return body


def _plain(shaped: Mapping[str, Any]) -> bytes:
    # JSONRenderer escapes these two, which JavaScript did not take in strings.
    body = orjson.dumps(shaped)
    return body.replace("\u2028".encode(), rb"\u2028").replace("\u2029".encode(), rb"\u2029")


class FixedNegotiation(BaseContentNegotiation):
    """Every view has one representation; the Accept header is ignored."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        kind = (request.content_type or "").partition(";")[0].strip().lower()
        accepted = (p for p in parsers if p.media_type in ("*/*", kind))
        return next(accepted, None)

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


#: The most problems that one refusal lists; the others are counted.
MOST_PROBLEMS = 20
#: The largest error as JSON. Every answer stays well under 64 KB, even to a bulk call.
MOST_BYTES = 16_000
#: One text within an error, such as a field's name or a message about it.
TEXT_BYTES = 600


def bounded(refused: RequestRefused, most_bytes: int = MOST_BYTES) -> RequestRefused:
    """Return the same refusal without the items that do not fit, which are counted.

    A list that was cut, such as `validation_errors`, has its missing items counted in
    `more_validation_errors`.
    """
    message = cut(refused.message, min(2_000, most_bytes // 2))
    room = most_bytes - size(message)
    details: dict[str, Any] = {}
    for name, value in refused.details.items():
        if isinstance(value, Sequence) and not isinstance(value, str):
            kept = _that_fit(value, room)
            details[name] = kept
            if len(kept) < len(value):
                details[f"more_{name}"] = len(value) - len(kept)
            room -= size(kept)
        else:
            details[name] = _small(value)
    if (more := details.get("more_validation_errors")) and len(refused.details) == 1:
        message = f"{message} {more} more problem{' is' if more == 1 else 's are'} not listed."
    made = RequestRefused(refused.code, message, **details)
    made.retry_after_seconds = refused.retry_after_seconds
    return made


def size(value: Any) -> int:
    """Bytes of a value as JSON in UTF-8."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def cut(text: str, most_bytes: int) -> str:
    """The text, cut if needed so that it fits into `most_bytes` of JSON."""
    for chars in (most_bytes, most_bytes // 2, most_bytes // 6):
        shown = text if len(text) <= chars else text[: max(chars - 3, 0)] + "…"
        if size(shown) <= most_bytes:
            return shown
    return ""


def _that_fit(items: Sequence[Any], room: int) -> list[Any]:
    kept: list[Any] = []
    is_about_fields = bool(items) and isinstance(items[0], Mapping)
    for item in items[: MOST_PROBLEMS if is_about_fields else len(items)]:
        shown = _small(item)
        room -= size(shown) + 1
        if room < 0:
            break
        kept.append(shown)
    return kept


def _small(value: Any) -> Any:
    if isinstance(value, str):
        return cut(value, TEXT_BYTES)
    if isinstance(value, Mapping):
        return {name: _small(inner) for name, inner in value.items()}
    return value
