"""Find a part whose answer was lost, in the account's own timeline.

X has no idempotency key, so the post is recognised by its text and its time. What the timeline does
not show after five minutes was never posted. It is then sent once more, and X's refusal of
identical texts guards against a second post.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from platforms import clock
from platforms.call import Call
from platforms.checkpoint import Checkpoint
from platforms.drafts import Credentials, Draft
from platforms.http.client import Answer, Client
from platforms.outcomes import Absent, Finding, PartiallyPublished, Undeterminable
from platforms.x import dialect, matching, thread

ABSENT_AFTER_MS = 300_000
#: If the clocks differ by more, a window of time proves nothing.
SKEW_SECONDS = 30
#: These fields tell two posts with the same text apart, and cost nothing. What a post replies to is
#: an expansion, and the posts it brings cost money.
#: Source: X API v2 OpenAPI document 2.167, GET /2/users/{id}/tweets (read 2026-11-25).
FIELDS = ("conversation_id", "entities")
NOT_FOUND = 404
#: Of a hundred posts each: more than an account may post in an hour.
PAGES = 5


async def find(call: Call, sent_at: datetime) -> Finding:
    """What became of the part in flight. Raises PlatformError."""
    draft, account, checkpoint = call.draft, call.account, call.checkpoint
    public = list(checkpoint.get("parts", []))
    sent_ms = int(sent_at.timestamp() * 1000)
    first_ms = min(sent_ms, checkpoint.get("first_sent_ms") or sent_ms)
    window = matching.window(first_ms, sent_ms, behind=public[-1] if public else "0")
    seen = await _look(call, public, window)
    links = {post_id: thread.address(account, post_id) for post_id in seen.matches}
    theirs = await checkpoint.others(links)
    ours = [post_id for post_id in seen.matches if post_id not in theirs]
    if not ours and not seen.is_whole:
        return Undeterminable(_place(account, public))
    if not ours:
        is_over = clock.unix_seconds() * 1000 - sent_ms >= ABSENT_AFTER_MS
        if not is_over or not seen.is_proof:
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
    """What a timeline shows of a window of time."""

    #: The posts that may be the part in flight, by their ids, newest first.
    matches: list[str] = field(default_factory=list)
    #: False if there are more posts than are read, because each costs money.
    is_whole: bool = False
    #: Whether a whole timeline without a match proves that the post is absent.
    is_proof: bool = True

    def add(self, page: Answer, draft: Draft, public: list[str]) -> None:
        for post in _posts(page):
            if not matching.is_part(draft, public, post):
                continue
            if matching.has_our_links(draft, len(public), post):
                self.matches.append(post["id"])
            else:
                # Ours if X spells a link differently; more likely another one.
                self.is_proof = False
        # The window is in our time and the ids in X's. Errors stand for missing posts.
        if abs(page.ahead_seconds()) > SKEW_SECONDS or "errors" in page.json():
            self.is_proof = False


async def _look(call: Call, public: list[str], window: dict[str, str]) -> _Seen:
    # Every listed post costs money, so the window is as narrow as it can be.
    params = {**window, "max_results": "100", "exclude": "retweets"}
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
    return await dialect.get(call.http, url, call.account, params, FIELDS)


async def shows_as_own(post_id: str, account: Credentials, http: Client) -> bool | None:
    """Whether X names the account as the author of this post. Raises PlatformError."""
    if not post_id.isascii() or not post_id.isdigit():
        return False
    answer = await http.get(
        f"https://api.x.com/2/tweets/{post_id}",
        headers=account.bearer,
        # An expansion in the current API document; in the former one it brings the field too.
        params={"expansions": "author_id"},
        accept=(NOT_FOUND,),
    )
    if answer.status == NOT_FOUND:
        return False
    post = answer.json_object().get("data")
    # With a 200, X may also say that a post does not exist or is not visible.
    author = post.get("author_id") if isinstance(post, dict) else None
    return author == account.platform_account_id if author else None


def _posts(page: Answer) -> list[Any]:
    """A page's posts. X leaves the list out if it is empty, and says how many there are."""
    body = page.json_object()
    posts, meta = body.get("data", []), body.get("meta")
    if not isinstance(posts, list) or not isinstance(meta, dict):
        page.unreadable("its timeline could not be read")
    if not posts and meta.get("result_count") != 0:
        page.unreadable("its timeline says nothing")
    return posts


def _unseen(account: Credentials, checkpoint: Checkpoint, public: list[str]) -> Finding:
    """The finding if the timeline would show the post and does not."""
    if checkpoint.get("duplicate") or checkpoint.get("sent_again"):
        return Undeterminable(_place(account, public))
    checkpoint["sent_again"] = True
    return Absent()


def _place(account: Credentials, public: list[str]) -> str:
    """Where a person would look."""
    return thread.address(account, public[0]) if public else f"https://x.com/{account.username}"
