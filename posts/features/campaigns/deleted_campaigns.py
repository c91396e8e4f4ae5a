"""Takes the posts of deleted campaigns out of them, some at a time, and then forgets the campaigns.

Readers know already: `deleted_at` is set. So nothing is late here, a worker that dies leaves a
correct state, and two workers take different posts.
"""

import time
from functools import partial

import structlog
from django.db import connection

from destinations.jobs.forget import in_steps
from posts.models import Campaign

log = structlog.get_logger()

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


def clear() -> int:
    """Clear deleted campaigns for a while; how many posts were taken out of them."""
    until = time.monotonic() + RUN_SECONDS
    cleared = 0
    for campaign in Campaign.objects.filter(deleted_at__isnull=False).order_by("id"):
        cleared += in_steps(partial(_step, campaign.pk), STEP, until - time.monotonic())
        _forget(campaign)
    return cleared


def _step(campaign_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(CLEAR, [campaign_id, STEP])
        return int(cursor.rowcount)


def _forget(campaign: Campaign) -> None:
    """Delete the row once no post names it; none can any more."""
    if not campaign.posts.exists():
        campaign.delete()
        log.info("campaign_forgotten", campaign=campaign.pk)
