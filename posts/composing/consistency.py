"""Finds posts and tallies that contradict what they follow from, and repairs what is safe."""

from functools import partial

from django.db import transaction

from destinations import public_ids
from destinations.state import consistency
from destinations.state.consistency import Check
from posts import registry
from posts.composing import status
from posts.composing.extensions import holds
from posts.models import Post

#: Posts are repaired so many at a time, so that no worker waits long for their locks.
BATCH = 200


# Time alone changes no status: a due post is called scheduled until its first move.
# A post for now that awaits its approval is called scheduled too.
OTHER_STATUS = f"""
    SELECT p.id FROM posts_post p LEFT JOIN destinations_destination d ON d.post_id = p.id
    WHERE p.status <> '{Post.Status.DRAFT}' GROUP BY p.id
    HAVING p.status NOT IN (
        {status.derived(f"p.scheduled_for IS NULL AND NOT {holds.is_held('p.id')}")},
        {status.derived("COALESCE(p.scheduled_for <= now() + %(tolerance)s::interval, true)")})
"""

# A published destination without its time is a finding of its own.
OTHER_PUBLISHED_AT = """
    SELECT p.id FROM posts_post p LEFT JOIN destinations_destination d ON d.post_id = p.id
    GROUP BY p.id HAVING p.published_at IS DISTINCT FROM min(d.published_at)
        AND bool_and(d.status <> 'published' OR d.published_at IS NOT NULL) IS NOT FALSE
"""

DRAFT_ON_ITS_WAY = """
    SELECT d.id FROM destinations_destination d JOIN posts_post p ON p.id = d.post_id
    WHERE p.status = 'draft' AND (d.status <> 'queued' OR d.due_at IS NOT NULL)
"""

# A posting queue that is switched off holds its posts without a clock; so does a missing approval.
QUEUED_WITHOUT_CLOCK = f"""
    SELECT d.id FROM destinations_destination d JOIN posts_post p ON p.id = d.post_id
    LEFT JOIN posts_postingqueue q ON q.id = p.posting_queue_id
    WHERE d.status = 'queued' AND d.due_at IS NULL AND p.status <> 'draft'
      AND q.active IS NOT FALSE AND NOT {holds.is_held("p.id")}
"""
UNAPPROVED_WITH_CLOCK = f"""
    SELECT d.id FROM destinations_destination d
    WHERE d.status = 'queued' AND d.due_at IS NOT NULL
      AND {holds.is_held("d.post_id")}
"""

# A queued row is sent when it is due. So its history must agree that nothing is under way, and
# nothing is sent before its time.
WIND_CLOCK = f"""
    WITH lost AS (
        SELECT d.id, p.scheduled_for
        FROM destinations_destination d JOIN posts_post p ON p.id = d.post_id
        WHERE d.id IN ({QUEUED_WITHOUT_CLOCK})
          AND d.status = 'queued' AND d.due_at IS NULL
          AND NOT EXISTS (
            SELECT 1 FROM destinations_attempt a WHERE a.destination_id = d.id
            AND (a.finished_at IS NULL OR a.outcome = 'published'))
          AND COALESCE((SELECT e.to_status FROM destinations_event e
                        WHERE e.destination_id = d.id ORDER BY e.id DESC LIMIT 1),
                       'queued') = 'queued'
        ORDER BY d.id FOR UPDATE OF d
    )
    UPDATE destinations_destination d
    SET due_at = GREATEST(statement_timestamp(), lost.scheduled_for)
    FROM lost WHERE lost.id = d.id
"""


def _roll_up(sql: str) -> int:
    wrong = consistency.ids(sql)
    for start in range(0, len(wrong), BATCH):
        with transaction.atomic():
            status.roll_up(wrong[start : start + BATCH])
    return len(wrong)


CHECKS = (
    Check(
        "post_status_differs",
        "A post's status does not follow from its destinations.",
        OTHER_STATUS,
        partial(_roll_up, OTHER_STATUS),
        public_ids.POST,
    ),
    Check(
        "post_published_at_differs",
        "A post's published_at is not that of its first published destination.",
        OTHER_PUBLISHED_AT,
        partial(_roll_up, OTHER_PUBLISHED_AT),
        public_ids.POST,
    ),
    Check(
        "draft_on_its_way",
        "A destination of a draft is due or was started, although the draft was never scheduled.",
        DRAFT_ON_ITS_WAY,
    ),
    Check(
        "unapproved_on_its_way",
        "A destination is due, although no person has approved its post.",
        UNAPPROVED_WITH_CLOCK,
    ),
    Check(
        "queued_without_clock",
        "A destination is queued without a due time, so it will never be published.",
        QUEUED_WITHOUT_CLOCK,
        partial(consistency.execute, WIND_CLOCK),
    ),
    *(check for module in registry.modules("consistency") for check in module.CHECKS),
)
