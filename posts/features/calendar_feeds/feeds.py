"""Makes, finds, rotates and revokes calendar feeds. A token is known only when it is made."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet

from destinations import access
from destinations.access import Reach
from destinations.runtime import clock
from posts.errors import RequestRefused
from posts.features.calendar_feeds.models import CalendarFeed
from posts.models import Workspace
from posts.read_models import listing

log = structlog.get_logger()

MOST = 25
#: `last_read_at` is written at most this often.
READ_EVERY = timedelta(hours=1)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def create(reach: Reach, by: str, values: Mapping[str, Any]) -> tuple[CalendarFeed, str]:
    """Create a feed and its token, which cannot be shown again. Raises RequestRefused."""
    # Locked, so that two callers do not both make the last one.
    Workspace.objects.select_for_update(no_key=True).get(pk=reach.workspace_id)
    if within(Reach(reach.workspace_id)).count() >= MOST:
        raise RequestRefused(
            "conflict", f"This workspace has {MOST} calendar feeds, the most there may be."
        )
    account, campaign = values.get("account_id"), values.get("campaign_id")
    if account is not None and access.account(reach, account) is None:
        raise RequestRefused(
            "invalid_accounts", "This workspace has no such account.", account_ids=[account]
        )
    if campaign is not None and not listing.is_campaign(reach, campaign):
        raise RequestRefused(
            "invalid_campaign", "This workspace has no such campaign.", campaign_id=campaign
        )
    token = secrets.token_urlsafe(16)
    made = CalendarFeed.objects.create(
        workspace_id=reach.workspace_id,
        name=values["name"],
        digest=digest(token),
        statuses=values.get("status", []),
        platforms=values.get("platform", []),
        account_number=account,
        campaign_number=campaign,
        only=None if reach.only is None else sorted(reach.only),
        by=by,
    )
    log.info("calendar_feed_created", id=str(made.pk), by=by)
    return made, token


def within(reach: Reach) -> QuerySet[CalendarFeed]:
    """Return the feeds that a caller may see, oldest first; a restricted key sees its accounts'."""
    found = CalendarFeed.objects.filter(workspace=reach.workspace_id, revoked_at__isnull=True)
    if reach.only is not None:
        found = found.filter(only__isnull=False, only__contained_by=list(reach.only))
    return found.order_by("created_at", "id")


def rotate(feed: CalendarFeed) -> str:
    """Replace the token; the address with the old one is gone at once."""
    token = secrets.token_urlsafe(16)
    feed.digest = digest(token)
    feed.save(update_fields=["digest"])
    log.info("calendar_feed_rotated", id=str(feed.pk))
    return token


def revoke(feed: CalendarFeed, by: str) -> None:
    CalendarFeed.objects.filter(pk=feed.pk).update(revoked_at=clock.now())
    log.info("calendar_feed_revoked", id=str(feed.pk), by=by)


def by_token(token: str) -> CalendarFeed | None:
    """Return the feed at this address; None if it is unknown or was revoked."""
    return CalendarFeed.objects.filter(digest=digest(token), revoked_at__isnull=True).first()


def note_read(feed: CalendarFeed) -> None:
    """Store that it was read, at most once an hour."""
    now = clock.now()
    stale = Q(last_read_at__isnull=True) | Q(last_read_at__lte=now - READ_EVERY)
    CalendarFeed.objects.filter(stale, pk=feed.pk).update(last_read_at=now)
