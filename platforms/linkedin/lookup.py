"""Find a post whose answer was lost.

An organization's posts can be listed; new apps cannot read a member's. LinkedIn refuses the same
content of the same author a second time, and names the first post by a URN that contains its time.
So a manual retry, or a retry after a proven absence, is safe, and its refusal may tell what became
of the first send.

Source: Microsoft Learn, "Posts API"; the refusal of duplicates, and URNs in it that name nothing,
as seen by others (read 2026-11-24).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote

from platforms import clock
from platforms.adapter import Call
from platforms.checkpoint import Checkpoint
from platforms.drafts import Credentials, Draft
from platforms.errors import OutcomeUnknown, PlatformError, Rejected
from platforms.http.client import Answer, Client
from platforms.http.foreign.stated import as_count
from platforms.linkedin import content, errors, rest
from platforms.linkedin.text import escape, unescape
from platforms.outcomes import (
    Absent,
    Finding,
    Processing,
    Published,
    RefusedLater,
    Undeterminable,
    is_settled,
)

#: How far clocks may differ before a send, and with the longest call after one.
BEFORE_MS, AFTER_MS = 60_000, 150_000
#: Refusals were seen to name a URN of their own time that does not exist. Clocks differ a little.
GHOST_MS = 10_000
ABSENT_AFTER, MILLISECOND = timedelta(minutes=5), timedelta(milliseconds=1)
FORBIDDEN = 403
#: Posts that one list holds at most.
PAGE = 100


def created(answer: Answer) -> str:
    """Return the new post's URN, which only a header holds."""
    urn = unquote(answer.headers.get("x-restli-id", ""))
    if not urn:
        answer.unreadable("its answer held no x-restli-id")
    return urn


async def duplicate(
    refusal: PlatformError, checkpoint: Checkpoint, sent_before: int | None, now_ms: int
) -> Published:
    """Return the post of an earlier send, which this refusal names. Raises PlatformError.

    `sent_before` is the time of the first send without an answer, `now_ms` that of this one.
    """
    urn = errors.duplicated_urn(refusal)
    made_ms = rest.made_ms(urn)
    is_anothers = bool(urn) and urn in await checkpoint.others({urn: rest.published(urn).url})
    # What another destination has exists, and this call has not made it.
    recent = made_ms >= now_ms - GHOST_MS and not is_anothers
    is_since = sent_before is not None and sent_before - BEFORE_MS <= made_ms
    if is_since and not recent and not is_anothers:
        return replace(rest.published(urn), found=True)
    if recent or (sent_before and not urn):
        # Which send made it is not answered: after a crash a lookup comes before another send.
        checkpoint.state = "sent"
        await checkpoint.save(duplicate=True)
        raise refusal.as_(
            OutcomeUnknown, "LinkedIn says that this text is already public."
        ) from refusal
    # Earlier sends were refused for the same older post: nothing of ours is public.
    await checkpoint.save(first_sent_ms=None)
    url = rest.published(urn).url if urn else "before"
    raise refusal.as_(
        Rejected,
        f"LinkedIn refused the post: the account has posted it already, {url}.",
        code="duplicate_content",
    ) from refusal


async def find(call: Call, sent_at: datetime) -> Finding:
    """Return what became of the post that was sent at this time. Raises PlatformError."""
    draft, account, checkpoint = call.draft, call.account, call.checkpoint
    author = rest.author(account)
    if not _may_list(author, account):
        return Undeterminable(_profile(author, account))
    listed = await _list(author, account, call.http)
    if listed.status == FORBIDDEN:
        return Undeterminable(_profile(author, account))
    sent_ms = int(sent_at.timestamp() * 1000)
    first_ms = min(sent_ms, checkpoint.get("first_sent_ms") or sent_ms)
    kept = checkpoint.get("media", {})
    urns = [kept.get(item.key, {}).get("urn") for item in draft.media]
    matches = [
        post
        for post in listed.take_list("elements")
        if post.get("author") == author
        and first_ms - BEFORE_MS <= _made_ms(post) <= sent_ms + AFTER_MS
        and _is_same(post, draft.text, urns)
    ]
    links = {post["id"]: rest.published(post["id"]).url for post in matches}
    theirs = await checkpoint.others(links)
    matches = [post for post in matches if post["id"] not in theirs]
    return _state(matches) or _unseen(_profile(author, account), checkpoint, sent_at)


def recall(draft: Draft, kept: Mapping[str, Any], since: datetime) -> Mapping[str, Any] | None:
    """Return a checkpoint to find a post by its text. Files are known by the names they were given,
    which are lost."""
    if draft.media or not draft.text.strip():
        return None
    since_ms = int(since.timestamp() * 1000)
    return {**kept, "first_sent_ms": min(since_ms, kept.get("first_sent_ms") or since_ms)}


async def shows_as_own(post_id: str, account: Credentials, http: Client) -> bool | None:
    """Return whether the author's own list holds this post.

    None if there is no list, or if it does not reach back that far. Raises PlatformError.
    """
    author = rest.author(account)
    if not _may_list(author, account):
        return None
    listed = await _list(author, account, http)
    if listed.status == FORBIDDEN:
        return None
    posts = listed.take_list("elements")
    if any(post.get("id") == post_id for post in posts):
        return True
    made_ms, now_ms = rest.made_ms(post_id), clock.unix_seconds() * 1000
    reaches = len(posts) < PAGE or made_ms > min(map(_made_ms, posts))
    return False if reaches and made_ms < now_ms - ABSENT_AFTER / MILLISECOND else None


async def _list(author: str, account: Credentials, http: Client) -> Answer:
    """Return the author's newest posts; a 403 if the account may not see them."""
    return await http.get(
        f"{rest.API}/posts",
        headers=rest.headers(account.token, http, "FINDER"),
        params={"author": author, "q": "author", "count": str(PAGE), "sortBy": "CREATED"},
        accept=(FORBIDDEN,),
    )


def _may_list(author: str, account: Credentials) -> bool:
    granted = not account.scopes or "r_organization_social" in account.scopes
    return rest.is_organization(author) and granted


def _made_ms(post: Mapping[str, Any]) -> int:
    return as_count(post.get("createdAt")) or 0


def _is_same(post: Mapping[str, Any], text: str, urns: list[str | None]) -> bool:
    theirs = content.media_urns(post.get("content") or {})
    same_text = unescape(str(post.get("commentary", ""))).strip() == unescape(escape(text)).strip()
    # No other post holds our files.
    return same_text and (not theirs or theirs == urns)


def _state(matches: Sequence[Mapping[str, Any]]) -> Finding | None:
    """Return the finding of all matching posts: a public one counts most."""
    states = {
        post.get("lifecycleState", "PUBLISHED"): post
        for post in sorted(matches, key=lambda match: -_made_ms(match))
    }
    if "PUBLISHED" in states:
        return rest.published(states["PUBLISHED"]["id"])
    if "PUBLISH_REQUESTED" in states:
        return Processing(10)
    if "PUBLISH_FAILED" in states:
        words = "LinkedIn took the post and then failed to publish it."
        return RefusedLater(Rejected(words, platform_code="PUBLISH_FAILED"))
    return None


def _unseen(look_at: str, checkpoint: Checkpoint, sent_at: datetime) -> Finding:
    """Return what a page's own list does not show after five minutes was never posted.

    It is sent once more; LinkedIn's refusal of duplicates guards against a second post.
    """
    if not is_settled(sent_at, ABSENT_AFTER):
        return Absent(proven=False)
    if checkpoint.get("duplicate") or checkpoint.get("sent_again"):
        return Undeterminable(look_at)
    checkpoint["sent_again"] = True
    return Absent()


def _profile(author: str, account: Credentials) -> str:
    if rest.is_organization(author):
        return f"https://www.linkedin.com/company/{author.rpartition(':')[2]}/posts/"
    name = quote(account.username) if account.username else "me"
    return f"https://www.linkedin.com/in/{name}/recent-activity/all/"
