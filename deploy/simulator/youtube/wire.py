"""The conventions of the Data API: errors, query parameters, scopes, quota.

Source: YouTube Data API v3 discovery document, revision 20261104; Errors; Quota Calculator
(read 2026-11-24).
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import JSONResponse

from deploy.simulator.network import Network, Refused

SCOPE = "https://www.googleapis.com/auth/"
UPLOAD = ("youtube.upload", "youtube", "youtube.force-ssl")
MANAGE = ("youtube", "youtube.force-ssl")
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


class DataError(Refused):
    """A refused call, as the Data API answers it."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        domain: str = "youtube.video",
        **more: Any,
    ) -> None:
        error = {"message": message, "domain": domain, "reason": reason}
        body = {"code": code, "message": message, "errors": [error], **more}
        super().__init__(JSONResponse({"error": body}, code))


def admit(
    network: Network,
    request: Request,
    scopes: Collection[str],
    known: Collection[str],
    parts: Collection[str] = (),
) -> None:
    """Raises DataError for a missing scope, unknown parameters, and missing or unknown parts."""
    token = network.token(request)
    if not token or not any(token.allows(SCOPE + scope) for scope in scopes):
        raise _no_scope(scopes)
    for name in request.query_params:
        if name not in COMMON and name not in known:
            message = f"Invalid query parameter: {name!r}."
            raise DataError(400, "invalidParameter", message, "youtube.parameter")
    asked = parts_of(request)
    if parts and not asked:
        message = "No filter selected. Expected one of: part"
        raise DataError(400, "missingRequiredParameter", message, "youtube.parameter")
    for part in asked:
        if parts and part not in parts:
            raise DataError(400, "unknownPart", f"'{part}'", "youtube.part")


def _no_scope(scopes: Collection[str]) -> DataError:
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
    }
    message = "Request had insufficient authentication scopes."
    more = {"status": "PERMISSION_DENIED", "details": [info]}
    refused = DataError(403, "insufficientPermissions", message, "global", **more)
    refused.answer.headers["WWW-Authenticate"] = (
        f'Bearer realm="https://accounts.google.com/", error="insufficient_scope",'
        f' scope="{" ".join(SCOPE + scope for scope in scopes)}"'
    )
    return refused


def parts_of(request: Request) -> tuple[str, ...]:
    """The parts asked for; the parameter may be repeated, and may name several."""
    listed = ",".join(request.query_params.getlist("part"))
    return tuple(part.strip() for part in listed.split(",") if part.strip())


def spend(network: Network, units: int) -> None:
    """Charge the project's daily units. Raises DataError once they are used up."""
    if not count(network, "units", units, network.setting("", "units_per_day", 0)):
        message = "The request cannot be completed because you have exceeded your quota."
        raise DataError(403, "quotaExceeded", message, "youtube.quota")


def spend_upload(network: Network, account: str) -> None:
    """Charge an upload to the project and the channel. Raises DataError at either limit."""
    if not count(network, "uploads", 1, network.setting("", "uploads_per_day", 0)):
        message = (
            "Quota exceeded for quota metric 'Video Uploads' and limit 'Video Uploads per day'"
            " of service 'youtube.googleapis.com' for consumer 'project_number:424242424242'."
        )
        raise DataError(429, "rateLimitExceeded", message, "global", status="RESOURCE_EXHAUSTED")
    most = network.setting(account, "channel_uploads_per_day", 0)
    if not count(network, f"uploads of {account}", 1, most):
        message = "The user has exceeded the number of videos they may upload."
        raise DataError(400, "uploadLimitExceeded", message)


def count(network: Network, what: str, units: int, most: int) -> bool:
    """Add to the use since midnight Pacific; False if it exceeds `most` (0: no limit)."""
    day = datetime.fromtimestamp(network.store.now(), PACIFIC).date()
    used = network.tally(f"{what} on {day}", units)
    return not most or used <= most
