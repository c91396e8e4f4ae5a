"""Find a part whose answer was lost, in the account's own timeline.

X has no idempotency key, so the post is recognised by its text and the time in its id. What the
timeline does not show after five minutes was never posted. It is then sent once more, and X's
refusal of identical texts guards against a second post.
Source: X developer documentation, "X IDs", "Timelines" (read 2026-11-24).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

from platforms.adapter import Call
from platforms.checkpoint import Checkpoint
from platforms.drafts import Credentials, Draft
from platforms.http.client import Answer, Client
from platforms.outcomes import (
    Absent,
    Finding,
    PartiallyPublished,
    Undeterminable,
    is_settled,
)
from platforms.text import nfc
from platforms.text.links import url_spans
from platforms.x import dialect, thread

#: The epoch of the milliseconds in X's ids.
EPOCH_MS = 1288834974657
BEFORE_MS = 60_000
#: The longest time of a call, and the two minutes by which clocks may differ.
AFTER_MS = 180_000

LINK = "\ufffc"
QUOTE = "quoteTweetId"
REPLIED_TO = re.compile(r"^(?:@\w{1,15} )+", re.ASCII)
PROTOCOL = re.compile(r"^https?://", re.IGNORECASE)
CUT = re.compile(rf"(?:…|\.\.\.)\s*{LINK}$")

ABSENT_AFTER = timedelta(minutes=5)
#: If the clocks differ by more, a window of time proves nothing.
SKEW_SECONDS = 30
#: These fields tell two posts with the same text apart, and cost nothing. What a post replies to is
#: an expansion, and the posts it brings cost money.
#: Source: X API v2 OpenAPI document 2.167, GET /2/users/{id}/tweets (read 2026-11-25).
FIELDS = ("conversation_id", "entities")
#: Together more than an account may post in an hour. Each post of a page tells its links twice,
#: which may have some thousand letters each.
PAGE, PAGES = 20, 25


def listing_window(first_sent_ms: int, last_sent_ms: int, *, behind: str = "0") -> dict[str, str]:
    """Query parameters that list what was posted around the sends, both in unix milliseconds.

    `behind` is the id of a post that was public before the first send.
    """
    return {
        "since_id": str(max(snowflake(first_sent_ms - BEFORE_MS), int(behind))),
        "until_id": str(snowflake(last_sent_ms + AFTER_MS)),
    }


def recall(draft: Draft, kept: Mapping[str, Any], since: datetime) -> Mapping[str, Any] | None:
    """Return a checkpoint to find one post by its text; of a thread several parts may be out."""
    if len(thread.texts(draft)) > 1 or not draft.text.strip():
        return None
    since_ms = int(since.timestamp() * 1000)
    return {**kept, "first_sent_ms": min(since_ms, kept.get("first_sent_ms") or since_ms)}


def snowflake(unix_ms: int) -> int:
    """Return the smallest id of this millisecond."""
    return (unix_ms - EPOCH_MS) << 22


def is_part(draft: Draft, public: Sequence[str], post: Mapping[str, Any]) -> bool:
    """Return whether a listed post reads like the part after those that are `public`.

    All links count as equal here; `has_our_links` compares them.
    """
    text, listed = thread.texts(draft)[len(public)], post["text"]
    # A thread is a conversation with the id of its first post; blank if X does not say.
    conversation = str(post.get("conversation_id") or "")
    if conversation not in ("", public[0] if public else post["id"]):
        return False
    if not public:
        adds_link = bool(draft.media or draft.settings.get(QUOTE))
        return same_text(text, listed, adds_link=adds_link)
    return same_text(text, listed) or same_text(text, REPLIED_TO.sub("", listed))


def has_our_links(draft: Draft, position: int, post: Mapping[str, Any]) -> bool:
    """Return whether the links of a post that reads like this part have our targets.

    True if X does not say. X cuts long texts, with some of their links.
    """
    text = nfc(thread.texts(draft)[position])
    targets = [_target(text[first:last]) for first, last in url_spans(text)]
    # X spells international names in its own way, and resolves its own short links.
    ours = [to for to in targets if to.isascii() and not to.startswith("t.co/")]
    urls = (post.get("entities") or {}).get("urls") or ()
    theirs = {_target(url.get("expanded_url") or "") for url in urls}
    is_cut = bool(CUT.search(_comparable(_unescape(post["text"]))))
    return not theirs or is_cut or theirs.issuperset(ours)


def _target(url: str) -> str:
    """Return a URL without what X may change: its protocol, its encoding, its last slash."""
    return unquote(PROTOCOL.sub("", url)).rstrip("/").casefold()


def same_text(text: str, listed: str, *, adds_link: bool = False) -> bool:
    """Return whether X shows this text as `listed`.

    X escapes three characters, replaces links by its own, cuts long texts, appends a link to media
    or to a quoted post, and prefixes a reply with the users it answers.
    """
    ours, theirs = _comparable(text), _comparable(_unescape(listed))
    if theirs == ours:
        return True
    if adds_link and theirs.removesuffix(LINK).rstrip() == ours:
        return True
    cut = CUT.search(theirs)
    return bool(cut and len(ours) > cut.start() > 0 and ours.startswith(theirs[: cut.start()]))


def _unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _comparable(text: str) -> str:
    text = nfc(text)
    parts, end = [], 0
    for first, last in url_spans(text):
        parts += [text[end:first], LINK]
        end = last
    return " ".join("".join([*parts, text[end:]]).split())


async def find(call: Call, sent_at: datetime) -> Finding:
    """Return what became of the part in flight. Raises PlatformError."""
    draft, account, checkpoint = call.draft, call.account, call.checkpoint
    public = list(checkpoint.get("parts", []))
    sent_ms = int(sent_at.timestamp() * 1000)
    first_ms = min(sent_ms, checkpoint.get("first_sent_ms") or sent_ms)
    window = listing_window(first_ms, sent_ms, behind=public[-1] if public else "0")
    seen = await _look(call, public, window)
    links = {post_id: thread.address(account, post_id) for post_id in seen.matches}
    theirs = await checkpoint.others(links)
    ours = [post_id for post_id in seen.matches if post_id not in theirs]
    if not ours and not seen.is_whole:
        return Undeterminable(_place(account, public))
    if not ours:
        if not seen.is_proof or not is_settled(sent_at, ABSENT_AFTER):
            return Absent(proven=False)
        return _unseen(account, checkpoint, public)
    # Newest first: the last match is the earliest.
    public.append(ours[-1])
    if len(public) < len(thread.texts(draft)):
        checkpoint.update(parts=public, **thread.NOT_SENT)
        return PartiallyPublished(public[0])
    return thread.published(call, public)


@dataclass(slots=True)
class _Seen:
    """The posts of a timeline within a window of time."""

    #: The posts that may be the part in flight, by their ids, newest first.
    matches: list[str] = field(default_factory=list)
    #: False if there are more posts than are read, because each costs money.
    is_whole: bool = False
    #: Whether a whole timeline without a match proves that the post is absent.
    is_proof: bool = True

    def add(self, page: Answer, draft: Draft, public: list[str]) -> None:
        for post in _posts(page):
            if not is_part(draft, public, post):
                continue
            if has_our_links(draft, len(public), post):
                self.matches.append(post["id"])
            else:
                # Ours if X spells a link differently; more likely another one.
                self.is_proof = False
        # The window is in our time and the ids in X's. Errors stand for missing posts.
        if abs(page.ahead_seconds()) > SKEW_SECONDS or "errors" in page.json():
            self.is_proof = False


async def _look(call: Call, public: list[str], window: dict[str, str]) -> _Seen:
    # Every listed post costs money, so the window is as narrow as it can be.
    params = {**window, "max_results": str(PAGE), "exclude": "retweets"}
    seen = _Seen()
    for _ in range(PAGES):
        page = await _page(call, params)
        seen.add(page, call.draft, public)
        params["pagination_token"] = page.json()["meta"].get("next_token", "")
        if not params["pagination_token"]:
            seen.is_whole = True
            break
    return seen


async def _page(call: Call, params: Mapping[str, str]) -> Answer:
    url = f"https://api.x.com/2/users/{call.account.platform_account_id}/tweets"
    return await dialect.get_fields(call.http, url, call.account, params, FIELDS)


async def shows_as_own(post_id: str, account: Credentials, http: Client) -> bool | None:
    """Return whether X names the account as the author of this post. Raises PlatformError."""
    if not post_id.isascii() or not post_id.isdigit():
        return False
    answer = await http.get(
        f"https://api.x.com/2/tweets/{post_id}",
        headers=account.bearer,
        # An expansion in the current API document; in the former one it brings the field too.
        params={"expansions": "author_id"},
        accept=(404,),
    )
    if answer.is_missing():
        return False
    post = answer.json_object().get("data")
    # With a 200, X may also say that a post does not exist or is not visible.
    author = post.get("author_id") if isinstance(post, dict) else None
    return author == account.platform_account_id if author else None


def _posts(page: Answer) -> list[Any]:
    """Return a page's posts. X leaves the list out if it is empty, and says how many there are."""
    body = page.json_object()
    posts, meta = body.get("data", []), body.get("meta")
    if not isinstance(posts, list) or not isinstance(meta, dict) or not all(map(_is_post, posts)):
        page.unreadable("its timeline could not be read")
    if not posts and meta.get("result_count") != 0:
        page.unreadable("its timeline says nothing")
    return posts


def _is_post(entry: Any) -> bool:
    return isinstance(entry, dict) and all(
        isinstance(entry.get(name), str) for name in ("id", "text")
    )


def _unseen(account: Credentials, checkpoint: Checkpoint, public: list[str]) -> Finding:
    """Return the finding if the timeline would show the post and does not."""
    if checkpoint.get("duplicate") or checkpoint.get("sent_again"):
        return Undeterminable(_place(account, public))
    checkpoint["sent_again"] = True
    return Absent()


def _place(account: Credentials, public: list[str]) -> str:
    """Return the address where a person would look."""
    return thread.address(account, public[0]) if public else f"https://x.com/{account.username}"
