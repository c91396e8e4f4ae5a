"""Read what the calendar shows beside posts: accounts, queue, campaign, drafts, the usual zone."""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from destinations.runtime import database

#: The most workspaces whose drafts are looked up together.
MOST_WORKSPACES = 100
#: How many of a workspace's newest posts tell which zone is usual there.
RECENT = 200
PLACES = """
    SELECT post_id, count(*), min(account_name), array_agg(DISTINCT platform),
        count(*) FILTER (WHERE status = 'failed' AND error_code = 'outcome_unknown')
    FROM destinations_destination WHERE post_id = ANY(%s) GROUP BY post_id
"""
PLANS = """
    SELECT p.id, coalesce(q.name, ''), coalesce(c.name, ''), coalesce(c.color, '')
    FROM posts_post p LEFT JOIN posts_postingqueue q ON q.id = p.posting_queue_id
    LEFT JOIN posts_campaign c ON c.id = p.campaign_id AND c.deleted_at IS NULL
    WHERE p.id = ANY(%s) AND num_nonnulls(q.id, c.id) > 0
"""
# A workspace's drafts have an index; those of all workspaces have none.
DRAFTS = """
    SELECT d.* FROM (
        SELECT id FROM posts_workspace WHERE %(workspace)s::uuid IS NULL OR id = %(workspace)s
        LIMIT %(workspaces)s
    ) w CROSS JOIN LATERAL (
        SELECT id, left(content, 200), scheduled_for, created_at FROM posts_post
        WHERE workspace_id = w.id AND status = 'draft' ORDER BY created_at DESC LIMIT %(most)s
    ) d ORDER BY d.created_at DESC LIMIT %(most)s
"""
ZONE = """
    SELECT timezone FROM (
        SELECT timezone FROM posts_post WHERE workspace_id = %s
        ORDER BY created_at DESC, id LIMIT %s
    ) recent GROUP BY timezone ORDER BY count(*) DESC, timezone LIMIT 1
"""


class Places(NamedTuple):
    """The accounts of a post. `may_be_live`: how many destinations have an unknown outcome."""

    accounts: int
    name: str
    platforms: list[str]
    may_be_live: int


class PlanLabel(NamedTuple):
    """The names of a post's queue and campaign, and the campaign's colour; blank for none."""

    queue: str = ""
    campaign: str = ""
    colour: str = ""


class DraftEntry(NamedTuple):
    """A post that waits to be scheduled; its time is a note."""

    id: uuid.UUID
    text: str
    at: datetime | None
    created_at: datetime


def places(post_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Places]:
    """Return where each post goes; posts without destinations are missing."""
    return {row[0]: Places._make(row[1:]) for row in database.execute(PLACES, [list(post_ids)])}


def plans(post_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, PlanLabel]:
    """Return what each post belongs to; posts in no queue and no campaign are missing."""
    return {row[0]: PlanLabel._make(row[1:]) for row in database.execute(PLANS, [list(post_ids)])}


def drafts(workspace_id: uuid.UUID | None, most: int) -> list[DraftEntry]:
    """Return the newest drafts of a workspace, or of all if there are at most MOST_WORKSPACES."""
    values = {"workspace": workspace_id, "workspaces": MOST_WORKSPACES, "most": most}
    return [DraftEntry._make(row) for row in database.execute(DRAFTS, values)]


def usual_zone(workspace_id: uuid.UUID) -> str:
    """Return the zone of most of the workspace's newest posts; UTC if it has none."""
    found = database.execute(ZONE, [workspace_id, RECENT])
    return str(found[0][0]) if found else "UTC"
