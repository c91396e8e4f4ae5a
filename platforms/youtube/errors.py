"""Map YouTube's refusals to meanings.

Source: YouTube Data API, Errors, videos.insert, thumbnails.set and Quota Calculator; Google APIs
global errors (read 2026-11-24). An exhausted project quota is a 403 quotaExceeded, or a 429 with
"per day" in its message.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from platforms import clock
from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)
from platforms.http.client import Answer
from platforms.http.refusals import Meaning

PACIFIC = ZoneInfo("America/Los_Angeles")
DAY_SECONDS = 24 * 3600
#: For a limit of requests per minute, if the answer does not say how long.
SHORT_SECONDS = 30


RECONNECT = Meaning(
    Unauthorized,
    "YouTube no longer accepts this account's authorization; reconnect it.",
)
NO_CHANNEL = Meaning(
    Unauthorized,
    "This Google account has no YouTube channel; reconnect one that has.",
)
NOT_ALLOWED = Meaning(
    Unauthorized,
    "Uploading to YouTube was not allowed; reconnect and allow it.",
    "permission_missing",
)
FORBIDDEN = Meaning(
    Unauthorized,
    "YouTube does not allow this account to do that on the channel; reconnect it: {said}",
    "permission_missing",
)
SUSPENDED = Meaning(Unauthorized, "YouTube has suspended this account.", "account_restricted")
CLOSED = Meaning(Unauthorized, "This YouTube account is closed.", "account_restricted")
QUOTA = Meaning(
    RateLimited,
    "This installation's daily YouTube quota is exhausted; it resets at midnight Pacific time.",
    "app_quota_exhausted",
)
FREQUENT = Meaning(RateLimited, "YouTube asks to send fewer requests.", wait_seconds=SHORT_SECONDS)
CHANNEL_DAY = Meaning(
    RateLimited,
    "This channel has reached YouTube's daily limit of uploads.",
    "daily_limit_reached",
    DAY_SECONDS,
)
PICTURE_DAY = Meaning(
    RateLimited,
    "This channel has reached YouTube's daily limit of thumbnails.",
    "daily_limit_reached",
    DAY_SECONDS,
)
APP = Meaning(Unavailable, "Google does not accept this installation's app: {said}", "app_refused")
WORDS = Meaning(Rejected, "YouTube refused the video's title or description: {said}")
OPTION = Meaning(Rejected, "YouTube refused an option of the video: {said}", "option_rejected")
FILE = Meaning(Rejected, "YouTube refused the file: {said}", "media_rejected")
#: A request that is wrong by our own fault.
OURS = Meaning(Rejected, "YouTube did not understand the request: {said}", "internal_error")

#: YouTube's word → what it means.
MEANINGS: Mapping[str, Meaning] = {
    **dict.fromkeys(("authError", "expired", "UNAUTHENTICATED"), RECONNECT),
    "youtubeSignupRequired": NO_CHANNEL,
    "insufficientPermissions": NOT_ALLOWED,
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": NOT_ALLOWED,
    "forbidden": FORBIDDEN,
    "accountDelegationForbidden": FORBIDDEN,
    "authenticatedUserNotChannel": FORBIDDEN,
    "authenticatedUserAccountSuspended": SUSPENDED,
    "authenticatedUserAccountClosed": CLOSED,
    "quotaExceeded": QUOTA,
    "dailyLimitExceeded": QUOTA,
    **dict.fromkeys(("rateLimitExceeded", "userRateLimitExceeded", "RESOURCE_EXHAUSTED"), FREQUENT),
    "uploadLimitExceeded": CHANNEL_DAY,
    "uploadRateLimitExceeded": PICTURE_DAY,
    **dict.fromkeys(("accessNotConfigured", "SERVICE_DISABLED"), APP),
    **dict.fromkeys(("invalidTitle", "invalidDescription", "invalidVideoMetadata"), WORDS),
    **dict.fromkeys(("invalidTags", "invalidCategoryId", "invalidPublishAt"), OPTION),
    **dict.fromkeys(("invalidRecordingDetails", "defaultLanguageNotSet"), OPTION),
    **dict.fromkeys(("forbiddenPrivacySetting", "forbiddenLicenseSetting"), OPTION),
    **dict.fromkeys(("invalidFilename", "mediaBodyRequired", "invalidImage"), FILE),
    **dict.fromkeys(("badRequest", "badContent", "parseError", "invalidContentRange"), OURS),
    **dict.fromkeys(("unknownPart", "unexpectedPart", "missingRequiredParameter"), OURS),
}


def reason(answer: Answer) -> str:
    """YouTube's reason for the refusal; empty if the body holds none."""
    error = answer.error_object()
    details = [str(detail.get("reason", "")) for detail in _dicts(error.get("details"))]
    for known in ("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "SERVICE_DISABLED"):
        if known in details:
            return known
    reasons = [str(e["reason"]) for e in _dicts(error.get("errors")) if e.get("reason")]
    return reasons[0] if reasons else str(error.get("status") or "")


def judges_video(answer: Answer) -> bool:
    """Return whether YouTube has refused the video itself, rather than a malformed request."""
    return MEANINGS.get(reason(answer), OURS) is not OURS


def explain(answer: Answer) -> PlatformError:
    """The error that an answer means. A refused last byte without a readable reason is unknown:
    it may come from a proxy, and the session can be asked.
    """
    word, said = reason(answer), str(answer.error_object().get("message") or "")
    facts: dict[str, Any] = {"platform_code": word, "http_status": answer.status}
    if meaning := _meaning(answer, word, said):
        pause = _pause_seconds(answer, meaning)
        shown = said or word or str(answer.status)
        return meaning.as_error(shown, retry_after_seconds=pause, **facts)
    if answer.status in (404, 410):
        message = "YouTube does not know what was requested, or no longer does."
        return OutcomeUnknown(message, **facts)
    if answer.status == 408 or answer.status >= 500 or (answer.irreversible and not word):
        return OutcomeUnknown(f"YouTube answered {answer.status}.", **facts)
    message = f"YouTube refused the video: {said or answer.status}"
    return Rejected(message, unmapped=True, **facts)


def _meaning(answer: Answer, word: str, said: str) -> Meaning | None:
    if answer.status >= 500:
        return None
    if "per day" in said and MEANINGS.get(word) is FREQUENT:
        return QUOTA
    if answer.status == 401 and MEANINGS.get(word) is not NO_CHANNEL:
        return RECONNECT
    if answer.status == 429 and word not in MEANINGS:
        return FREQUENT
    return MEANINGS.get(word)


def _pause_seconds(answer: Answer, meaning: Meaning) -> float | None:
    """Return None for the meaning's own pause."""
    if meaning is QUOTA:
        return _seconds_to_midnight()
    return answer.retry_after_seconds() if meaning is FREQUENT else None


def _seconds_to_midnight() -> float:
    now = clock.now().astimezone(PACIFIC)
    tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    # By timestamps, because a day may have 23 or 25 hours.
    return tomorrow.timestamp() - now.timestamp()


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
