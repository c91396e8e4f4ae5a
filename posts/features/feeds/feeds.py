"""The only way to find, make, change and delete the feeds of a workspace."""

import uuid
from collections.abc import Mapping
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from destinations.access import Reach
from destinations.runtime import clock
from posts.composing import references
from posts.errors import RequestRefused, invalid, known
from posts.features.feeds.models import Feed, FeedItem
from posts.media.fetch import request as fetch_request
from posts.models import Workspace

log = structlog.get_logger()


def within(reach: Reach) -> QuerySet[Feed]:
    """Return the feeds that post to accounts within reach only, newest first."""
    found = Feed.objects.filter(workspace=reach.workspace_id).order_by("-created_at", "-id")
    if reach.only is None:
        return found
    return found.filter(account_ids__contained_by=sorted(reach.only))


def items(feed: Feed, state: str | None = None) -> QuerySet[FeedItem]:
    """Return the feed's items, newest first."""
    found = feed.items.order_by("-id")
    return found.filter(state=state) if state else found


@transaction.atomic
def create(reach: Reach, values: Mapping[str, Any]) -> Feed:
    """Create a feed, which is read at once. Raises RequestRefused."""
    Workspace.objects.select_for_update(no_key=True).get(pk=reach.workspace_id)
    most = settings.FEED_LIMIT
    if Feed.objects.filter(workspace=reach.workspace_id)[:most].count() >= most:
        raise RequestRefused(
            "conflict", f"This workspace has {most} feeds, as many as it may; delete one first."
        )
    now = clock.now()
    feed = Feed(workspace_id=reach.workspace_id, due_at=now, updated_at=now, **values)
    _check(reach, feed, values)
    feed.save(force_insert=True)
    return feed


@transaction.atomic
def change(reach: Reach, feed_id: uuid.UUID, values: Mapping[str, Any]) -> Feed:
    """Change a feed. Raises RequestRefused.

    Of another URL, and of one that was switched off, what is there now is backlog and not posted.
    """
    feed = known(within(reach).select_for_update().filter(pk=feed_id).first(), "feed")
    had_url, was_enabled = feed.url, feed.enabled
    for name, value in values.items():
        setattr(feed, name, value)
    _check(reach, feed, values)
    feed.updated_at = clock.now()
    if feed.url != had_url or (feed.enabled and not was_enabled):
        feed.due_at, feed.baseline_at = feed.updated_at, None
        feed.source_url = feed.etag = feed.last_modified = feed.problem = ""
        feed.consecutive_errors = 0
        waiting = FeedItem.State.WAITING
        feed.items.filter(state=waiting).update(state=FeedItem.State.BACKLOG, values={})
    feed.save()
    return feed


@transaction.atomic
def delete(feed: Feed) -> None:
    """Delete a feed; its posts stay."""
    log.info("feed_deleted", feed=str(feed.pk), workspace=str(feed.workspace_id))
    feed.delete()


def _check(reach: Reach, feed: Feed, values: Mapping[str, Any]) -> None:
    if "url" in values:
        fetch_request.check(feed.url)
    if "account_ids" in values:
        references.accounts(reach, feed.account_ids)
    if "campaign_id" in values:
        references.campaign(reach.workspace_id, feed.campaign_id)
    if values.get("require_approval"):
        mode = Workspace.objects.values_list("approval_mode", flat=True).get(pk=reach.workspace_id)
        if mode == Workspace.ApprovalMode.NONE:
            raise invalid(
                "require_approval",
                "This workspace uses no approval; its operator can switch it on.",
            )
    if feed.mode == Feed.Mode.SCHEDULE and not feed.publish_delay_minutes:
        raise invalid("publish_delay_minutes", "The mode schedule needs a delay of 1 or more.")
