"""The conventions of the Data API: errors, query parameters, scopes, quota.

Source: YouTube Data API v3 discovery document, revision 20261104; Errors; Quota Calculator
(read 2026-11-24).
"""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from platforms.simulator.network import Network

SCOPE = "https://www.googleapis.com/auth/"
UPLOAD = ("youtube.upload", "youtube", "youtube.force-ssl")
READ = ("youtube.readonly", "youtube", "youtube.force-ssl")
#: Parameters of every method of a Google API.
COMMON = {
    "$.xgafv",
    "access_token",
    "alt",
    "callback",
    "fields",
    "key",
    "oauth_token",
    "prettyPrint",
    "quotaUser",
    "uploadType",
    "upload_protocol",
}
PACIFIC = ZoneInfo("America/Los_Angeles")


def error(
    code: int,
    reason: str,
    message: str,
    domain: str = "youtube.video",
    *,
    status: str = "",
    details: list[dict[str, Any]] | None = None,
) -> Response:
    body: dict[str, Any] = {
        "code": code,
        "message": message,
        "errors": [{"message": message, "domain": domain, "reason": reason}],
    }
    if status:
        body["status"] = status
    if details:
        body["details"] = details
    return Response(json.dumps({"error": body}), code, media_type="application/json")


def no_scope(network: Network, request: Request, scopes: Collection[str]) -> Response | None:
    """The error of a token that has none of these scopes."""
    token = network.token(request)
    if token and any(token.allows(SCOPE + scope) for scope in scopes):
        return None
    details = [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
            "domain": "googleapis.com",
        }
    ]
    message = "Request had insufficient authentication scopes."
    refused = error(
        403,
        "insufficientPermissions",
        message,
        "global",
        status="PERMISSION_DENIED",
        details=details,
    )
    refused.headers["WWW-Authenticate"] = (
        f'Bearer realm="https://accounts.google.com/", error="insufficient_scope",'
        f' scope="{" ".join(SCOPE + scope for scope in scopes)}"'
    )
    return refused


def bad_query(
    request: Request, known: Collection[str], parts: Collection[str] = ()
) -> Response | None:
    """The error of unknown parameters, and of missing or unknown parts."""
    for name in request.query_params:
        if name not in COMMON and name not in known:
            message = f"Invalid query parameter: {name!r}."
            return error(400, "invalidParameter", message, "youtube.parameter")
    if not parts:
        return None
    asked = parts_of(request)
    if not asked:
        message = "No filter selected. Expected one of: part"
        return error(400, "missingRequiredParameter", message, "youtube.parameter")
    for part in asked:
        if part not in parts:
            return error(400, "unknownPart", f"'{part}'", "youtube.part")
    return None


def parts_of(request: Request) -> tuple[str, ...]:
    """The parts asked for; the parameter may be repeated, and may name several."""
    listed = ",".join(request.query_params.getlist("part"))
    return tuple(part.strip() for part in listed.split(",") if part.strip())


def spend(network: Network, units: int) -> Response | None:
    """Charge the project's daily units; returns an error once they are used up."""
    most = network.setting("", "units_per_day", 0)
    if count(network, "units", units, most):
        return None
    message = "The request cannot be completed because you have exceeded your quota."
    return error(403, "quotaExceeded", message, "youtube.quota")


def spend_upload(network: Network, account: str) -> Response | None:
    """Charge an upload to the project and the channel; returns an error at either limit."""
    if not count(network, "uploads", 1, network.setting("", "uploads_per_day", 0)):
        message = (
            "Quota exceeded for quota metric 'Video Uploads' and limit 'Video Uploads per day'"
            " of service 'youtube.googleapis.com' for consumer 'project_number:424242424242'."
        )
        return error(429, "rateLimitExceeded", message, "global", status="RESOURCE_EXHAUSTED")
    most = network.setting(account, "channel_uploads_per_day", 0)
    if not count(network, f"uploads of {account}", 1, most):
        message = "The user has exceeded the number of videos they may upload."
        return error(400, "uploadLimitExceeded", message)
    return None


def count(network: Network, what: str, units: int, most: int) -> bool:
    """Add to the use since midnight Pacific; False if it exceeds `most` (0: no limit)."""
    day = datetime.fromtimestamp(network.store.now(), PACIFIC).date()
    name = f"{what} on {day}"
    used = (network.store.get(network.key, "quota", name) or {"units": 0})["units"] + units
    network.store.put(network.key, "quota", name, "", {"units": used})
    return not most or used <= most
