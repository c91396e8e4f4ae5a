"""Map LinkedIn's refusals to meanings.

Source: Microsoft Learn, "Error Handling", "Rate Limiting", "Posts API"; bodies seen by others
(read 2026-11-24).
"""

import re
from datetime import timedelta
from typing import Any

from platforms import clock
from platforms.errors import PlatformError, RateLimited, Rejected, Unauthorized, Unavailable
from platforms.http.client import Answer
from platforms.http.refusals import Meaning, explain_by_status
from platforms.linkedin import rest

DUPLICATE = "DUPLICATE_POST"
DENIED = "ACCESS_DENIED"
LOST_MEDIA = ("EXPIRED_UPLOAD_URL", "UPDATING_ASSET_FAILED")
#: LinkedIn's own words are cut to this length, because they may quote the whole post.
SAID_CHARS = 300


EXPIRED = Meaning(Unauthorized, "LinkedIn no longer accepts this authorization: {said}")
RESTRICTED = Meaning(
    Unauthorized, "LinkedIn has restricted this account: {said}", "account_restricted"
)
NO_PERMISSION = Meaning(
    Unauthorized, "This LinkedIn account has not allowed posting: {said}", "permission_missing"
)
CONTENT = Meaning(Rejected, "LinkedIn refused the post: {said}")
TOO_LONG = Meaning(Rejected, "LinkedIn refused the post as too long: {said}", "text_too_long")
BAD_MEDIA = Meaning(Rejected, "LinkedIn refused the media: {said}", "media_rejected")
LOST = Meaning(
    Unavailable, "LinkedIn has lost the uploaded media: {said}", "media_processing_failed"
)

#: By LinkedIn's code, for any status.
BY_CODE = {
    "EXPIRED_ACCESS_TOKEN": EXPIRED,
    "REVOKED_ACCESS_TOKEN": EXPIRED,
    "INVALID_ACCESS_TOKEN": EXPIRED,
    "EMPTY_ACCESS_TOKEN": EXPIRED,
    DENIED: NO_PERMISSION,
    "NONEXISTENT_VERSION": Meaning(
        Unavailable,
        "LinkedIn no longer serves this installation's API version: {said}",
        "version_retired",
    ),
    "MISSING_FIELD": CONTENT,
    "INVALID_VALUE_FOR_FIELD": CONTENT,
    "INVALID_VALUE_BLANK_FIELD": CONTENT,
    "INVALID_URN_TYPE": CONTENT,
    "INVALID_URN_ID": CONTENT,
    "UNPROCESSABLE_ENTITY": CONTENT,
    "FIELD_LENGTH_TOO_LONG": TOO_LONG,
    "FIELD_ARRAY_SIZE_TOO_HIGH": TOO_LONG,
    "MEDIA_ASSET_WAITING_UPLOAD": Meaning(
        Unavailable, "LinkedIn is still processing the media: {said}", wait_seconds=15
    ),
    "MEDIA_ASSET_PROCESSING_FAILED": BAD_MEDIA,
    "INVALID_VIDEO_ID": BAD_MEDIA,
    **dict.fromkeys(LOST_MEDIA, LOST),
    DUPLICATE: Meaning(
        Rejected, "LinkedIn refused the post as a duplicate: {said}", "duplicate_content"
    ),
    "CONFLICT": Meaning(Unavailable, "LinkedIn was changing this account at that moment: {said}"),
    "NOT_FOUND": Meaning(
        Rejected, "LinkedIn does not know what the post refers to: {said}", "target_missing"
    ),
}
#: Bodies without a code carry this number instead.
BY_SERVICE_CODE = {
    65600: "INVALID_ACCESS_TOKEN",
    65601: "REVOKED_ACCESS_TOKEN",
    65602: "EXPIRED_ACCESS_TOKEN",
    100: DENIED,
    101: "TOO_MANY_REQUESTS",
}
#: Refusals that only their words, in lower case, tell apart; with their statuses.
BY_WORDS = (
    ((401, 403), "restricted", RESTRICTED),
    ((403,), "resource is forbidden", BAD_MEDIA),
    ((422,), "error ::", CONTENT),
)
BY_STATUS = {409: BY_CODE["CONFLICT"], 426: BY_CODE["NONEXISTENT_VERSION"]}


def explain(answer: Answer) -> PlatformError:
    body = answer.error_body()
    code, said = _code(body), str(body.get("message", ""))
    error = _read(answer, code, said)
    error.platform_code = code
    error.http_status = answer.status
    error.request_id = answer.headers.get("x-li-uuid", "")
    error.body = answer.text
    return error


def _read(answer: Answer, code: str, said: str) -> PlatformError:
    if answer.status == 429 or code == "TOO_MANY_REQUESTS":
        return _limited(answer, said)
    meaning = _meaning(answer.status, code, said)
    if meaning is None or answer.status == 408 or answer.status >= 500:
        return explain_by_status("LinkedIn", answer)
    # The URN of a duplicate comes last.
    shown = said[-SAID_CHARS:] if code == DUPLICATE else said[:SAID_CHARS]
    return meaning.as_error(shown, retry_after_seconds=answer.retry_after_seconds())


def _meaning(status: int, code: str, said: str) -> Meaning | None:
    for statuses, words, meaning in BY_WORDS:
        if status in statuses and words in said.lower():
            return meaning
    return BY_CODE.get(code) or BY_STATUS.get(status)


def _limited(answer: Answer, said: str) -> PlatformError:
    """Return the error of a daily limit, the account's or the app's, until midnight UTC."""
    after, code = answer.retry_after_seconds(), "rate_limited"
    if " DAY " in said:
        now = clock.now()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        after = after or (midnight - now).total_seconds()
        code = "app_quota_exhausted" if "APPLICATION" in said else "daily_limit_reached"
    return RateLimited(
        f"LinkedIn asks to wait. {said}".strip(), code=code, retry_after_seconds=after
    )


def duplicated_urn(refusal: PlatformError) -> str:
    """Return the earlier post that a refusal as a duplicate names; empty if it names none."""
    named = re.search(rf"duplicate of ({rest.POST.pattern})", refusal.message)
    return named[1] if named else ""


def _code(body: dict[str, Any]) -> str:
    details = body.get("errorDetails")
    inputs = details.get("inputErrors") if isinstance(details, dict) else None
    first = inputs[0] if isinstance(inputs, list) and inputs else {}
    inner = first.get("code") if isinstance(first, dict) else ""
    named = str(inner or body.get("code") or "")
    number = body.get("serviceErrorCode")
    return named or (BY_SERVICE_CODE.get(number, "") if isinstance(number, int) else "")
