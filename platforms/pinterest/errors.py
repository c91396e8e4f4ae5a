"""Map refusals of Pinterest's API to meanings, as data.

Source: OpenAPI 5.23.0 of github.com/pinterest/api-description: a refusal is an object with `code`,
a number, and `message`, a sentence. The words about Trial access are those that
github.com/gitroomhq/postiz-app/issues/1084 shows (read 2026-12-01). Not documented: the form of
X-RateLimit-Limit and the words of other refusals, which other programs expect, and the unit of
X-RateLimit-Reset, which is taken for seconds.
"""

import re

from platforms.errors import PlatformError, RateLimited, Rejected, Unauthorized, Unavailable
from platforms.http.client import Answer
from platforms.http.refusals import Meaning, explain_by_status

NAME = "Pinterest"
#: The origin of the API, and where apps with Trial access may publish.
ORIGIN, SANDBOX = "https://api.pinterest.com", "https://api-sandbox.pinterest.com"
LIMITED = 429
#: What a window of 24 hours, as Trial access has them, lasts at most.
DAY_SECONDS = 24 * 3600
HOUR_SECONDS = 3600
#: The longest of the windows that a header names, such as `100, 100;w=1, 1000;w=60`.
WINDOW = re.compile(r";w=([0-9]{1,6})")

TRIAL = Meaning(
    Unavailable,
    "This installation's Pinterest app has Trial access, which may not publish: ask Pinterest for "
    f"Standard access, or try the sandbox with PLATFORM_BASE_URLS={ORIGIN}={SANDBOX}. {{said}}",
    "app_refused",
)
NO_FEATURE = Meaning(
    Unavailable, "Pinterest does not let this installation's app do so: {said}", "app_refused"
)
ENDED = Meaning(
    Unauthorized, "Pinterest no longer accepts this account's authorization; reconnect it."
)
NO_SCOPE = Meaning(
    Unauthorized,
    "This Pinterest account has not allowed it; reconnect it and grant all permissions. {said}",
    "permission_missing",
)
RESTRICTED = Meaning(
    Unauthorized, "Pinterest has restricted this account: {said}", "account_restricted"
)
NO_BOARD = Meaning(
    Unauthorized,
    "Pinterest does not show this account its board: it was deleted, or the person left it. "
    "Connect another board.",
)
NO_SECTION = Meaning(
    Rejected, "The board has no section of the option sectionId.", "target_missing"
)
LINK = Meaning(Rejected, "Pinterest refused the option link: {said}", "option_rejected")
PICTURE = Meaning(Rejected, "Pinterest refused a file: {said}", "media_rejected")
REFUSED = Meaning(Rejected, "Pinterest refused the Pin: {said}")
WAIT = Meaning(RateLimited, "Pinterest asks to wait. {said}")

#: Pinterest's own code → the meaning, at any status below 500.
CODES: dict[int, Meaning] = {
    1: REFUSED,
    2: ENDED,
    3: NO_SCOPE,
    7: NO_SCOPE,
    8: WAIT,
    29: NO_SCOPE,
    40: NO_BOARD,
    1104: ENDED,
    2031: NO_SECTION,
    2625: RESTRICTED,
    2626: RESTRICTED,
}
#: Parts of Pinterest's words, in small letters, which say more than its code; the first one counts.
WORDS: dict[str, Meaning] = {
    "trial access": TRIAL,
    "restricted feature": NO_FEATURE,
    "section not found": NO_SECTION,
    "invalid url": LINK,
    "board not found": NO_BOARD,
    "format of the image": PICTURE,
    "media_source": PICTURE,
}
#: What a status means where Pinterest's code is in no table.
STATUSES: dict[int, Meaning] = {401: ENDED, 403: NO_SCOPE, 413: PICTURE}


def explain(answer: Answer) -> PlatformError:
    status, body = answer.status, answer.error_body()
    said, code = str(body.get("message") or ""), body.get("code")
    meaning = None
    if status < 500 and status not in (408, LIMITED):
        words = said.lower()
        meaning = next((each for part, each in WORDS.items() if part in words), None)
        meaning = meaning or CODES.get(code if isinstance(code, int) else 0, STATUSES.get(status))
    error = meaning.as_error(said) if meaning else explain_by_status(NAME, answer)
    if meaning is None and said and isinstance(error, Rejected):
        error.message = REFUSED.sentence.format(said=said)
    if isinstance(error, RateLimited):
        error.retry_after_seconds = _wait(answer)
        if (error.retry_after_seconds or 0) > HOUR_SECONDS:
            error = error.as_(RateLimited, code="daily_limit_reached")
    error.platform_code = str(code) if isinstance(code, int) else ""
    error.http_status, error.body = status, answer.text
    return error


def _wait(answer: Answer) -> float | None:
    """Return how long to wait: what the answer says, or the longest window that it names."""
    given = answer.retry_after_seconds()
    if given is not None:
        return given
    reset = answer.headers.get("x-ratelimit-reset", "").partition(",")[0].strip()
    if reset.isascii() and reset.isdigit() and len(reset) < 6 and int(reset) <= DAY_SECONDS:
        return float(reset)
    windows = WINDOW.findall(answer.headers.get("x-ratelimit-limit", ""))
    return min(max(map(float, windows)), DAY_SECONDS) if windows else None
