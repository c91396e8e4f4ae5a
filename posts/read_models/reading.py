"""Read posts and their destinations within a caller's reach."""

import uuid
from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson

from destinations.access import Reach
from destinations.runtime import database
from posts import content
from posts.read_models.posts import (
    DETAILED_COLUMNS,
    METRICS,
    PUBLISHED_AT,
    REPEATS,
    RESULT_COLUMNS,
    DestinationRow,
    PostRow,
    ResultRow,
    WholePostRow,
)

TIME = """to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
#: By primary key; null where no person was asked.
APPROVAL = f"""(
    SELECT json_build_object('status', a.status, 'stage', a.stage,
        'requested_at', {TIME.format(column="a.requested_at")},
        'decided_at', {TIME.format(column="a.decided_at")},
        'by', NULLIF(a.by, ''), 'comment', NULLIF(a.comment, ''))
    FROM posts_approval a WHERE a.post_id = p.id AND a.status <> 'none'
)::text"""


# Each step is materialized, so that it runs once, and states a condition for which PostgreSQL has
# one index only: with old statistics another seems as cheap, and it would read that as a whole.
# For the same reason nothing is ordered by a primary key.
PAGE = "WITH page AS MATERIALIZED ({chosen})"
OF_PAGE = "post_id = ANY (ARRAY(SELECT id FROM page)) GROUP BY post_id"
#: A file may be shown as its workspace's settings allow.
FILES = f""", files AS MATERIALIZED (
    SELECT a.post_id, json_agg(
        json_build_array(m.id, m.kind, m.has_metadata, m.storage_key, m.stripped_key,
                         w.keep_metadata)
        ORDER BY a.position)::text AS shown
    FROM posts_postmedia a
    JOIN posts_media m ON m.id = a.media_id
    JOIN posts_workspace w ON w.id = m.workspace_id
    WHERE a.{OF_PAGE}
)"""
DESTINATIONS = f""", destinations AS MATERIALIZED (
    SELECT d.post_id,
           json_agg({{shown}} ORDER BY d.position, d.account_number)::text AS shown
    FROM destinations_destination d
    WHERE d.{OF_PAGE}
)"""
OWN_TIMES = ("scheduled_for", "created_at", "updated_at")
OWN_COLUMNS = ("id", "content", "scheduled_for", "timezone", "status", "created_at", "updated_at")
OWN = ", ".join(f"p.{name}" for name in OWN_COLUMNS)
#: The same with times as lists show them: Python takes longer to read and write them.
LISTED_OWN = ", ".join(
    TIME.format(column=f"p.{name}") if name in OWN_TIMES else f"p.{name}" for name in OWN_COLUMNS
)
PLAIN = ", ".join(f"p.{name}" for name in content.plain())
#: And what is read for the rest.
COLUMNS = f"{OWN}, {PLAIN}, p.campaign_id, p.posting_queue_id, p.workspace_id, p.hashtags"
#: Null for a campaign that was deleted.
CAMPAIGN = "(SELECT c.id FROM posts_campaign c WHERE c.id = p.campaign_id AND c.deleted_at IS NULL)"
HASHTAG_SETS = "p.hashtags -> 'said' ->> 'set_ids'"
SHOWN = f"""{{own}}, {CAMPAIGN}, json_build_array({PLAIN})::text, p.posting_queue_id,
{HASHTAG_SETS}, {REPEATS}, {APPROVAL}"""
JOIN_DESTINATIONS = "LEFT JOIN destinations ON destinations.post_id = p.id"
WHOLE_COLUMNS = f"{COLUMNS}, p.platform_content"
POSTS = f"""
SELECT {SHOWN}, files.shown, destinations.shown{{more}}{{counted}} FROM page p
LEFT JOIN files ON files.post_id = p.id {JOIN_DESTINATIONS}"""
ONLY_DESTINATIONS = f" SELECT destinations.shown FROM page p {JOIN_DESTINATIONS}"


def _destinations(fields: Iterable[str], more: str = "") -> str:
    columns = ", ".join(f"d.{name}" for name in fields)
    return DESTINATIONS.format(shown=f"json_build_array({columns}{more})")


def _posts(destinations: str, more: str = "", own: str = OWN) -> str:
    shown = POSTS.format(more=more, own=own, counted="{counted}")
    return PAGE + destinations + FILES + shown


#: A destination of a list as the API shows it, but for its id: Python takes longer to write it.
LISTED_DESTINATION = """json_build_object(
    'id', d.id, 'platform', d.platform,
    'status', CASE d.status WHEN 'unconfirmed' THEN 'publishing' ELSE d.status END,
    'account_name', d.account_name)"""
# `{counted}` is SQL for another column: how many posts there are.
LISTED = _posts(DESTINATIONS.format(shown=LISTED_DESTINATION), own=LISTED_OWN)
#: Most of the time nothing is paused, and then pauses need not be read.
PAUSES = ", EXISTS (SELECT FROM destinations_pause WHERE resumed_at IS NULL)"
DETAILED = _posts(_destinations(DETAILED_COLUMNS, PAUSES))
ACCOUNTS = PAGE + _destinations(DestinationRow._fields[:PUBLISHED_AT]) + ONLY_DESTINATIONS
HELD = (
    ", (SELECT held_until FROM destinations_account account WHERE account.id = d.account_id)"
    f"{PAUSES}"
)
#: By primary key; a destination that was never read has no row, or none of the numbers.
NUMBERS = f""", (
    SELECT json_build_array({", ".join(f"e.{name}" for name in METRICS)})
    FROM posts_engagement e WHERE e.destination_id = d.id
)"""
RESULTS = PAGE + _destinations(RESULT_COLUMNS, HELD) + ONLY_DESTINATIONS
WHOLE = _posts(_destinations(RESULT_COLUMNS, HELD + NUMBERS), ", p.platform_content::text")
#: Found by its id only; then the rest is asked.
ONE = """
SELECT {columns} FROM (SELECT * FROM posts_post WHERE id = %s LIMIT 1) p WHERE {within}"""


# An aggregate is looked up for each post; EXISTS may become a join with all destinations. Null for
# posts without destinations.
COVERED = """(
    SELECT bool_or(d.account_id = ANY(%s)) AND bool_and(d.account_number = ANY(%s))
    FROM destinations_destination d WHERE d.post_id = p.id
)"""


class Condition(NamedTuple):
    """SQL about `posts_post p`, and its parameters."""

    sql: str
    parameters: tuple[Any, ...]


def within(reach: Reach) -> Condition:
    """Return SQL for `Reach.covers`: a post goes to accounts within reach and to no others."""
    workspace = "p.workspace_id = %s"
    if reach.only is None:
        return Condition(workspace, (reach.workspace_id,))
    only = list(reach.only)
    return Condition(f"{workspace} AND {COVERED}", (reach.workspace_id, only, only))


def post(reach: Reach, post_id: uuid.UUID | None) -> PostRow | None:
    """Return a post with its destinations and files; None if there is none within reach."""
    found = _read_one(DETAILED, COLUMNS, reach, post_id)
    return PostRow.read(found) if found else None


def whole_post(reach: Reach, post_id: uuid.UUID | None) -> WholePostRow | None:
    """Return one post with all that is shown of it; None as for `post`."""
    found = _read_one(WHOLE, WHOLE_COLUMNS, reach, post_id)
    return WholePostRow.read(found) if found else None


def results(reach: Reach, post_id: uuid.UUID | None) -> list[ResultRow] | None:
    """Return the destinations of a post; None if there is no such post within reach."""
    found = _read_one(RESULTS, "p.id", reach, post_id)
    return [ResultRow.read(each) for each in orjson.loads(found[0] or "[]")] if found else None


def accounts(reach: Reach, post_id: uuid.UUID | None) -> list[DestinationRow] | None:
    """Return the destinations of a post with their accounts only; None as for `results`."""
    found = _read_one(ACCOUNTS, "p.id", reach, post_id)
    rows = orjson.loads(found[0] or "[]") if found else None
    return None if rows is None else [DestinationRow.read(each) for each in rows]


def _read_one(
    sql: str, columns: str, reach: Reach, post_id: uuid.UUID | None
) -> tuple[Any, ...] | None:
    if post_id is None:
        return None
    visible = within(reach)
    chosen = ONE.format(columns=columns, within=visible.sql)
    sql = sql.format(chosen=chosen, counted="")
    found = database.execute_prepared(sql, (post_id, *visible.parameters))
    return found[0] if found else None
