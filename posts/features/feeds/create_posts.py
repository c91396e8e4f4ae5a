"""Makes the posts of new items: each once, because post and item change in one transaction."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction

from destinations.jobs.leased_rows import LeasedRows
from destinations.runtime import clock, failpoints, shutdown
from posts.composing import compose
from posts.composing.compose import NewPost
from posts.composing.destinations import Author
from posts.composing.queueing import IntoQueue
from posts.errors import RequestRefused
from posts.features.approval import requests
from posts.features.feeds import item_retry, item_text
from posts.features.feeds.models import Feed, FeedItem
from posts.models import Media, Workspace

log = structlog.get_logger()

#: How long a post waits for its image, and how often it looks.
PATIENCE = timedelta(minutes=10)
LOOK_EVERY = timedelta(seconds=5)
State = FeedItem.State
ROWS = LeasedRows(FeedItem, seconds=item_retry.SOONEST.total_seconds(), claim=None)
Mode = Workspace.ApprovalMode


def all_waiting() -> None:
    """Make the posts of every item that is due."""
    while not shutdown.is_requested() and (item := _claim()):
        _make(item)


@transaction.atomic
def _claim() -> FeedItem | None:
    """Return the item that has waited longest; None if none is due.

    In a transaction of its own: an item at which a process dies or fails holds up no other. Its
    lease is the pause before its next try, so that it comes ever later.
    """
    waiting = FeedItem.objects.filter(state=State.WAITING, feed__enabled=True)
    item = ROWS.claim_one(waiting.order_by("due_at", "id"))
    if item:
        ROWS.renew(item, item_retry.pause(clock.now() - item.created_at))
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
        if item_retry.may_pass(refusal) and now - item.created_at < item_retry.GIVE_UP:
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
        for most in item_text.CUTS
    ]
    refusals = []
    for media_ids, most in tries:
        text = item_text.render(item.feed.template, item.values, most)
        try:
            with transaction.atomic():
                return _create(item.feed, text, media_ids)
        except RequestRefused as refusal:
            if item_retry.may_pass(refusal):
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
        # What is published at once could not wait any more.
        **({"draft": True} if is_asking and not timing else timing),
    )
    made = compose.create(author, new).post.pk
    if is_asking:
        requests.ask(author, made, message=f"A new item of the feed {feed.name}.")
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
