"""Map the words of relays, and the statuses of media servers, to meanings, as data.

Source: https://github.com/nostr-protocol/nips/blob/master/01.md and 42.md (read 2026-12-01): a
relay's refusal begins with a word and a colon. BUD-02 of github.com/hzrd149/blossom (read
2026-12-01): statuses of uploads; `X-Reason` is for people.
"""

from collections.abc import Sequence

from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)
from platforms.http.client import Answer
from platforms.http.refusals import Meaning, explain_by_status

NAME = "The media server"
REASON_CHARS = 200
#: The word that begins a refusal → its meaning.
WORDS: dict[str, Meaning] = {
    "blocked": Meaning(Unauthorized, "{name} blocks the account: {said}", "account_restricted"),
    "restricted": Meaning(
        Unauthorized,
        "{name} does not take posts of this account: {said} Reconnect it with other relays.",
        "permission_missing",
    ),
    "auth-required": Meaning(
        Unauthorized,
        "{name} does not accept the account's authentication: {said} Reconnect it.",
        "permission_missing",
    ),
    "rate-limited": Meaning(
        RateLimited, "{name} limits how often one may post: {said}", wait_seconds=60
    ),
    "pow": Meaning(
        Rejected,
        "{name} asks for proof of work, which Dovecote does not do; reconnect the account with "
        "other relays. {said}",
        "account_restricted",
    ),
    "invalid": Meaning(Rejected, "{name} refused the post: {said}"),
    "mute": Meaning(Rejected, "{name} ignored the post: {said}"),
    "error": Meaning(OutcomeUnknown, "{name} failed: {said}"),
    "unsupported": Meaning(Unavailable, "{name} does not answer what it was asked: {said}"),
}
#: A refusal in other words.
OTHER = Meaning(Rejected, "{name} refused the post: {said}", unmapped=True)
#: What counts if several relays refuse for different reasons: the first that one of them has.
ORDER = (OutcomeUnknown, RateLimited, Unavailable, Rejected, Unauthorized)
#: What a status of an upload means; nothing of it says anything of the account's relays.
UPLOADS: dict[int, Meaning] = {
    status: Meaning(Rejected, sentence, "media_rejected")
    for status, sentence in {
        401: "The account's media server does not accept its authorization: {said}",
        402: "The account's media server wants to be paid for the file: {said}",
        403: "The account's media server takes no files of this account: {said}",
        409: "The account's media server got another file than was announced: {said}",
        413: "The account's media server takes no file this large. {said}",
        415: "The account's media server takes no file of this type. {said}",
    }.items()
}


def refusal(relay: str, words: str) -> PlatformError:
    """Return what a relay's refusal means."""
    word, mark, said = words.partition(":")
    meaning = WORDS.get(word.strip()) if mark else None
    said = said if meaning else words
    told = (meaning or OTHER).as_error(said.strip(), name=relay)
    told.platform_code = word[:50] if meaning else words[:200]
    return told


def together(errors: Sequence[PlatformError]) -> PlatformError:
    """Return one error that says what each relay said. There is at least one."""
    first = next(each for kind in ORDER for each in errors if isinstance(each, kind))
    first.message = " ".join(dict.fromkeys((first.message, *(each.message for each in errors))))
    first.args = (first.message,)
    return first


def explain(answer: Answer) -> PlatformError:
    """Return what a media server's refusal means."""
    said = answer.redact(answer.headers.get("x-reason", ""))[:REASON_CHARS]
    if meaning := UPLOADS.get(answer.status):
        return meaning.as_error(said, http_status=answer.status, body=answer.text)
    error = explain_by_status(NAME, answer)
    if 300 <= answer.status < 400:
        words = "The account's media server redirects, which is not followed."
        return error.as_(Unavailable, words, code="address_refused")
    if isinstance(error, Rejected) and said:
        error.message = f"The account's media server refused the file: {said}"
    return error
