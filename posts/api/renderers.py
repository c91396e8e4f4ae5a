"""The envelope of every answer: `data` and `meta`, or `error` and `meta`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from django.http import HttpRequest
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from posts.api.mounts import is_compat


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
