"""What X's refusals mean, as tables.

Source: docs.x.com, "Response codes and errors", "Rate limits"; bodies seen by others in 2026
(read 2026-11-24). Problem types are matched by their last path segment: their host has changed.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from platforms import clock
from platforms.adapter import explain_by_status
from platforms.errors import (
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)
from platforms.http.client import Answer

CREDITS_PAUSE_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Meaning:
    """`says` is followed by X's own words."""

    error: type[PlatformError]
    code: str
    says: str


BLOCKED = Meaning(Unauthorized, "account_restricted", "X has blocked this account: ")
BAD_APP = Meaning(Unavailable, "app_refused", "X does not accept this installation's app: ")
LIMITED = Meaning(RateLimited, "rate_limited", "X asks to wait. ")
CAPPED = Meaning(RateLimited, "app_quota_exhausted", "X's usage cap is reached. ")
NO_CREDITS = Meaning(RateLimited, "credits_depleted", "This installation has no X credits left: ")
REFUSED = Meaning(Rejected, "content_rejected", "X refused the post: ")
BAD_MEDIA = Meaning(Rejected, "media_rejected", "X refused the media: ")
NO_SCOPE = Meaning(
    Unauthorized, "permission_missing", "This X account has not allowed posting; reconnect it. "
)

#: What X says of media that it does not know, has not finished, or that is somebody else's.
MEDIA_IDS, MEDIA_FIELD = "media ids are invalid", "media.media_ids"

#: By the last segment of a problem's type, or by a legacy code.
KINDS: dict[str, Meaning] = {
    "usage-capped": CAPPED,
    "rate-limit-exceeded": LIMITED,
    "88": LIMITED,
    "credits": NO_CREDITS,
    "credits-depleted": NO_CREDITS,
    "user-suspended": BLOCKED,
    "63": BLOCKED,
    "64": BLOCKED,
    "326": BLOCKED,
    "client-forbidden": BAD_APP,
    "oauth1-permissions": BAD_APP,
    "unsupported-authentication": BAD_APP,
}
#: By a part of X's words, in small letters; the first that fits.
WORDS: dict[str, Meaning] = {
    "duplicate content": Meaning(
        Rejected,
        "duplicate_content",
        "X refused the post: this account has posted the same text before. ",
    ),
    "text is too long": Meaning(Rejected, "text_too_long", "X refused the post: "),
    MEDIA_IDS: BAD_MEDIA,
    "post a video longer": BAD_MEDIA,
    "temporarily locked": BLOCKED,
    "is suspended": BLOCKED,
    "reply to this conversation": REFUSED,
    "quote": Meaning(Rejected, "option_rejected", "X refused the post: "),
    "url": REFUSED,
    "cashtag": REFUSED,
    "not permitted to perform this action": REFUSED,
}
#: Types that say little; looked at after the words.
VAGUE: dict[str, Meaning] = {
    "resource-not-found": Meaning(Rejected, "target_missing", "X does not know it: "),
    "invalid-request": REFUSED,
}
STATUSES: dict[int, Meaning] = {402: NO_CREDITS, 429: LIMITED}
DAYS = ("x-user-limit-24hour", "x-app-limit-24hour")
WINDOWS = ("x-rate-limit", *DAYS)
DAY_IS_SPENT = "daily_limit_reached"


def explain(answer: Answer) -> PlatformError:
    body = answer.error_body()
    kind, detail = _kind(body), _detail(body)
    meaning = _meaning(answer.status, kind, detail, body)
    if meaning:
        error = meaning.error(
            f"{meaning.says}{detail}".strip(),
            code=DAY_IS_SPENT if _is_day_spent(meaning, answer) else meaning.code,
            retry_after_seconds=_wait(meaning, answer, body),
        )
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
    """Whether a refusal may be cured by uploading the files again."""
    told = MEDIA_IDS in error.message.lower() or MEDIA_FIELD in error.body
    return error.code == BAD_MEDIA.code and told


def _meaning(status: int, kind: str, detail: str, body: dict[str, Any]) -> Meaning | None:
    """None leaves it to the status: what a server in trouble says proves nothing."""
    if status >= 500 or status in (401, 408):
        return None
    words = detail.lower()
    told = (meaning for part, meaning in WORDS.items() if part in words)
    if meaning := KINDS.get(kind) or STATUSES.get(status) or next(told, None):
        return meaning
    if MEDIA_FIELD in _parameters(body):
        return BAD_MEDIA
    if status == 403 and words in ("", "forbidden"):
        return NO_SCOPE
    return VAGUE.get(kind)


def _wait(meaning: Meaning, answer: Answer, body: dict[str, Any]) -> float | None:
    if meaning is CAPPED:
        return _until_next(str(body.get("period", "")))
    if meaning is NO_CREDITS:
        return CREDITS_PAUSE_SECONDS
    return _reset_seconds(answer) if meaning is LIMITED else None


def _is_day_spent(meaning: Meaning, answer: Answer) -> bool:
    return meaning is LIMITED and any(
        answer.headers.get(f"{name}-remaining") == "0" for name in DAYS
    )


def _kind(body: dict[str, Any]) -> str:
    """The last segment of the problem's type, or a legacy code."""
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
    """Until every exhausted window opens; None if X does not say.

    The 24-hour windows may be exhausted while the short one is not.
    """
    if answer.retry_after_seconds() is not None:
        return answer.retry_after_seconds()
    named = [name for name in WINDOWS if answer.headers.get(f"{name}-reset", "").isdigit()]
    spent = [name for name in named if answer.headers.get(f"{name}-remaining", "0") == "0"]
    resets = [int(answer.headers[f"{name}-reset"]) for name in spent or named]
    return max(max(resets) - clock.unix_seconds(), 1) if resets else None


def _until_next(period: str) -> float:
    """Seconds to the next day or month in UTC."""
    now = clock.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = 1
    if period.lower() == "monthly":
        days = ((midnight.replace(day=28) + timedelta(days=4)).replace(day=1) - midnight).days
    return (midnight + timedelta(days=days) - now).total_seconds()
