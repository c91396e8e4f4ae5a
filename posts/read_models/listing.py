"""Lists of posts: which match, and in which order."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from django.db import connection

from destinations import access
from destinations.access import Reach
from destinations.runtime import database
from posts import read_models as rows
from posts.read_models import Condition, queries
from posts.read_models.pages import Count, Listing, all_of

Sort = Literal["created_at", "scheduled_for", "published_at", "updated_at"]
#: Sort columns that are null for some posts.
NULLABLE = ("scheduled_for", "published_at")
#: By account, for which there is an index; it is null where the account is gone.
TO_ACCOUNTS = "(d.account_id = ANY(%s) OR (d.account_id IS NULL AND {gone}))"
CAMPAIGN = """
    SELECT FROM posts_campaign WHERE id = %s AND workspace_id = %s AND deleted_at IS NULL
"""
ACCOUNTS = "SELECT id FROM destinations_account WHERE workspace_id = %s AND "
GOES_TO = "SELECT d.post_id FROM destinations_destination d WHERE {which}"
#: For one post: an aggregate, because a join looks at each pair where statistics are old.
GOES_TO_EACH = """(
    SELECT bool_or({which}) FROM destinations_destination d WHERE d.post_id = p.id
)"""
#: A case-insensitive search in the ORM's form, so that the index on the text serves both.
CONTAINS = "SELECT post_id FROM posts_posttext WHERE UPPER(text) LIKE UPPER(%s)"
CONTAINS_EACH = """(
    SELECT bool_or(UPPER(text) LIKE UPPER(%s)) FROM posts_posttext WHERE post_id = p.id
)"""
#: So many of the newest posts are looked at. If at least FREQUENT of them match, more are looked at
#: one by one until a page is full, and not counted.
LOOKED_AT, FREQUENT = 10_000, 100
#: If fewer match, but a filter has so many old ones, they are looked at one by one too: finding and
#: sorting them takes longer. Otherwise an index finds all of that filter.
MANY = 20_000
#: The CTE is planned for all of its rows, and read until there are enough. A LIMIT alone may make
#: PostgreSQL read the whole table in the hope to meet some soon.
UP_TO = """
    WITH found AS MATERIALIZED ({ids}) SELECT count(*) FROM (SELECT FROM found LIMIT %s) enough
"""
NEWEST = """
    SELECT count(*) FILTER (WHERE {each}), count(*) FROM (
        SELECT p.id FROM posts_post p WHERE {own} ORDER BY p.created_at DESC LIMIT %s
    ) p
"""
NEVER = Condition("false", ())
#: Looked up one by one: a join looks at each pair where statistics are old.
FOUND = """
    unnest(ARRAY(SELECT DISTINCT post_id FROM ({ids}) every)) AS found(id)
    CROSS JOIN LATERAL (SELECT * FROM posts_post WHERE id = found.id LIMIT 1) p
"""


@dataclass(frozen=True, slots=True)
class PostFilters:
    """Conditions on posts. Without any: all posts, newest first.

    `platforms` and `account_id` match posts with at least one such destination. `since` and
    `before` hold times by column; `since` is inclusive, `before` is not.
    """

    statuses: Collection[str] = ()
    platforms: Collection[str] = ()
    account_id: int | None = None
    campaign_id: int | None = None
    since: Mapping[str, datetime] = field(default_factory=dict)
    before: Mapping[str, datetime] = field(default_factory=dict)
    search: str = ""
    sort: Sort = "created_at"
    order: Literal["asc", "desc"] = "desc"


class RelatedFilter(NamedTuple):
    """A condition that reads another table, as SQL about one post, and as a SELECT of the ids of
    all posts that fulfil it, and maybe of others; None if those are nearly all."""

    each: Condition
    ids: Condition | None


def find(reach: Reach, wanted: PostFilters, kind: type[Listing] = Listing) -> Listing:
    """Return the matching posts within reach."""
    seen = few_seen(reach)
    own = [seen or Condition("p.workspace_id = %s", (reach.workspace_id,)), *_own(reach, wanted)]
    related = _related_filters(reach, wanted)
    if seen is None:
        related += _seen(reach)
    each, order = [condition.each for condition in related], _order(wanted)
    which = NEVER if NEVER in (*own, *each) else all_of([*own, *each])
    if seen or not related or which == NEVER:
        return kind(which, order)
    found, looked_at = _among_newest(all_of(own), all_of(each))
    are_all = looked_at < LOOKED_AT
    if are_all or found >= FREQUENT:
        return kind(which, order, counted=Count(found, are_all))
    few = _few([condition.ids for condition in related if condition.ids])
    return kind(which, order, few) if few else kind(which, order)


def _among_newest(own: Condition, each: Condition) -> tuple[int, int]:
    """Return how many of the newest posts match, and how many were looked at."""
    sql = NEWEST.format(each=each.sql, own=own.sql)
    ((found, looked_at),) = database.execute(sql, (*each.parameters, *own.parameters, LOOKED_AT))
    return found, looked_at


def _few(ids: Iterable[Condition]) -> Condition | None:
    """Return a source of the posts that one of these finds; None if each finds many."""
    for each in ids:
        sql = UP_TO.format(ids=each.sql)
        ((count,),) = database.execute(sql, (*each.parameters, MANY))
        if count < MANY:
            return Condition(FOUND.format(ids=each.sql), each.parameters)
    return None


def _seen(reach: Reach) -> list[RelatedFilter]:
    """Return what holds of the posts within reach."""
    if reach.only is None:
        return []
    only = list(reach.only)
    each = Condition(rows.COVERED, (only, only))
    if access.sees_every_account(reach):
        return [RelatedFilter(each, None)]
    return [RelatedFilter(each, Condition(GOES_TO.format(which="d.account_id = ANY(%s)"), (only,)))]


def few_seen(reach: Reach) -> Condition | None:
    """Return the posts within reach by their ids; None if they are many."""
    few = None if reach.only is None else access.few_posts(reach, queries.FEW)
    return None if few is None else Condition("p.id = ANY(%s)", (list(few),))


def _related_filters(reach: Reach, wanted: PostFilters) -> list[RelatedFilter]:
    found = []
    if wanted.platforms:
        found.append(_to_platforms(reach, wanted.platforms))
    if wanted.account_id is not None:
        account_id = wanted.account_id
        found.append(_to_accounts("d.account_number = %s", ([account_id], account_id)))
    if wanted.search:
        text = (f"%{connection.ops.prep_for_like_query(wanted.search)}%",)
        found.append(RelatedFilter(Condition(CONTAINS_EACH, text), Condition(CONTAINS, text)))
    return found


def _own(reach: Reach, wanted: PostFilters) -> list[Condition]:
    """Return the conditions on columns of posts."""
    found = []
    if wanted.statuses:
        found.append(_one_of("p.status", wanted.statuses))
    if wanted.campaign_id is not None:
        found.append(_in_campaign(reach, wanted.campaign_id))
    found += [Condition(f"p.{column} >= %s", (at,)) for column, at in wanted.since.items()]
    found += [Condition(f"p.{column} < %s", (at,)) for column, at in wanted.before.items()]
    return found


def is_campaign(reach: Reach, campaign_id: int) -> bool:
    """Return whether the workspace has this campaign."""
    return bool(database.execute(CAMPAIGN, (campaign_id, reach.workspace_id)))


def _in_campaign(reach: Reach, campaign_id: int) -> Condition:
    # Asked first: a campaign that was deleted may still be named by its posts.
    if not is_campaign(reach, campaign_id):
        return NEVER
    return Condition("p.campaign_id = %s", (campaign_id,))


def _to_platforms(reach: Reach, platforms: Collection[str]) -> RelatedFilter:
    # The ids are read first: there is an index by account only.
    sql, words = _one_of("platform", platforms)
    found = database.execute(ACCOUNTS + sql, (reach.workspace_id, *words))
    accounts = [pk for (pk,) in found if reach.only is None or pk in reach.only]
    if not accounts and reach.only is not None:
        return RelatedFilter(NEVER, None)
    return _to_accounts(f"d.{sql}", (accounts, *words))


def _to_accounts(gone: str, parameters: tuple[Any, ...]) -> RelatedFilter:
    which = TO_ACCOUNTS.format(gone=gone)
    return RelatedFilter(
        Condition(GOES_TO_EACH.format(which=which), parameters),
        Condition(GOES_TO.format(which=which), parameters),
    )


def _one_of(column: str, words: Collection[str]) -> Condition:
    # Not ANY of an array: where there is one word, IN is an equality, and an index gives the order.
    return Condition(f"{column} IN ({', '.join(['%s'] * len(words))})", tuple(words))


def _order(wanted: PostFilters) -> str:
    """Return the order. Each is the exact reverse of the other, so that one index serves both.

    Posts without the time they are sorted by come last in descending order.
    """
    is_sparse = wanted.sort in NULLABLE
    if wanted.order == "desc":
        return f"p.{wanted.sort} DESC{' NULLS LAST' if is_sparse else ''}, p.id"
    return f"p.{wanted.sort} ASC{' NULLS FIRST' if is_sparse else ''}, p.id DESC"
