"""A thread: each part is a post of its own that replies to the one before.

The checkpoint's `parts` are the ids of the public ones; the next one is in flight.
"""

import re
from collections.abc import Sequence
from typing import Any

from platforms.call import Call
from platforms.drafts import Credentials, Draft
from platforms.errors import OutcomeUnknown, PlatformError, Unsupported
from platforms.options import Boolean, Choice, String, Strings
from platforms.outcomes import Published
from platforms.text import is_blank, nfc
from platforms.x.length import measure

TEXT_WEIGHT = 280
PARTS = 25
REPLY_SETTINGS = ("following", "mentionedUsers", "subscribers", "verified")
#: The options of the first part, with X's names for them.
FIELDS = {
    "replySettings": "reply_settings",
    "madeWithAi": "made_with_ai",
    "paidPartnership": "paid_partnership",
    "quoteTweetId": "quote_tweet_id",
}
#: Source: twitter-text 3.1, `invalidChars` (read 2026-11-25).
FORBIDDEN = re.compile("[\ufeff\ufffe\uffff]")
#: The state of a part that was not sent yet.
NOT_SENT = {"first_sent_ms": None, "duplicate": False, "sent_again": False}
OPTIONS = (
    # A text of the greatest weight may hold twelve links of any length.
    Strings(
        "thread",
        "Texts that follow the post, each as a reply to the one before. The media stays with "
        f"the first. Up to {PARTS} parts in all, each of up to {TEXT_WEIGHT} weighted characters.",
        max_items=PARTS - 1,
        max_chars=50_000,
    ),
    Choice("replySettings", "Who may reply; everyone if it is not given.", REPLY_SETTINGS),
    Boolean("madeWithAi", "Discloses media that was made with AI."),
    Boolean("paidPartnership", "Discloses a paid partnership."),
    String(
        "quoteTweetId",
        "The id of a post to quote; not together with media. X offers it to enterprise apps only.",
        max_chars=19,
    ),
)


def texts(draft: Draft) -> tuple[str, ...]:
    """The texts of all parts, the post's own first."""
    return draft.text, *draft.settings.get("thread", ())


def check(draft: Draft) -> None:
    """Raises Unsupported if one of the parts or options cannot be carried."""
    seen: set[str] = set()
    for number, text in enumerate(texts(draft), 1):
        where = f"Part {number} of the thread"
        if found := FORBIDDEN.search(text):
            words = f"X takes no U+{ord(found[0]):04X} in a text; remove this invisible character."
            raise Unsupported(words if number == 1 else f"{where}: {words}")
        if number > 1 and is_blank(text):
            raise Unsupported(f"{where} is empty.")
        if number > 1 and (weight := measure(text, TEXT_WEIGHT)).count > TEXT_WEIGHT:
            words = f"{where} has {weight} weighted characters; X takes {TEXT_WEIGHT}."
            raise Unsupported(words, code="text_too_long")
        plain = nfc(text).strip()
        if plain and plain in seen:
            raise Unsupported(f"{where} repeats an earlier one; X takes no text twice.")
        seen.add(plain)
    quoted = draft.settings.get("quoteTweetId", "")
    if quoted and not (quoted.isascii() and quoted.isdigit()):
        raise Unsupported("X's option quoteTweetId is the number at the end of a post's URL.")
    if quoted and draft.media:
        raise Unsupported("X takes no media in a post that quotes another.")


def body(draft: Draft, public: Sequence[str], media_ids: Sequence[str]) -> dict[str, Any]:
    """The request that creates the part after those that are `public`."""
    text = texts(draft)[len(public)]
    if public:
        return {"text": text, "reply": {"in_reply_to_tweet_id": public[-1]}}
    made: dict[str, Any] = {"text": text} if text else {}
    if media_ids:
        made["media"] = {"media_ids": list(media_ids)}
    given = {ours: draft.settings.get(ours) for ours in FIELDS}
    return made | {FIELDS[ours]: value for ours, value in given.items() if value}


def address(account: Credentials, post_id: str) -> str:
    return f"https://x.com/{account.username or 'i/web'}/status/{post_id}"


def published(call: Call, public: Sequence[str]) -> Published:
    """All parts are public; the checkpoint keeps the ids of a thread's."""
    if len(public) > 1:
        call.checkpoint["parts"] = list(public)
    return Published(id=public[0], url=address(call.account, public[0]))


def say_what_is_public(
    error: PlatformError, draft: Draft, account: Credentials, public: Sequence[str]
) -> None:
    """Add to an error of a later part which parts are public already."""
    if not public:
        return
    number, total = len(public) + 1, len(texts(draft))
    before = "Part 1 is" if number == 2 else f"Parts 1 to {number - 1} are"
    state = "may be" if isinstance(error, OutcomeUnknown) else "is not"
    error.message = (
        f"{before} public at {address(account, public[0])}; "
        f"part {number} of {total} {state}. {error.message}"
    )
    error.args = (error.message,)
