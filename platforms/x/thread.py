"""A post, or a thread of them: each part is a post that replies to the one before.

The checkpoint's `parts` are the ids of the public ones; the next one is in flight.
"""

import re
from collections.abc import Sequence
from typing import Any

from platforms import clock, oauth
from platforms.adapter import Call
from platforms.drafts import Credentials, Draft
from platforms.errors import OutcomeUnknown, PlatformError, Rejected, Unavailable, Unsupported
from platforms.outcomes import Outcome, Processing, Published
from platforms.policy.options import Boolean, Choice, String, Strings
from platforms.text import is_blank, nfc
from platforms.x import errors, media
from platforms.x.length import measure
from platforms.x.oauth import XOAuth

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
#: Source of the rule on quotes: docs.x.com/x-api/posts/create-post (an Enterprise plan, on no
#: self-serve tier) and docs.x.com/changelog of 2026-04-16 ("removed from all self-serve tiers"), in
#: github.com/xdevplatform/docs as of 2026-08-22 (read 2026-12-03). $0.015 is the price of a post.

POSTS = "https://api.x.com/2/tweets"


def texts(draft: Draft) -> tuple[str, ...]:
    """Return the texts of all parts, the post's own first."""
    return draft.text, *draft.settings.get("thread", ())


def check(draft: Draft) -> None:
    """Raise Unsupported if one of the parts or options cannot be carried."""
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
    """Return the request that creates the part after those that are `public`."""
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
    """Return the thread, of which all parts are public; the checkpoint keeps their ids."""
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


async def publish(call: Call) -> Outcome:
    """Publish the parts that are not public yet. Raises PlatformError."""
    public: list[str] = list(call.checkpoint.get("parts", []))
    try:
        return await _publish(call, public)
    except PlatformError as error:
        shown = _with_scopes_known(error, call.account)
        say_what_is_public(shown, call.draft, call.account, public)
        raise shown from error.__cause__


async def _publish(call: Call, public: list[str]) -> Outcome:
    media_ids: list[str] = []
    if call.draft.media and not public:
        uploaded = await media.upload(call)
        if isinstance(uploaded, Processing):
            return uploaded
        media_ids = uploaded
    while len(public) < len(texts(call.draft)):
        if public and public != call.checkpoint.get("parts"):
            # Persist the public parts and clear the state of the part that was in flight.
            await call.checkpoint.save(parts=list(public), **NOT_SENT)
        public.append(await _send(call, public, media_ids))
    return published(call, public)


async def _send(call: Call, public: list[str], media_ids: list[str]) -> str:
    """Send the next part; return its id once X has taken it."""
    sent_before = call.checkpoint.get("first_sent_ms") is not None
    if not sent_before:
        call.checkpoint["first_sent_ms"] = int(clock.unix_seconds() * 1000)
    try:
        answer = await call.http.post(
            POSTS,
            headers=call.account.bearer,
            json=body(call.draft, public, media_ids),
            irreversible=True,
        )
    except OutcomeUnknown:
        raise
    except PlatformError as refusal:
        raise await _refused(refusal, call, sent_before=sent_before) from refusal
    return answer.take("data", "id")


async def _refused(refusal: PlatformError, call: Call, *, sent_before: bool) -> PlatformError:
    """Return what a refusal means after the earlier tries to send this part."""
    checkpoint = call.checkpoint
    if refusal.code == "duplicate_content" and sent_before:
        # The lost post is public after all, or another with the same text is: a lookup tells.
        # The earlier send is still without an answer.
        checkpoint.state = "sent"
        await checkpoint.save(duplicate=True)
        return refusal.as_(OutcomeUnknown, "X says that this text is already public.")
    if not sent_before:
        # This send published nothing, so a lookup must not start at it.
        checkpoint["first_sent_ms"] = None
    is_lost = checkpoint.get("media") and errors.is_about_media_ids(refusal)
    if is_lost and await media.forget(checkpoint):
        return refusal.as_(Unavailable, "X has forgotten the uploaded media.")
    await checkpoint.save()
    return refusal


def _with_scopes_known(error: PlatformError, account: Credentials) -> PlatformError:
    """Reject instead of asking for scopes, if all of them are known to be granted."""
    if error.code != "permission_missing" or not account.scopes:
        return error
    if oauth.missing_scopes(XOAuth(), account.scopes):
        return error
    return error.as_(Rejected, "X does not permit this account to post this.")
