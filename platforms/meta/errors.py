"""Map refusals of the Graph APIs of Facebook, Instagram and Threads to meanings.

A refusal is `{"error": {code, error_subcode, is_transient, message, fbtrace_id, ...}}`. Code and
subcode decide, and the HTTP status only if they say nothing.
Source: Graph API, "Handle Errors" and "Rate Limits" (read 2026-11-24).
"""

from collections.abc import Mapping
from typing import Any

from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)
from platforms.http.client import Answer
from platforms.http.foreign.stated import as_seconds, read_json
from platforms.http.refusals import Meaning, explain_by_status

HOUR_SECONDS = 3600.0
DAY_SECONDS = 24 * HOUR_SECONDS
DETAIL_CHARS = 300


#: (code, subcode) → meaning. None stands for any.
Meanings = Mapping[tuple[int | None, int | None], Meaning]

RECONNECT = Meaning(
    Unauthorized, "{name} no longer accepts this account's authorization; reconnect it."
)
PERMISSION = Meaning(
    Unauthorized,
    "{name} says a permission to publish is missing; reconnect the account.",
    code="permission_missing",
)
THROTTLED = Meaning(RateLimited, "Rate limit exceeded on {name}.", wait_seconds=HOUR_SECONDS)
BLOCKED = Meaning(
    RateLimited,
    "{name} blocks this account's posts for now.",
    wait_seconds=DAY_SECONDS,
    code="temporarily_blocked",
)
SPAM = Meaning(
    RateLimited,
    "{name} treats this account's posts as spam.",
    wait_seconds=DAY_SECONDS,
    # Seen although the post was public.
    when_publishing=OutcomeUnknown,
    code="temporarily_blocked",
)
RESTRICTED = Meaning(
    Unauthorized,
    "{name} has restricted this account; its owner must act in the app.",
    code="account_restricted",
)
TROUBLE = Meaning(OutcomeUnknown, "{name} had an internal problem.")
REFUSED = Meaning(Rejected, "{name} refused the post.")
UNFETCHED = Meaning(Unavailable, "{name} could not fetch the file.", code="media_unreachable")

SHARED: Meanings = {
    (190, None): RECONNECT,
    (102, None): RECONNECT,
    (10, None): PERMISSION,
    **{(code, None): PERMISSION for code in range(200, 300)},
    **{(code, None): THROTTLED for code in (4, 17, 32, 341, 613, *range(80001, 80015))},
    (368, None): BLOCKED,
    (1, None): TROUBLE,
    (2, None): TROUBLE,
    (3, None): Meaning(
        Rejected, "{name} has not enabled publishing for this app.", code="app_refused"
    ),
    (100, None): REFUSED,
    # An object that is not readable yet looks like one that does not exist.
    (100, 33): Meaning(Unavailable, "{name} could not find it.", when_publishing=Unauthorized),
    # The identical post may be our own earlier try.
    (506, None): Meaning(
        Rejected,
        "{name} says that this is identical to the previous post.",
        when_publishing=OutcomeUnknown,
        code="duplicate_content",
    ),
}


def explain(name: str, answer: Answer, own: Meanings) -> PlatformError:
    """Return the error of a Graph refusal; `own` are the network's meanings beside shared ones."""
    body = answer.error_body()
    said = body.get("error")
    if not isinstance(said, dict):
        return explain_by_status(name, answer)
    code, subcode = number(said.get("code")), number(said.get("error_subcode"))
    meaning = _meaning(answer, said, code, subcode, own)
    error = meaning.error
    if answer.irreversible:
        # With an id beside the error, the post exists and only reading it back failed. Under a 5xx,
        # all kinds of refusals were seen although the post was public.
        there = body.get("id") or answer.status >= 500
        error = OutcomeUnknown if there else meaning.when_publishing or error
    return error(
        _message(name, meaning, said),
        code="" if error is OutcomeUnknown else meaning.code,
        unmapped=meaning.unmapped,
        platform_code=platform_code(said),
        http_status=answer.status,
        retry_after_seconds=_wait_seconds(answer, meaning) if error is RateLimited else None,
        request_id=str(said.get("fbtrace_id", "")),
        body=answer.text,
    )


def platform_code(said: Mapping[str, Any]) -> str:
    """`code/subcode`, as support pages write it."""
    parts = (said.get("code"), said.get("error_subcode"))
    return "/".join(str(part) for part in parts if part is not None)


def _meaning(
    answer: Answer, said: Mapping[str, Any], code: int | None, subcode: int | None, own: Meanings
) -> Meaning:
    meanings = {**SHARED, **own}
    exact = meanings.get((code, subcode)) if subcode is not None else None
    by_subcode = meanings.get((None, subcode)) if subcode is not None else None
    if exact or by_subcode:
        return exact or by_subcode or REFUSED
    if answer.status >= 500:
        # Permission errors under a 5xx were seen although the post was public.
        return TROUBLE
    if known := meanings.get((code, None)):
        return known
    if said.get("is_transient"):
        return TROUBLE
    if answer.status == 401:
        return RECONNECT
    if answer.status == 403:
        return PERMISSION
    if answer.status == 429:
        return THROTTLED
    # An unknown code proves nothing about a call that publishes.
    return Meaning(Rejected, REFUSED.sentence, when_publishing=OutcomeUnknown, unmapped=True)


def _message(name: str, meaning: Meaning, said: Mapping[str, Any]) -> str:
    sentence = meaning.sentence.format(name=name)
    detail = str(said.get("error_user_msg") or said.get("message") or "").strip()
    # Some messages quote the refused token.
    if not detail or meaning.error is Unauthorized:
        return sentence
    return f"{sentence} It said: {detail[:DETAIL_CHARS]}"


def _wait_seconds(answer: Answer, meaning: Meaning) -> float | None:
    return answer.retry_after_seconds() or _regained_seconds(answer) or meaning.wait_seconds


def _regained_seconds(answer: Answer) -> float:
    """Return seconds until calls are accepted again, from the usage header; 0 if it does not say.

    Source: Graph API, "Rate Limits", X-Business-Use-Case-Usage, in minutes (read 2026-11-24).
    """
    try:
        usage = read_json(answer.headers.get("x-business-use-case-usage", ""))
        minutes = [
            as_seconds(entry.get("estimated_time_to_regain_access")) or 0
            for entries in usage.values()
            for entry in entries
        ]
    except (ValueError, AttributeError, TypeError):
        return 0
    return max(minutes, default=0) * 60


def number(value: object) -> int | None:
    """Return a code as a number; None if it is none."""
    try:
        return int(str(value))
    except ValueError:
        return None
