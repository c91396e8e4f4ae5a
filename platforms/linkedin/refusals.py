"""What LinkedIn's refusals mean.

Source: Microsoft Learn, "Error Handling", "Rate Limiting", "Posts API"; bodies seen by others
(read 2026-11-24).
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from platforms.base import explain_by_status
from platforms.client import Answer
from platforms.errors import PlatformError, RateLimited, Rejected, Unauthorized, Unavailable

DUPLICATE = "DUPLICATE_POST"
WAITING = "MEDIA_ASSET_WAITING_UPLOAD"
LOST_MEDIA = {"EXPIRED_UPLOAD_URL", "UPDATING_ASSET_FAILED"}
WAITING_SECONDS = 15
URN = re.compile(r"urn:li:(?:share|ugcPost):(\d+)")


def explain(answer: Answer) -> PlatformError:
    body = answer.error_body()
    code, message = _code(body), str(body.get("message", ""))
    error = _read(answer, code, message)
    error.platform_code = code
    error.http_status = answer.status
    error.request_id = answer.headers.get("x-li-uuid", "")
    error.body = answer.text
    return error


def _read(answer: Answer, code: str, message: str) -> PlatformError:
    status = answer.status
    if status == 429:
        return _limited(answer, message)
    if status == 403 and code == "ACCESS_DENIED":
        return Unauthorized(f"This LinkedIn account has not allowed posting: {message}")
    if status == 409:
        return Unavailable("LinkedIn was changing this account at the same moment.")
    if status == 426:
        return Unavailable("LinkedIn no longer serves the API version this installation uses.")
    if code == WAITING:
        words = "LinkedIn is still processing the media."
        return Unavailable(words, retry_after_seconds=WAITING_SECONDS)
    if code in LOST_MEDIA:
        return Unavailable("LinkedIn has lost the uploaded media.")
    if 400 <= status < 500 and status not in (401, 408):
        return Rejected(f"LinkedIn refused the post: {message or code or status}")
    return explain_by_status("LinkedIn", answer)


def _limited(answer: Answer, message: str) -> PlatformError:
    after = answer.retry_after_seconds()
    if after is None and " DAY " in message:
        now = datetime.now(UTC)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        after = (midnight - now).total_seconds()
    return RateLimited("LinkedIn asks to wait.", retry_after_seconds=after)


def duplicated_urn(refusal: PlatformError) -> str:
    """The post that LinkedIn says was there before; empty if it names none."""
    named = URN.search(refusal.message)
    return named[0] if named else ""


def urn_ms(urn: str) -> int:
    """When a post was made, in unix milliseconds, as its URN tells."""
    named = URN.fullmatch(urn)
    return int(named[1]) >> 22 if named else 0


def _code(body: dict[str, Any]) -> str:
    details = body.get("errorDetails")
    inputs = details.get("inputErrors") if isinstance(details, dict) else None
    first = inputs[0] if isinstance(inputs, list) and inputs else {}
    inner = first.get("code") if isinstance(first, dict) else ""
    return str(inner or body.get("code") or "")
