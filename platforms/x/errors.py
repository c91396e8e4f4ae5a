"""Map X's refusals to meanings, as tables.

Source: docs.x.com, "Response codes and errors", "Rate limits"; bodies seen by others in 2026
(read 2026-11-24). Problem types are matched by their last path segment: their host has changed.
"""

from datetime import timedelta
from typing import Any

from platforms import clock
from platforms.errors import PlatformError, RateLimited, Rejected, Unauthorized, Unavailable
from platforms.http.client import Answer
from platforms.http.foreign.stated import as_count, seconds_until
from platforms.http.refusals import Meaning, explain_by_status

BLOCKED = Meaning(Unauthorized, "X has blocked this account: {said}", "account_restricted")
BAD_APP = Meaning(Unavailable, "X does not accept this installation's app: {said}", "app_refused")
LIMITED = Meaning(RateLimited, "X asks to wait. {said}")
DAY_SPENT = Meaning(RateLimited, "X asks to wait. {said}", "daily_limit_reached")
APP_DAY_SPENT = Meaning(
    RateLimited,
    "X's daily limit of this installation's app is reached. {said}",
    "app_quota_exhausted",
)
CAPPED = Meaning(RateLimited, "X's usage cap is reached. {said}", "app_quota_exhausted")
NO_CREDITS = Meaning(
    RateLimited,
    "This installation has no X credits left: {said}",
    "credits_depleted",
    wait_seconds=3600,
)
REFUSED = Meaning(Rejected, "X refused the post: {said}")
BAD_MEDIA = Meaning(Rejected, "X refused the media: {said}", "media_rejected")
NO_SCOPE = Meaning(
    Unauthorized,
    "This X account has not allowed posting; reconnect it. {said}",
    "permission_missing",
)

#: X's words for media that it does not know, has not processed, or that another user owns.
MEDIA_IDS, MEDIA_FIELD = "media ids are invalid", "media.media_ids"

#: By the last segment of a problem's type, or by a legacy code.
KINDS: dict[str, Meaning] = {
    "usage-capped": CAPPED,
    "rate-limit-exceeded": LIMITED,
    "88": LIMITED,
    "credits": NO_CREDITS,
    "credits-depleted": NO_CREDITS,
    **dict.fromkeys(("user-suspended", "63", "64", "326"), BLOCKED),
    **dict.fromkeys(
        ("client-forbidden", "oauth1-permissions", "unsupported-authentication"), BAD_APP
    ),
}
#: By a part of X's words in lower case; the first match counts.
WORDS: dict[str, Meaning] = {
    "duplicate content": Meaning(
        Rejected,
        "X refused the post: this account has posted the same text before. {said}",
        "duplicate_content",
    ),
    "text is too long": Meaning(Rejected, "X refused the post: {said}", "text_too_long"),
    MEDIA_IDS: BAD_MEDIA,
    "post a video longer": BAD_MEDIA,
    "temporarily locked": BLOCKED,
    "is suspended": BLOCKED,
    "reply to this conversation": REFUSED,
    "quote": Meaning(Rejected, "X refused the post: {said}", "option_rejected"),
    "url": REFUSED,
    "cashtag": REFUSED,
    "not permitted to perform this action": REFUSED,
}
#: Types that say little; the words come first.
VAGUE: dict[str, Meaning] = {
    "resource-not-found": Meaning(
        Rejected, "X does not know what the post refers to: {said}", "target_missing"
    ),
    "invalid-request": REFUSED,
}
STATUSES: dict[int, Meaning] = {402: NO_CREDITS, 429: LIMITED}
#: Windows of a day that may be used up while the short one is not; the app's is the operator's.
DAYS = {"x-app-limit-24hour": APP_DAY_SPENT, "x-user-limit-24hour": DAY_SPENT}
WINDOWS = ("x-rate-limit", *DAYS)


def explain(answer: Answer) -> PlatformError:
    body = answer.error_body()
    kind, detail = _kind(body), _detail(body)
    if meaning := _meaning(answer, kind, detail, body):
        error = meaning.as_error(detail, retry_after_seconds=_wait(meaning, answer, body))
    else:
        error = explain_by_status("X", answer)
        if isinstance(error, Rejected):
            error.message = f"X refused the post: {detail or answer.status}"
    error.platform_code = kind
    error.http_status = answer.status
    error.request_id = answer.headers.get("x-transaction-id", "")
    error.body = answer.text
    return error


def is_about_media_ids(error: PlatformError) -> bool:
    """Return whether uploading the files again may help."""
    told = MEDIA_IDS in error.message.lower() or MEDIA_FIELD in error.body
    return error.code == BAD_MEDIA.code and told


def _meaning(answer: Answer, kind: str, detail: str, body: dict[str, Any]) -> Meaning | None:
    """Return the meaning; None: the status decides, as a server error's words prove nothing."""
    status = answer.status
    if status >= 500 or status in (401, 408):
        return None
    words = detail.lower()
    told = (meaning for part, meaning in WORDS.items() if part in words)
    if meaning := KINDS.get(kind) or STATUSES.get(status) or next(told, None):
        return _window_of(answer) if meaning is LIMITED else meaning
    if MEDIA_FIELD in _parameters(body):
        return BAD_MEDIA
    if status == 403 and words in ("", "forbidden"):
        return NO_SCOPE
    return VAGUE.get(kind)


def _wait(meaning: Meaning, answer: Answer, body: dict[str, Any]) -> float | None:
    if meaning is CAPPED:
        return _until_next(str(body.get("period", "")))
    return _reset_seconds(answer) if meaning in (LIMITED, *DAYS.values()) else None


def _window_of(answer: Answer) -> Meaning:
    spent = (day for name, day in DAYS.items() if answer.headers.get(f"{name}-remaining") == "0")
    return next(spent, LIMITED)


def _kind(body: dict[str, Any]) -> str:
    """Return the last segment of the problem's type, or a legacy code."""
    kind = str(body.get("type", "")).rpartition("/")[2]
    if kind in ("", "about:blank"):
        return str(_first(body).get("code") or body.get("code") or body.get("error") or "")
    return kind


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
    """Return seconds until every exhausted window opens; None if X does not say.

    The 24-hour windows may be exhausted while the short one is not.
    """
    if answer.retry_after_seconds() is not None:
        return answer.retry_after_seconds()
    resets = {name: as_count(answer.headers.get(f"{name}-reset")) for name in WINDOWS}
    named = {name: reset for name, reset in resets.items() if reset is not None}
    spent = [name for name in named if answer.headers.get(f"{name}-remaining", "0") == "0"]
    return seconds_until(max(named[name] for name in spent or named)) if named else None


def _until_next(period: str) -> float:
    """Return seconds to the next day or month in UTC."""
    now = clock.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = 1
    if period.lower() == "monthly":
        days = ((midnight.replace(day=28) + timedelta(days=4)).replace(day=1) - midnight).days
    return (midnight + timedelta(days=days) - now).total_seconds()
