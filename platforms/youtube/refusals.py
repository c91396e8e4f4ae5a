"""What a refusal of YouTube means.

Source: YouTube Data API, Errors and Quota Calculator; Google APIs global errors (read 2026-11-24).
A refused project quota reaches us as 403 quotaExceeded or as 429 with "per day" in its message.
"""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from platforms.client import Answer
from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
)

PACIFIC = ZoneInfo("America/Los_Angeles")
DAY_SECONDS = 24 * 3600
#: A limit of requests per minute, where the answer does not say how long.
SHORT_SECONDS = 30

DAILY = {"quotaExceeded", "dailyLimitExceeded"}
FREQUENT = {"rateLimitExceeded", "userRateLimitExceeded", "RESOURCE_EXHAUSTED"}
ACCOUNT = {
    "authError": "YouTube no longer accepts this account's authorization; reconnect it.",
    "expired": "YouTube no longer accepts this account's authorization; reconnect it.",
    "youtubeSignupRequired": "This Google account has no YouTube channel; reconnect one that has.",
    "insufficientPermissions": "Uploading to YouTube was not allowed; reconnect and allow it.",
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": "Uploading to YouTube was not allowed; reconnect and "
    "allow it.",
    "forbidden": "YouTube does not allow this account to upload; reconnect it.",
    "accountDelegationForbidden": "YouTube does not allow this account to act for the channel.",
    "authenticatedUserNotChannel": "YouTube does not allow this account to act for the channel.",
    "authenticatedUserAccountSuspended": "YouTube has suspended this account.",
    "authenticatedUserAccountClosed": "This YouTube account is closed.",
}


def reason(answer: Answer) -> str:
    """YouTube's own word for the refusal; empty where the body does not hold one."""
    error = _error(answer)
    scopes = [d.get("reason", "") for d in _dicts(error.get("details"))]
    if "ACCESS_TOKEN_SCOPE_INSUFFICIENT" in scopes:
        return "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    reasons = [str(e["reason"]) for e in _dicts(error.get("errors")) if e.get("reason")]
    return reasons[0] if reasons else str(error.get("status") or "")


def explain(answer: Answer) -> PlatformError:
    """The error an answer stands for. Without a readable reason a refused last byte is unknown:
    the session can be asked, and a stray proxy proves nothing.
    """
    word, said = reason(answer), str(_error(answer).get("message") or "")
    facts: dict[str, Any] = {"platform_code": word, "http_status": answer.status}
    if answer.status == 401 or word in ACCOUNT:
        return Unauthorized(ACCOUNT.get(word, ACCOUNT["authError"]), **facts)
    if answer.status == 429 or word in DAILY | FREQUENT:
        return _limited(answer, word, said, facts)
    if word == "uploadLimitExceeded":
        message = "This channel has uploaded all that YouTube allows for a day."
        return RateLimited(message, retry_after_seconds=DAY_SECONDS, **facts)
    if answer.status in (404, 410):
        return OutcomeUnknown("YouTube no longer knows the upload.", **facts)
    if answer.status == 408 or answer.status >= 500 or (answer.irreversible and not word):
        return OutcomeUnknown(f"YouTube answered {answer.status}.", **facts)
    return Rejected(f"YouTube refused the video: {said or answer.status}", **facts)


def _limited(answer: Answer, word: str, said: str, facts: dict[str, Any]) -> RateLimited:
    if word in DAILY or "per day" in said:
        message = "The day's YouTube quota is used up; it begins anew at midnight Pacific time."
        return RateLimited(message, retry_after_seconds=_seconds_to_midnight(), **facts)
    pause = answer.retry_after_seconds() or SHORT_SECONDS
    return RateLimited("Rate limit exceeded on YouTube.", retry_after_seconds=pause, **facts)


def _seconds_to_midnight() -> float:
    now = datetime.now(PACIFIC)
    tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    # By timestamps, because a day may have 23 or 25 hours.
    return tomorrow.timestamp() - now.timestamp()


def _error(answer: Answer) -> dict[str, Any]:
    error = answer.error_body().get("error")
    return error if isinstance(error, dict) else {}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
