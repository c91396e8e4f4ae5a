"""Find out what became of a post: by the status of its publish id, or if that was lost, in a list.

The list shows public posts only, the newest first, with their texts cut: a match proves a post, and
the lack of one proves nothing.
Source: TikTok for Developers, Get Post Status, List Videos (read 2026-11-24).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from platforms import clock
from platforms.adapter import Call
from platforms.checkpoint import Checkpoint
from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown, PlatformError, RateLimited, Unauthorized, Unavailable
from platforms.outcomes import Absent, Finding, Processing, Published, RefusedLater, Undeterminable
from platforms.text import collapsed
from platforms.tiktok import api, errors, media, options

PostStatus = Published | Processing | Absent | RefusedLater

#: How long to wait for the id of a public post, which its link needs.
ID_SECONDS = 60
#: Polls slow down to one a minute, and after 15 minutes to one in five.
SLOW_AFTER_SECONDS, SLOW_SECONDS = 900, 300
IN_INBOX = "It waits in the TikTok app, where the account's owner must finish it."

SCOPE = "video.list"
FIELDS = "id,create_time,title,video_description,share_url"
#: TikTok cuts texts at about 150 characters.
COMPARED_CHARS = 140


async def published_or_waiting(call: Call) -> Published | Processing | Absent:
    """Return how the post of the publish id stands. Raises PlatformError if it failed."""
    try:
        known = await read_status(call)
    except PlatformError as problem:
        if not may_be_posted(call.checkpoint):
            raise
        known = while_posting(problem, call.checkpoint, call.draft)
    if isinstance(known, RefusedLater):
        raise known.error
    if isinstance(known, Published) and awaits_id(known, call.checkpoint):
        return Processing(after_seconds=5)
    return known


async def read_status(call: Call) -> PostStatus:
    """Return what TikTok says of the publish id. Raises PlatformError if it cannot be asked."""
    checkpoint = call.checkpoint
    call.http.hide(checkpoint.get("upload_url", ""))
    checkpoint["username"] = checkpoint.get("username") or call.account.username
    body = {"publish_id": checkpoint["publish_id"]}
    answer = await api.call(call.http, call.account.token, "post/publish/status/fetch/", body)
    return as_status(api.data(answer), checkpoint, call.draft)


def as_status(data: Mapping[str, Any], checkpoint: Checkpoint, draft: Draft) -> PostStatus:
    """Published, RefusedLater, Absent (proven: bytes are missing), or Processing.

    Forgets a publish id that cannot become a post any more, so that the next try gets a new one.
    """
    word = data.get("status")
    if word == "PUBLISH_COMPLETE":
        return published(post_ids(data), checkpoint, draft)
    if word == "SEND_TO_USER_INBOX":
        checkpoint["notes"] = [*checkpoint.get("notes", ()), IN_INBOX]
        checkpoint["public"] = False
        return published([], checkpoint, draft)
    if word == "FAILED":
        checkpoint["publish_id"] = ""
        return RefusedLater(errors.failed(str(data.get("fail_reason") or "")))
    if word == "PROCESSING_UPLOAD" and _lacks_bytes(data, checkpoint, draft):
        checkpoint["uploaded_bytes"] = data.get("uploaded_bytes") or 0
        if media.is_over(checkpoint):
            checkpoint["publish_id"] = ""
        return Absent(proven=True)
    return Processing(pause_seconds(checkpoint))


def may_be_posted(checkpoint: Checkpoint) -> bool:
    """Return whether TikTok may have all it needs; then no error proves that nothing is public."""
    return any(checkpoint.get(name) for name in ("pulled", "last_piece_sent", "submitted_at"))


def while_posting(
    problem: PlatformError, checkpoint: Checkpoint, draft: Draft
) -> Published | Processing:
    """Return the outcome if the status cannot be read while TikTok may be posting.

    Such an error must not end the destination as failed, because the post may be public.
    """
    if checkpoint.get("complete_at"):
        return published([], checkpoint, draft)
    if isinstance(problem, Unavailable | RateLimited):
        return Processing(max(60, problem.retry_after_seconds or 0))
    raise problem.as_(OutcomeUnknown) from problem


def awaits_id(found: Published, checkpoint: Checkpoint) -> bool:
    """Return whether to wait longer for the id of a public post."""
    if found.id != checkpoint["publish_id"] or not checkpoint.get("public"):
        return False
    seen_at = float(checkpoint.setdefault("complete_at", clock.unix_seconds()))
    return clock.unix_seconds() - seen_at < ID_SECONDS


def pause_seconds(checkpoint: Checkpoint) -> float:
    """Return the pause before the next poll: short at first, then a minute, then five."""
    waited = clock.unix_seconds() - float(
        checkpoint.get("submitted_at") or checkpoint["started_at"]
    )
    if waited > SLOW_AFTER_SECONDS:
        return SLOW_SECONDS
    return min(60, max(2 if waited < 5 else 5, waited / 3))


def post_ids(data: Mapping[str, Any]) -> list[str]:
    """Return the ids of the public post, which TikTok gives as a list of numbers or as a string."""
    # The misspelled name is TikTok's.
    ids = data.get("publicaly_available_post_id") or data.get("publicly_available_post_id") or []
    return [str(value) for value in (ids if isinstance(ids, list) else [ids])]


def published(ids: list[str], checkpoint: Checkpoint, draft: Draft) -> Published:
    """Return the post by its public id, or until there is one by publish id and profile."""
    notes, profile = tuple(checkpoint.get("notes", ())), profile_url(checkpoint)
    if ids:
        kind = "photo" if options.is_photos(draft) else "video"
        return Published(ids[0], f"{profile}/{kind}/{ids[0]}", notes)
    return Published(checkpoint["publish_id"], profile, notes)


def profile_url(checkpoint: Checkpoint) -> str:
    return f"https://www.tiktok.com/@{checkpoint['username'].lstrip('@')}"


def _lacks_bytes(data: Mapping[str, Any], checkpoint: Checkpoint, draft: Draft) -> bool:
    if checkpoint.get("submitted_at") or checkpoint.get("pulled"):
        return False  # TikTok has all it needs; its status lags behind
    uploaded = data.get("uploaded_bytes")
    if uploaded is None:
        return not checkpoint.get("last_piece_sent")
    return int(uploaded) < draft.media[0].size_bytes


async def find(call: Call, sent_at: datetime) -> Finding:
    """Return the post whose publish id never arrived. A list without it proves nothing."""
    profile = profile_url(call.checkpoint)
    is_shown = call.checkpoint.get("public") and bool(call.draft.text.strip())
    if not is_shown or (call.account.scopes and SCOPE not in call.account.scopes):
        return Undeterminable(profile)
    try:
        found = await _matches(call, sent_at)
    except Unauthorized as problem:
        if problem.code == errors.SCOPE.code:
            return Undeterminable(profile)
        raise
    theirs = await call.checkpoint.others(found)
    ours = [post_id for post_id in found if post_id not in theirs]
    if not ours:
        return Absent(proven=False)
    return published(ours[-1:], call.checkpoint, call.draft)


async def _matches(call: Call, since: datetime) -> dict[str, str]:
    """Return the posts since then with the draft's text, newest first: their links by their ids."""
    body = {"max_count": 20}
    answer = await api.call(call.http, call.account.token, "video/list/", body, fields=FIELDS)
    wanted, found = collapsed(call.draft.text), {}
    for entry in api.data(answer).get("videos") or ():
        texts = (entry.get("video_description"), entry.get("title"))
        same = any(_is_same(wanted, collapsed(str(text or ""))) for text in texts)
        if same and int(entry["create_time"]) >= int(since.timestamp()):
            found[str(entry["id"])] = str(entry.get("share_url") or "")
    return found


def _is_same(wanted: str, shown: str) -> bool:
    if len(wanted) <= COMPARED_CHARS:
        return wanted == shown
    return wanted[:COMPARED_CHARS] == shown[:COMPARED_CHARS]
