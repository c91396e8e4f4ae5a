"""Find, count, make, change and delete the campaigns of a workspace.

A deleted campaign is only marked. Its posts are taken out of it some at a time, and then the row
goes.
"""

import time
import uuid
from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, QuerySet

from destinations.access import Reach
from destinations.jobs import isolated
from destinations.jobs.forget import in_steps
from destinations.runtime import clock
from posts.composing.extensions import lifecycle
from posts.errors import RequestRefused, known
from posts.features.analytics import tallies
from posts.models import Campaign, Post, Workspace
from posts.read_models import queries

log = structlog.get_logger()


def listed(workspace_id: uuid.UUID, status: str | None = None) -> QuerySet[Campaign]:
    """Return the campaigns of a workspace, newest first; with this status, if one is given."""
    found = queries.campaigns(workspace_id).order_by("-id")
    return found.filter(status=status) if status else found


def find(workspace_id: uuid.UUID, campaign_id: int) -> Campaign:
    """Return the campaign. Raises RequestRefused if the workspace has none with this id."""
    return known(queries.campaigns(workspace_id).filter(pk=campaign_id).first(), "campaign")


@transaction.atomic
def create(workspace_id: uuid.UUID, fields: Mapping[str, Any]) -> Campaign:
    """Create a campaign. Raises RequestRefused if the workspace has as many as it may."""
    # Locked, so that two callers do not both make the last one.
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace_id)
    most = settings.CAMPAIGN_LIMIT
    if queries.campaigns(workspace_id)[:most].count() >= most:
        raise RequestRefused(
            "campaign_limit_reached",
            f"This workspace has {most} campaigns, as many as it may; delete some first.",
            limit=most,
        )
    return Campaign.objects.create(workspace_id=workspace_id, updated_at=clock.now(), **fields)


@transaction.atomic
def edit(reach: Reach, campaign_id: int, changes: Mapping[str, Any]) -> Campaign:
    """Change a campaign; returns it. Raises RequestRefused, also for posts out of reach in it."""
    campaign = _locked(reach, campaign_id)
    for name, value in changes.items():
        setattr(campaign, name, value)
    campaign.updated_at = clock.now()
    campaign.save(update_fields=[*changes, "updated_at"])
    return campaign


@transaction.atomic
def delete(reach: Reach, campaign_id: int) -> None:
    """Delete a campaign; its posts stay. Raises RequestRefused, also for posts out of reach in it.

    It waits for posts that are being put into it, and none can be put into it afterwards.
    """
    campaign = _locked(reach, campaign_id)
    campaign.deleted_at = clock.now()
    campaign.save(update_fields=["deleted_at"])
    log.info("campaign_deleted", campaign=campaign.pk, workspace=str(reach.workspace_id))


def _locked(reach: Reach, campaign_id: int) -> Campaign:
    rows = queries.campaigns(reach.workspace_id).select_for_update(no_key=True)
    campaign = known(rows.filter(pk=campaign_id).first(), "campaign")
    rules = (source.rules_of_campaign(campaign_id) for source in lifecycle.post_sources())
    queries.check_uses(reach, Post.objects.filter(campaign=campaign), rules)
    return campaign


def post_counts(reach: Reach, campaigns: Collection[Campaign]) -> dict[int, int]:
    """Return the number of posts within reach of each campaign, by its id; drafts are posts too."""
    ids = [campaign.pk for campaign in campaigns]
    if not ids:
        return {}
    if reach.only is None and not tallies.is_behind(reach):
        return dict.fromkeys(ids, 0) | tallies.of_campaigns(reach, ids)
    rows = queries.listed_posts(reach).filter(campaign__in=ids).order_by()
    counted = rows.values_list("campaign").annotate(count=Count("pk"))
    return dict.fromkeys(ids, 0) | dict(counted)


#: How many posts one transaction covers.
STEP = 1_000
#: A run goes on for at most so long; the next one continues.
RUN_SECONDS = 20.0

# A post that is locked is being published or changed, and is taken by the next step.
CLEAR = """
UPDATE posts_post SET campaign_id = NULL WHERE id = ANY (ARRAY(
    SELECT id FROM posts_post WHERE campaign_id = %s LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
))
"""


def clear_deleted() -> int:
    """Clear deleted campaigns for a while; how many posts were taken out of them."""
    until = time.monotonic() + RUN_SECONDS
    deleted = Campaign.objects.filter(deleted_at__isnull=False).order_by("id")
    return isolated.each(partial(_clear, until), deleted, "clear_campaigns")


def _clear(until: float, campaign: Campaign) -> int:
    cleared = in_steps(partial(_clear_step, campaign.pk), STEP, until - time.monotonic())
    _forget_deleted(campaign)
    return cleared


def _clear_step(campaign_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(CLEAR, [campaign_id, STEP])
        return int(cursor.rowcount)


def _forget_deleted(campaign: Campaign) -> None:
    """Delete the row once no post names it; none can any more."""
    if not campaign.posts.exists():
        campaign.delete()
        log.info("campaign_forgotten", campaign=campaign.pk)
