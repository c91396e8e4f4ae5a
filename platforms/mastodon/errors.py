"""Map refusals of Mastodon's API to meanings, as data.

Source: https://docs.joinmastodon.org/entities/Error/, https://docs.joinmastodon.org/methods/statuses/
and https://docs.joinmastodon.org/api/rate-limits/ (read 2026-11-30): `error` is a sentence, in
English unless the account has chosen another language; `X-RateLimit-Reset` is a time. The sentences
are those of config/locales/en.yml of Mastodon 4.4. snac 2.75 refuses without any (run 2026-11-30).
"""

from platforms.errors import PlatformError, RateLimited, Rejected, Unauthorized, Unavailable
from platforms.http.client import Answer
from platforms.http.foreign.stated import as_moment, seconds_until
from platforms.http.refusals import Meaning, explain_by_status

NAME = "Mastodon"
#: Said of files that the post names, and that another post has, or none.
MEDIA_GONE = "media_gone"

ENDED = Meaning(
    Unauthorized, "The account's server no longer accepts its authorization; reconnect it."
)
NO_PERMISSION = Meaning(
    Unauthorized,
    "The account's token does not permit it; reconnect the account. {said}",
    "permission_missing",
)
BLOCKED = Meaning(
    Unauthorized, "The account's server has restricted it: {said}", "account_restricted"
)
TOO_LONG = Meaning(Rejected, "The account's server refused the text: {said}", "text_too_long")
UNFIT = Meaning(Rejected, "The account's server refused the file: {said}", "media_rejected")
OPTION = Meaning(Rejected, "The account's server refused an option: {said}", "option_rejected")
TARGET = Meaning(
    Rejected, "The account's server knows no post to refer to: {said}", "target_missing"
)
NOT_READY = Meaning(
    Unavailable, "The account's server still processes a file.", "media_processing_failed"
)
GONE = Meaning(Unavailable, "The account's server no longer has an uploaded file.")
TOO_LARGE = Meaning(
    Rejected, "The account's server takes no file this large. {said}", "media_rejected"
)
REDIRECTS = Meaning(
    Unavailable, "The account's server redirects, which is not followed.", "address_refused"
)

#: A part of the sentence → the meaning, and the network's refusal by our name.
SENTENCES: dict[str, tuple[Meaning, str]] = {
    "not finished processing": (NOT_READY, "not_ready"),
    "not found or already attached": (GONE, MEDIA_GONE),
    "character limit": (TOO_LONG, "too_long"),
    "characters each": (OPTION, "poll"),
    "too far into the future": (OPTION, "poll"),
    "is too soon": (OPTION, "poll"),
    "must have more than one item": (OPTION, "poll"),
    "contain more than": (OPTION, "poll"),
    "duplicate items": (OPTION, "poll"),
    "Cannot attach": (UNFIT, "media"),
    "File ": (UNFIT, "media"),
    "processing thumbnail": (UNFIT, "media"),
    "trying to reply to": (TARGET, "reply"),
    "trying to quote": (TARGET, "quote"),
    "outside the authorized scopes": (NO_PERMISSION, "scopes"),
    "Your login": (BLOCKED, "login"),
    "This method requires an authenticated user": (ENDED, "user"),
    "access token": (ENDED, "token"),
}
#: What a status means where no sentence is known.
STATUSES: dict[int, Meaning] = {
    401: ENDED,
    403: NO_PERMISSION,
    413: TOO_LARGE,
}
#: Statuses whose words prove nothing: a proxy may have said them.
PASSING = (408, 429)


def explain(answer: Answer) -> PlatformError:
    said = _said(answer)
    meaning, word = _meaning(answer.status, said)
    if meaning is None:
        error = explain_by_status(NAME, answer)
        if isinstance(error, Rejected) and said:
            error.message = f"The account's server refused the post: {said}"
        if isinstance(error, RateLimited):
            error.retry_after_seconds = _wait(answer)
    else:
        error = meaning.as_error(said)
    error.platform_code, error.http_status, error.body = word, answer.status, answer.text
    return error


def _meaning(status: int, said: str) -> tuple[Meaning | None, str]:
    """Return the meaning; None: the status decides, as a server error's words prove nothing."""
    if 300 <= status < 400:
        return REDIRECTS, ""
    if status >= 500 or status in PASSING:
        return None, ""
    for part, found in SENTENCES.items():
        if part in said:
            return found
    return STATUSES.get(status), ""


def _said(answer: Answer) -> str:
    said = answer.error_body().get("error")
    return said if isinstance(said, str) else ""


def _wait(answer: Answer) -> float | None:
    """Return seconds until the limit ends; None if the server does not say."""
    if answer.retry_after_seconds() is not None:
        return answer.retry_after_seconds()
    reset = as_moment(answer.headers.get("x-ratelimit-reset"))
    return seconds_until(reset.timestamp()) if reset else None
