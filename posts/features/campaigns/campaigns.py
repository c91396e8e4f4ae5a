"""The only way to find, make, change and delete the campaigns of a workspace."""

import uuid
from collections.abc import Mapping
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from destinations.access import Reach
from destinations.runtime import clock
from posts.composing import lifecycle
from posts.errors import RequestRefused, known
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
