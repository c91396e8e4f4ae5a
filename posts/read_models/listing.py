"""Lists of posts: which match, in which order, and how many."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal

from django.db import connection

from destinations import access
from destinations.access import Reach
from destinations.runtime import database
from posts import read_models as rows
from posts.read_models import Condition, PostRow, WholePostRow, queries

Sort = Literal["created_at", "scheduled_for", "published_at", "updated_at"]
#: Sort columns that are null for some posts.
NULLABLE = ("scheduled_for", "published_at")
GOES_TO = "EXISTS (SELECT FROM destinations_destination d WHERE d.post_id = p.id AND {which})"
#: By account, for which there is an index; it is null where the account is gone.
TO_ACCOUNTS = GOES_TO.format(which="(d.account_id = ANY(%s) OR (d.account_id IS NULL AND {gone}))")
CAMPAIGN = """
    SELECT FROM posts_campaign WHERE id = %s AND workspace_id = %s AND deleted_at IS NULL
"""
ACCOUNTS = "SELECT id FROM destinations_account WHERE workspace_id = %s AND "
#: `rows.within` for many posts: PostgreSQL may begin with the accounts' destinations.
WITHIN = (
    f"p.workspace_id = %s AND {GOES_TO.format(which='d.account_id = ANY(%s)')}"
    f" AND NOT {GOES_TO.format(which='d.account_number <> ALL(%s)')}"
)
#: A case-insensitive search in the ORM's form, so that the index on the text serves both.
CONTAINS = "p.id IN (SELECT post_id FROM posts_posttext WHERE UPPER(text) LIKE UPPER(%s))"


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


@dataclass(frozen=True, slots=True)
class Listing:
    """The posts that match, to be read by pages of `PostRow`."""

    statement: ClassVar[str] = rows.LISTED
    columns: ClassVar[str] = rows.COLUMNS

    which: Condition
    order: str

    @staticmethod
    def read(columns: Sequence[Any]) -> Any:
        """Return a row from its columns."""
        return PostRow.read_listed(columns)

    def page(self, limit: int, offset: int) -> list[Any]:
        """Return at most `limit` posts after the first `offset`."""
        found = database.execute(self._sql(), (*self.which.parameters, limit, offset))
        return [self.read(columns) for columns in found]

    def counted_page(self, limit: int, offset: int, most: int) -> tuple[list[Any], int | None]:
        """Return a page and, if it is full, how many posts match, counted up to `most`."""
        counted = f", CASE WHEN (SELECT count(*) FROM page) = %s THEN ({self._count}) END"
        which = self.which.parameters
        found = database.execute(self._sql(counted), (*which, limit, offset, limit, *which, most))
        count = found[0][-1] if found else None
        return [self.read(columns[:-1]) for columns in found], count

    def count(self, most: int) -> int:
        """Return how many match, counted up to `most`."""
        ((count,),) = database.execute(self._count, (*self.which.parameters, most))
        return int(count)

    @property
    def _count(self) -> str:
        some = f"SELECT FROM posts_post p WHERE {self.which.sql} LIMIT %s"
        return f"SELECT count(*) FROM ({some}) counted"

    def _sql(self, counted: str = "") -> str:
        chosen = (
            f"SELECT {self.columns}, p.published_at FROM posts_post p WHERE {self.which.sql}"
            f" ORDER BY {self.order} LIMIT %s OFFSET %s"
        )
        sql = self.statement.format(chosen=chosen, counted=counted)
        return f"{sql} ORDER BY {self.order}"


class WholeListing(Listing):
    """A listing with rows of `WholePostRow`."""

    statement: ClassVar = rows.WHOLE
    columns: ClassVar = rows.WHOLE_COLUMNS

    @staticmethod
    def read(columns: Sequence[Any]) -> Any:
        return WholePostRow.read(columns)


def find(reach: Reach, wanted: PostFilters, kind: type[Listing] = Listing) -> Listing:
    """Return the matching posts within reach."""
    conditions = [seen(reach), *_conditions(reach, wanted)]
    sql = " AND ".join(each.sql for each in conditions)
    parameters = tuple(value for each in conditions for value in each.parameters)
    return kind(Condition(sql, parameters), _order(wanted))


def seen(reach: Reach) -> Condition:
    """Return the posts within reach, found by id if there are few; see `queries.listed_posts`."""
    few = None if reach.only is None else access.few_posts(reach, queries.FEW)
    if few is not None:
        return Condition("p.id = ANY(%s)", (list(few),))
    # Nearly all posts are seen: to look at each ends soon, and a join reads all destinations.
    if reach.only is None or access.sees_every_account(reach):
        return rows.within(reach)
    only = list(reach.only)
    return Condition(WITHIN, (reach.workspace_id, only, only))


def _conditions(reach: Reach, wanted: PostFilters) -> list[Condition]:
    found = []
    if wanted.statuses:
        found.append(_one_of("p.status", wanted.statuses))
    if wanted.platforms:
        found.append(_to_platforms(reach, wanted.platforms))
    if wanted.account_id is not None:
        sql = TO_ACCOUNTS.format(gone="d.account_number = %s")
        found.append(Condition(sql, ([wanted.account_id], wanted.account_id)))
    if wanted.campaign_id is not None:
        found.append(_in_campaign(reach, wanted.campaign_id))
    found += [Condition(f"p.{column} >= %s", (at,)) for column, at in wanted.since.items()]
    found += [Condition(f"p.{column} < %s", (at,)) for column, at in wanted.before.items()]
    if wanted.search:
        text = connection.ops.prep_for_like_query(wanted.search)
        found.append(Condition(CONTAINS, (f"%{text}%",)))
    return found


def is_campaign(reach: Reach, campaign_id: int) -> bool:
    """Return whether the workspace has this campaign."""
    return bool(database.execute(CAMPAIGN, (campaign_id, reach.workspace_id)))


def _in_campaign(reach: Reach, campaign_id: int) -> Condition:
    # Asked first: a campaign that was deleted may still be named by its posts.
    if not is_campaign(reach, campaign_id):
        return Condition("false", ())
    return Condition("p.campaign_id = %s", (campaign_id,))


def _to_platforms(reach: Reach, platforms: Collection[str]) -> Condition:
    # The ids are read first: only then the planner knows how many posts they have.
    sql, words = _one_of("platform", platforms)
    accounts = [pk for (pk,) in database.execute(ACCOUNTS + sql, (reach.workspace_id, *words))]
    return Condition(TO_ACCOUNTS.format(gone=f"d.{sql}"), (accounts, *words))


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
