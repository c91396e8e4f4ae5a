"""Write customers' events of destinations' moves, as SQL of the statement that moves them.

Each move that matters to a receiver writes one event per destination. A retry that follows by
itself says nothing: a receiver is told of a beginning once, and of an end when it is one. A person
who finds that a failed post is not public changes nothing that was told.

Without a webhook, a move pays for one look at a small table per destination.
What is told of posts is read by subqueries of the selected columns, which are executed only for
rows that are written.
"""

from destinations.manual_retry import MAY_BE_PUBLIC
from destinations.state.transitions import Telling
from posts.outbox import names, outbox
from posts.outbox.outbox import HAS_WEBHOOK


def _time(sql: str) -> str:
    """Return a time as the API writes it."""
    return f"""to_char({sql} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""


def _of_post(sql: str) -> str:
    return f"(SELECT {sql} FROM posts_post WHERE id = moved.post_id)"


def _has_webhook(rows: str) -> str:
    return HAS_WEBHOOK.format(workspace=f"{rows}.workspace_id")


#: The data of each event of a destination; `moved` has it as the move left it.
_ABOUT = """'post_id', moved.post_id, 'destination_id', moved.id, 'platform', moved.platform,
    'account_id', moved.account_number, 'account_name', moved.account_name"""
_METADATA = f"'metadata', {_of_post('metadata')}"


def _told(event: str, says: str, condition: str = "true") -> str:
    return f"""
        INSERT INTO posts_webhookevent (workspace_id, event, created_at, data)
        SELECT moved.workspace_id, '{event}', %(at)s,
            json_build_object({_ABOUT}, {says}, {_METADATA})::text
        FROM moved
        WHERE {condition} AND {_has_webhook("moved")}
        RETURNING 1
    """


PUBLISHING = _told(
    names.POST_PUBLISHING,
    f"'scheduled_for', {_of_post(_time('scheduled_for'))}",
    "moved.attempts = 1",
)
PUBLISHED = _told(
    names.POST_PUBLISHED,
    f"""'published_at', {_time("moved.published_at")},
        'platform_post_url', NULLIF(moved.platform_post_url, ''),
        'platform_post_id', NULLIF(moved.platform_post_id, ''), 'attempts', moved.attempts""",
)
FAILED = _told(
    names.POST_FAILED,
    f"""'error', moved.error, 'error_code', moved.error_code, 'attempts', moved.attempts,
        'may_be_live', moved.error_code = '{MAY_BE_PUBLIC}'""",
    "moved.next_retry_at IS NULL",
)
#: Of the posts of `settled`, which have destinations of both kinds.
PARTIALLY_FAILED = f"""
    INSERT INTO posts_webhookevent (workspace_id, event, created_at, data)
    SELECT settled.workspace_id, '{names.POST_PARTIALLY_FAILED}', statement_timestamp(), (
        SELECT json_build_object(
            'post_id', settled.id,
            'published', count(*) FILTER (WHERE d.status = 'published'),
            'failed', count(*) FILTER (WHERE d.status = 'failed'),
            'destinations', json_agg(json_build_object(
                'destination_id', d.id, 'platform', d.platform, 'status', d.status,
                'error', NULLIF(d.error, '')) ORDER BY d.position),
            'metadata', (SELECT metadata FROM posts_post WHERE id = settled.id)
        )::text FROM destinations_destination d WHERE d.post_id = settled.id
    )
    FROM settled WHERE {_has_webhook("settled")}
    RETURNING 1
"""

TELLING = Telling(
    {
        "start": PUBLISHING,
        "succeed": PUBLISHED,
        "confirm_published": PUBLISHED,
        "confirm_late": PUBLISHED,
        "fail": FAILED,
        "refuse": FAILED,
        "mark_possibly_published": FAILED,
    },
    on_told=outbox.wake_after_commit,
)
