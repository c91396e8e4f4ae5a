"""X's error bodies."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse, Response

PROBLEMS = "https://api.x.com/2/problems"
OLD_PROBLEMS = "https://api.twitter.com/2/problems"


def problem(status: int, detail: str, kind: str = "about:blank") -> Response:
    title = HTTPStatus(status).phrase
    body = {"title": title, "detail": detail, "type": kind, "status": status}
    return JSONResponse(body, status, media_type="application/problem+json")


def invalid(message: str, parameters: Mapping[str, Any]) -> Response:
    body = {
        "errors": [{"message": message, "parameters": dict(parameters)}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": f"{PROBLEMS}/invalid-request",
    }
    return JSONResponse(body, 400, media_type="application/problem+json")


def not_found(what: str, wanted: str) -> Response:
    detail = f"Could not find {what} with id: [{wanted}]."
    return problem(404, detail, f"{PROBLEMS}/resource-not-found")


def with_old_types(answer: Response) -> None:
    """Use the problem types from before July 2026."""
    answer.body = bytes(answer.body).replace(PROBLEMS.encode(), OLD_PROBLEMS.encode())
    answer.headers["content-length"] = str(len(answer.body))
