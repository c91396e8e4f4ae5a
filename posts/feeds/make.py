"""Makes the posts of new items: each once, because post and item change in one transaction."""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction

from destinations.runtime import clock, shutdown
from posts.approval import requests
from posts.composing import compose
from posts.composing.compose import NewPost
from posts.composing.destinations import Author
from posts.composing.queueing import IntoQueue
from posts.errors import RequestRefused
from posts.feeds import texts
from posts.models import Feed, FeedItem, Media, Workspace

log = structlog.get_logger()

#: How long a post waits for its image, and how often it looks.
PATIENCE = timedelta(minutes=10)
LOOK_EVERY = timedelta(seconds=5)
State = FeedItem.State
Mode = Workspace.ApprovalMode


def all_waiting() -> None:
    """Make the posts of every item that is due."""
    while not shutdown.is_requested() and next_one():
        pass


@transaction.atomic
def next_one() -> bool:
    """Make the post of the item that has waited longest; False if none is due."""
    rows = FeedItem.objects.filter(state=State.WAITING, due_at__lte=clock.now(), feed__enabled=True)
    item = (
        rows.select_related("feed__workspace")
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("due_at", "id")
        .first()
    )
    if item is None:
        return False
    image = Media.objects.filter(pk=item.media_id).first() if item.media_id else None
    is_coming = image is not None and image.status == Media.Status.UPLOADING
    if is_coming and clock.now() - item.created_at < PATIENCE:
        item.due_at = clock.now() + LOOK_EVERY
        item.save(update_fields=["due_at"])
        return True
    is_here = image is not None and image.status == Media.Status.READY
    item.media_id = item.media_id if is_here else None
    _post(item)
    item.values = {}
    item.save()
    return True


def _post(item: FeedItem) -> None:
    """Make the item's post, and say so on it; or say why there is none."""
    try:
        item.post_id, item.state = _made(item), State.POSTED
    except RequestRefused as refusal:
        item.state, item.problem = State.FAILED, refusal.message
        log.warning("feed_item_refused", feed=str(item.feed_id), item=item.pk, code=refusal.code)


def _made(item: FeedItem) -> uuid.UUID:
    """The id of the post that fits: its texts cut as far as needed, at last without its image.

    Raises RequestRefused, for the reason of the first try.
    """
    tries = [
        (media_ids, most)
        for media_ids in (([item.media_id], []) if item.media_id else ([],))
        for most in texts.CUTS
    ]
    refusals = []
    for media_ids, most in tries:
        text = texts.render(item.feed.template, item.values, most)
        try:
            with transaction.atomic():
                return _create(item.feed, text, media_ids)
        except RequestRefused as refusal:
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
