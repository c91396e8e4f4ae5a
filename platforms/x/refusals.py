"""What X's refusals mean.

Source: docs.x.com, "Response codes and errors", "Rate limits"; bodies seen by others in 2026
(read 2026-11-24). Problem types are matched by their last path segment: their host has changed.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from platforms.base import explain_by_status
from platforms.client import Answer
from platforms.errors import (
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)

DUPLICATE = "duplicate"
MEDIA = "invalid-media"
CREDITS_PAUSE_SECONDS = 3600

#: Legacy codes of accounts that X has locked or suspended.
BLOCKED_CODES = {"63", "64", "326"}
#: Problem types that only the operator of this installation can resolve.
OPERATOR_TYPES = {"client-forbidden", "oauth1-permissions", "unsupported-authentication"}
WINDOWS = ("x-rate-limit", "x-user-limit-24hour", "x-app-limit-24hour")


def explain(answer: Answer) -> PlatformError:
    body = answer.error_body()
    kind, detail = _kind(body), _detail(body)
    error = _read(answer, kind, detail, body)
    error.platform_code = error.platform_code or kind
    error.http_status = answer.status
    error.request_id = answer.headers.get("x-transaction-id", "")
    error.body = answer.text
    return error


def _read(answer: Answer, kind: str, detail: str, body: dict[str, Any]) -> PlatformError:
    status = answer.status
    if kind == "usage-capped":
        return RateLimited(
            "X's usage cap is reached.",
            retry_after_seconds=_until_next(str(body.get("period", ""))),
        )
    if status == 402:
        return RateLimited(
            f"This installation has no X API credits left: {detail}",
            platform_code="credits-depleted",
            retry_after_seconds=CREDITS_PAUSE_SECONDS,
        )
    if status == 429 or kind in ("88", "rate-limit-exceeded"):
        return RateLimited("X asks to wait.", retry_after_seconds=_reset_seconds(answer))
    if status == 403:
        return _forbidden(kind, detail)
    if 400 <= status < 500 and status not in (401, 408):
        if "media IDs are invalid" in detail or "media.media_ids" in _parameters(body):
            return Rejected(f"X refused the media: {detail}", platform_code=MEDIA)
        return Rejected(f"X refused the post: {detail or status}")
    return explain_by_status("X", answer)


def _forbidden(kind: str, detail: str) -> PlatformError:
    words = detail.lower()
    if "duplicate content" in words:
        return Rejected(
            "X refused the post: this account has posted the same text before.",
            platform_code=DUPLICATE,
        )
    if kind == "user-suspended" or kind in BLOCKED_CODES or "temporarily locked" in words:
        return Unauthorized(f"X has blocked this account: {detail}", platform_code=kind)
    if kind in OPERATOR_TYPES:
        return Unavailable(f"X does not accept this installation's app: {detail}")
    if words in ("", "forbidden"):
        return Unauthorized("This X account has not allowed posting; reconnect it.")
    return Rejected(f"X refused the post: {detail}")


def _kind(body: dict[str, Any]) -> str:
    """The last segment of the problem's type, or a legacy code."""
    kind = str(body.get("type", "")).rpartition("/")[2]
    return kind if kind not in ("", "about:blank") else str(_first(body).get("code", ""))


def _detail(body: dict[str, Any]) -> str:
    specific = _first(body).get("message")
    words = specific or body.get("detail") or body.get("message") or body.get("error_description")
    return str(words or body.get("title") or "")


def _first(body: dict[str, Any]) -> dict[str, Any]:
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    return first if isinstance(first, dict) else {}


def _parameters(body: dict[str, Any]) -> dict[str, Any]:
    parameters = _first(body).get("parameters")
    return parameters if isinstance(parameters, dict) else {}


def _reset_seconds(answer: Answer) -> float | None:
    """Until every exhausted window opens; None if X does not say.

    The 24-hour windows may be exhausted while the short one is not.
    """
    if answer.retry_after_seconds() is not None:
        return answer.retry_after_seconds()
    named = [name for name in WINDOWS if answer.headers.get(f"{name}-reset", "").isdigit()]
    spent = [name for name in named if answer.headers.get(f"{name}-remaining", "0") == "0"]
    resets = [int(answer.headers[f"{name}-reset"]) for name in spent or named]
    return max(max(resets) - time.time(), 1) if resets else None


def _until_next(period: str) -> float:
    """Seconds to the next day or month in UTC."""
    now = datetime.now(UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = 1
    if period.lower() == "monthly":
        days = ((midnight.replace(day=28) + timedelta(days=4)).replace(day=1) - midnight).days
    return (midnight + timedelta(days=days) - now).total_seconds()
