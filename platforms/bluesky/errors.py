"""Map refusals of Bluesky's servers to meanings, as data.

Source: https://atproto.com/specs/xrpc, "Error Responses": `error` is a name, `message` is for
people; the names are those of the lexicons and of the reference server, npm @atproto/pds 0.5.35.
https://docs.bsky.app/docs/advanced-guides/rate-limits: `ratelimit-reset` is a time in unix seconds
(read 2026-11-30).
"""

from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)
from platforms.http.client import Answer
from platforms.http.foreign.stated import as_count, seconds_until
from platforms.http.refusals import Meaning, explain_by_status

NAME = "Bluesky"
DAY_SECONDS = 86400
#: A record names a file that the server does not have, or no longer.
BLOB_MISSING = "BlobNotFound"

ENDED = Meaning(
    Unauthorized, "Bluesky no longer accepts this account's authorization; reconnect it."
)
BLOCKED = Meaning(Unauthorized, "Bluesky has blocked this account: {said}", "account_restricted")
NO_PERMISSION = Meaning(
    Unauthorized,
    "The account's authorization does not permit it; reconnect the account. {said}",
    "permission_missing",
)
NO_PROOF = Meaning(Unavailable, "Bluesky's server did not take our proof of the key. {said}")
MOVED = Meaning(
    Unauthorized,
    "The account is deactivated on its server, or has moved to another; reconnect it. {said}",
)
TOO_LARGE = Meaning(Rejected, "Bluesky's server takes no file this large. {said}", "media_rejected")
UNFIT = Meaning(Rejected, "Bluesky refused the file: {said}", "media_rejected")

WORDS: dict[str, Meaning] = {
    **dict.fromkeys(("ExpiredToken", "InvalidToken", "AuthenticationRequired"), ENDED),
    **dict.fromkeys(("AuthMissing", "BadJwt", "BadJwtSignature"), ENDED),
    **dict.fromkeys(("AccountTakedown", "AccountSuspended", "RepoTakendown"), BLOCKED),
    **dict.fromkeys(("AccountDeactivated", "AccountNotFound", "RepoDeactivated"), MOVED),
    BLOB_MISSING: Meaning(Unavailable, "Bluesky's server has dropped an uploaded file."),
    **dict.fromkeys(("InvalidMimeType", "InvalidSize"), UNFIT),
    **dict.fromkeys(("BlobTooLarge", "PayloadTooLarge"), TOO_LARGE),
    # Of a proof that we hold a token's key: nothing is known of the token.
    **dict.fromkeys(("use_dpop_nonce", "invalid_dpop_proof"), NO_PROOF),
    "RateLimitExceeded": Meaning(RateLimited, "Bluesky asks to wait. {said}"),
    # Said of what is forwarded: the app did not answer the account's server.
    "UpstreamFailure": Meaning(OutcomeUnknown, "Bluesky's app did not answer."),
}
STATUSES: dict[int, Meaning] = {403: NO_PERMISSION, 413: TOO_LARGE}
#: By a part of the words about a record that the lexicon refuses, in this release and earlier ones.
INVALID = {
    "grapheme": ("text_too_long", "Bluesky refused the post: {said}"),
    "string too big": ("text_too_long", "Bluesky refused the post: {said}"),
    "must not be longer than": ("text_too_long", "Bluesky refused the post: {said}"),
    "embed": ("media_rejected", "Bluesky refused the file: {said}"),
    "langs": ("option_rejected", "Bluesky refused a language: {said}"),
}
#: Said instead of RecordNotFound of an account that is deactivated, blocked, or on another server.
NO_ACCOUNT = ("Could not locate record", "Could not find repo")
#: Said of a key that spells something: the next one is as good.
BAD_KEY = "record key"


def explain(answer: Answer) -> PlatformError:
    body = answer.error_body()
    word, said = _text(body.get("error")), _text(body.get("message"))
    if 300 <= answer.status < 400:
        return Unavailable(
            "The account's server redirects, which is not followed.",
            code="address_refused",
            http_status=answer.status,
        )
    meaning = _meaning(answer.status, word, said)
    if meaning is None:
        error = explain_by_status(NAME, answer)
        if isinstance(error, Rejected) and said:
            error.message = f"Bluesky refused the post: {said}"
        if isinstance(error, RateLimited):
            error.retry_after_seconds = _wait(answer)
    else:
        error = meaning.as_error(said, retry_after_seconds=_wait(answer))
    if isinstance(error, RateLimited) and _is_daily(answer):
        error = error.as_(RateLimited, code="daily_limit_reached")
    error.platform_code, error.http_status, error.body = word, answer.status, answer.text
    return error


def _meaning(status: int, word: str, said: str) -> Meaning | None:
    """Return the meaning; None: the status decides, as a server error's words prove nothing."""
    if status >= 500 or status in (401, 408, 429):
        return WORDS.get(word) if status == 401 else None
    if word == "InvalidRequest" and status == 400:
        if said.startswith(NO_ACCOUNT):
            return MOVED
        for part, (code, sentence) in INVALID.items():
            if part in said:
                return Meaning(Rejected, sentence, code)
    return WORDS.get(word) or STATUSES.get(status)


def _is_daily(answer: Answer) -> bool:
    """Return whether the limit is that of a day: `11667;w=86400`."""
    window = answer.headers.get("ratelimit-policy", "").rpartition("w=")[2]
    return (as_count(window) or 0) >= DAY_SECONDS


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _wait(answer: Answer) -> float | None:
    """Return seconds until the limit ends; None if the server does not say."""
    if answer.status != 429:
        return None
    reset = as_count(answer.headers.get("ratelimit-reset"))
    if answer.retry_after_seconds() is None and reset is not None:
        return seconds_until(reset)
    return answer.retry_after_seconds()
