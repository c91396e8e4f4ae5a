"""Errors that the server answers by itself, in the API's envelope and with a request id.

Programs parse every answer as JSON, and some send a POST again whose answer they cannot read.
"""

import json
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

import structlog
from waitress.task import ErrorTask

from config.observability import api_calls, requests
from config.web.server.parser import Parser
from posts.api import errors, parsers
from posts.api.renderers import wrap_error
from posts.errors import RequestRefused

log = structlog.get_logger("access")


def refused_as(error: Any) -> RequestRefused:
    """An error of the parser, ours or waitress's, in the API's words."""
    if isinstance(error, RequestRefused):
        return error
    known = {
        413: parsers.too_large(),
        431: RequestRefused("headers_too_large", "The request's headers are too long."),
        500: RequestRefused("internal_error", "Something went wrong on our side."),
        501: RequestRefused(
            "not_implemented", "This transfer coding is not supported; use chunked."
        ),
    }
    return known.get(error.code, RequestRefused("validation_error", "The request is malformed."))


def answer(request: Parser, refused: RequestRefused) -> tuple[str, list[tuple[str, str]], bytes]:
    """Status, headers and body; and the line in the access log."""
    request_id = requests.choose(request.headers.get("X_REQUEST_ID", ""))
    number = errors.STATUS[refused.code]
    error = wrap_error(errors.body(refused), SimpleNamespace(request_id=request_id))  # type: ignore[arg-type]
    headers = [("Content-Type", "application/json"), (requests.HEADER, request_id)]
    if refused.retry_after_seconds is not None:
        headers.append(("Retry-After", str(refused.retry_after_seconds)))
    api_calls.note_refused(request.command, request.path, number, refused.code, request_id)
    log.info(
        "request_refused",
        method=request.command,
        path=request.path,
        status=number,
        code=refused.code,
        request_id=request_id,
    )
    return f"{number} {HTTPStatus(number).phrase}", headers, json.dumps(error).encode()


def raw(request: Parser, refused: RequestRefused) -> bytes:
    """The same, as the bytes of the last answer before the connection closes."""
    status, headers, body = answer(request, refused)
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
    lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode() + body


class ErrorAnswer(ErrorTask):
    """Answers a request whose parser found an error. The connection ends with it."""

    def execute(self) -> None:
        status, headers, body = answer(self.request, refused_as(self.request.error))
        self.status = status
        self.response_headers.extend(headers)
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(b"" if self.request.command == "HEAD" else body)
