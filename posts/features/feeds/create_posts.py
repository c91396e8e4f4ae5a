"""Make the posts of new items: each once, because post and item change in one transaction.

A refusal that may pass is tried again after growing pauses, until the item is too old. The text
comes from the feed's template.
"""

import re
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction

from destinations.jobs import isolated
from destinations.jobs.leased_rows import LeasedRows
from destinations.runtime import clock, failpoints
from destinations.runtime.worker import shutdown
from posts.composing import compose
from posts.composing.changes import lock
from posts.composing.compose import NewPost
from posts.composing.destinations import Author
from posts.composing.queueing import IntoQueue
from posts.errors import Code, RequestRefused
from posts.features.approval import decisions
from posts.features.feeds.models import Feed, FeedItem
from posts.models import Media, Workspace

#: They say nothing of the post itself: time, the customer or the operator can end each of them.
PASSING: frozenset[Code] = frozenset(
    {
        # An account was disconnected: the feed can be given others.
        "invalid_accounts",
        "queue_full",
        "storage_quota_exceeded",
        "rate_limit_exceeded",
        "request_timeout",
        "internal_error",
        "service_unavailable",
        "storage_full",
    }
)
SOONEST, LATEST = timedelta(minutes=1), timedelta(hours=6)
#: An item is old news by then.
GIVE_UP = timedelta(days=2)


def may_pass(refused: RequestRefused) -> bool:
    """Return whether the same post may be accepted later."""
    is_busy = refused.message == lock.BUSY
    return refused.code in PASSING or refused.retry_after_seconds is not None or is_busy


def retry_pause(age: timedelta) -> timedelta:
    """Return how long an item of this age waits for its next try: half its age, so ever longer."""
    return min(max(age / 2, SOONEST), LATEST)


log = structlog.get_logger()

#: How long a post waits for its image, and how often it looks.
PATIENCE = timedelta(minutes=10)
LOOK_EVERY = timedelta(seconds=5)
State = FeedItem.State
ROWS = LeasedRows(FeedItem, seconds=SOONEST.total_seconds(), claim=None)
Mode = Workspace.ApprovalMode


def all_waiting() -> None:
    """Make the posts of every item that is due."""
    while not shutdown.is_requested() and (item := _claim()):
        isolated.each(_make, [item], "feed_item")


@transaction.atomic
def _claim() -> FeedItem | None:
    """Return the item that has waited longest; None if none is due.

    In a transaction of its own: an item at which a process dies or fails holds up no other. Its
    lease is the pause before its next try, so that it comes ever later.
    """
    waiting = FeedItem.objects.filter(state=State.WAITING, feed__enabled=True)
    item = ROWS.claim_one(waiting.order_by("due_at", "id"))
    if item:
        ROWS.renew(item, retry_pause(clock.now() - item.created_at))
    return item


@transaction.atomic
def _make(claimed: FeedItem) -> None:
    """Make the post of an item, unless its image is on its way."""
    item = ROWS.hold(claimed)
    if item is None or item.state != State.WAITING or not item.feed.enabled:
        return
    now = clock.now()
    image = Media.objects.filter(pk=item.media_id).first() if item.media_id else None
    is_coming = image is not None and image.status == Media.Status.UPLOADING
    if is_coming and now - item.created_at < PATIENCE:
        item.due_at = now + LOOK_EVERY
    else:
        is_here = image is not None and image.status == Media.Status.READY
        item.media_id = item.media_id if is_here else None
        _post(item, now)
    item.save()
    failpoints.reach(failpoints.FEED_POSTED, "")


def _post(item: FeedItem, now: datetime) -> None:
    """Make the item's post, and say so on it; or say why there is none, or none yet."""
    try:
        item.post_id, item.state, item.problem = _made(item), State.POSTED, ""
    except RequestRefused as refusal:
        item.problem = refusal.message
        log.warning("feed_item_refused", feed=str(item.feed_id), item=item.pk, code=refusal.code)
        if may_pass(refusal) and now - item.created_at < GIVE_UP:
            return
        item.state = State.FAILED
    item.values = {}


def _made(item: FeedItem) -> uuid.UUID:
    """Return the id of the post that fits: its texts cut as needed, at last without its image.

    Raises RequestRefused: for what may pass at once, otherwise for the reason of the first try.
    """
    tries = [
        (media_ids, most)
        for media_ids in (([item.media_id], []) if item.media_id else ([],))
        for most in TEXT_CUTS
    ]
    refusals = []
    for media_ids, most in tries:
        text = render_text(item.feed.template, item.values, most)
        try:
            with transaction.atomic():
                return _create(item.feed, text, media_ids)
        except RequestRefused as refusal:
            if may_pass(refusal):
                raise
            refusals.append(refusal)
    raise refusals[0]


def _create(feed: Feed, text: str, media_ids: list[uuid.UUID]) -> uuid.UUID:
    author = Author(feed.workspace_id, by=f"feed:{feed.pk}")
    # Where every post needs approval, it waits already.
    mode = feed.workspace.approval_mode
    is_asking = feed.require_approval and mode in (Mode.NONE, Mode.OPTIONAL)
    timing = _timing(feed)
    new = NewPost(
        content=text,
        account_ids=feed.account_ids,
        media_ids=media_ids,
        campaign_id=feed.campaign_id,
        # Published at once, it could not wait for approval.
        **({"draft": True} if is_asking and not timing else timing),
    )
    made = compose.create(author, new).post.pk
    if is_asking:
        decisions.ask(author, made, message=f"A new item of the feed {feed.name}.")
        if not timing:
            compose.schedule(author, made, None)
    return made


def _timing(feed: Feed) -> Mapping[str, Any]:
    if feed.mode == Feed.Mode.DRAFT:
        return {"draft": True}
    if feed.mode == Feed.Mode.QUEUE:
        return {"queue": IntoQueue()}
    minutes = feed.publish_delay_minutes
    return {"when": clock.now() + timedelta(minutes=minutes)} if minutes else {}


#: The names that a template may hold, and what each stands for.
TEMPLATE_FIELDS = ("title", "link", "summary", "author", "feed")
#: Texts that are cut until the post fits its networks; a link is never cut.
LONG_FIELDS = ("title", "summary")
#: The most characters of each long text, tried in this order. None: all of it.
TEXT_CUTS = (None, 1000, 500, 250, 150, 80)
_FIELD = re.compile(r"\{(\w*)\}")


def unknown_fields(template: str) -> list[str]:
    """Return what the template names that no item has."""
    return [name for name in _FIELD.findall(template) if name not in TEMPLATE_FIELDS]


def render_text(template: str, values: Mapping[str, str], most: int | None) -> str:
    """Return the text, with titles and summaries of at most `most` characters."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        text = values.get(name, "")
        return shortened(text, most) if name in LONG_FIELDS and most is not None else text

    # Of a field that the item lacks no blank lines stay.
    return re.sub(r"\n{3,}", "\n\n", _FIELD.sub(value, template)).strip()


def shortened(text: str, most: int) -> str:
    """Cut to at most `most` characters, between words where one ends in the last third."""
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    whole, space, _ = kept.rpartition(" ")
    return (whole if space and len(whole) > most * 2 // 3 else kept).rstrip() + "…"


def is_wanted(values: Mapping[str, str], include: list[str], exclude: list[str]) -> bool:
    """Return whether the item's words make it a post. Parts of words count; case does not."""
    text = f"{values.get('title', '')}\n{values.get('summary', '')}".casefold()
    if any(word.casefold() in text for word in exclude):
        return False
    return not include or any(word.casefold() in text for word in include)
