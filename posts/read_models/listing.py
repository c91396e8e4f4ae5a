"""Lists of posts: which match, in which order, and how many."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar, Literal, NamedTuple, Self

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
TO_ACCOUNTS = "(d.account_id = ANY(%s) OR (d.account_id IS NULL AND {gone}))"
CAMPAIGN = """
    SELECT FROM posts_campaign WHERE id = %s AND workspace_id = %s AND deleted_at IS NULL
"""
ACCOUNTS = "SELECT id FROM destinations_account WHERE workspace_id = %s AND "
#: `rows.COVERED` for many posts: PostgreSQL may begin with the accounts' destinations.
COVERED = (
    f"{GOES_TO.format(which='d.account_id = ANY(%s)')}"
    f" AND NOT {GOES_TO.format(which='d.account_number <> ALL(%s)')}"
)
#: A case-insensitive search in the ORM's form, so that the index on the text serves both.
CONTAINS = "p.id IN (SELECT post_id FROM posts_posttext WHERE UPPER(text) LIKE UPPER(%s))"
# The same, looked up post by post, no matter what the planner's statistics say: see `rows.COVERED`.
GOES_TO_EACH = """(
    SELECT bool_or({which}) FROM destinations_destination d WHERE d.post_id = p.id
)"""
CONTAINS_EACH = """(
    SELECT bool_or(UPPER(text) LIKE UPPER(%s)) FROM posts_posttext WHERE post_id = p.id
)"""
#: So many of the newest posts are looked at to count those that match. If at least FREQUENT of them
#: do, the others are not counted; if fewer do, an index finds all that match.
LOOKED_AT, FREQUENT = 10_000, 100
WALKED = """
    SELECT CASE WHEN looked < {most} OR found >= {frequent}
        THEN ARRAY[found, (looked < {most})::int] ELSE ({exactly}) END
    FROM (
        SELECT count(*) AS looked, count(*) FILTER (WHERE {looked_up}) AS found FROM (
            SELECT p.id FROM posts_post p WHERE {own} ORDER BY p.created_at DESC LIMIT {most}
        ) p
    ) walked
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


class Count(NamedTuple):
    """How many there are; at least so many if it is not exact."""

    total: int
    is_exact: bool = True

    @classmethod
    def read(cls, told: Sequence[int], most: int) -> Self:
        """From [how many, whether these are all], counted up to `most`."""
        total, are_all = told
        return cls(min(total, most - 1), bool(are_all) and total < most)


@dataclass(frozen=True, slots=True)
class Listing:
    """The posts that match, to be read by pages of `PostRow`.

    `own` is the part of `which` that reads columns of posts only; `looked_up` is the rest, in a
    form that looks at one post after the other.
    """

    statement: ClassVar[str] = rows.LISTED
    columns: ClassVar[str] = rows.COLUMNS

    which: Condition
    own: Condition
    looked_up: Condition
    order: str

    @staticmethod
    def read(columns: Sequence[Any]) -> Any:
        """Return a row from its columns."""
        return PostRow.read_listed(columns)

    def page(self, limit: int, offset: int) -> list[Any]:
        """Return at most `limit` posts after the first `offset`."""
        found = database.execute(self._sql(), (*self.which.parameters, limit, offset))
        return [self.read(columns) for columns in found]

    def counted_page(self, limit: int, offset: int, most: int) -> tuple[list[Any], Count | None]:
        """Return a page and, if it is full, how many posts match, counted up to `most`."""
        count = self._count(most)
        counted = f", CASE WHEN (SELECT count(*) FROM page) = %s THEN ({count.sql}) END"
        parameters = (*self.which.parameters, limit, offset, limit, *count.parameters)
        found = database.execute(self._sql(counted), parameters)
        told = found[0][-1] if found else None
        return [self.read(columns[:-1]) for columns in found], told and Count.read(told, most)

    def count(self, most: int) -> Count:
        """Return how many match, counted up to `most`."""
        ((told,),) = database.execute(*self._count(most))
        return Count.read(told, most)

    def narrowed(self, more: Condition) -> Self:
        """Return those posts that match this, too, which reads columns of posts only."""
        return replace(self, which=_all([self.which, more]), own=_all([self.own, more]))

    def _count(self, most: int) -> Condition:
        """Return SQL for [how many, whether these are all]."""
        some = f"SELECT FROM posts_post p WHERE {self.which.sql} LIMIT %s"
        exactly = f"SELECT ARRAY[count(*), 1] FROM ({some}) counted"
        parameters = (*self.which.parameters, most)
        if not self.looked_up.sql:
            return Condition(exactly, parameters)
        looked_up, own = self.looked_up, self.own
        sql = WALKED.format(
            exactly=exactly,
            looked_up=looked_up.sql,
            own=own.sql,
            most=LOOKED_AT,
            frequent=FREQUENT,
        )
        return Condition(sql, (*parameters, *looked_up.parameters, *own.parameters))

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


class Filter(NamedTuple):
    """A condition; `each` is one on another table in the form that is looked up post by post."""

    condition: Condition
    each: Condition | None = None


def find(reach: Reach, wanted: PostFilters, kind: type[Listing] = Listing) -> Listing:
    """Return the matching posts within reach."""
    every = [*_seen(reach), *_filters(reach, wanted)]
    return kind(
        which=_all(each.condition for each in every),
        own=_all(each.condition for each in every if each.each is None),
        looked_up=_all(each.each for each in every if each.each is not None),
        order=_order(wanted),
    )


def _all(conditions: Iterable[Condition]) -> Condition:
    found = list(conditions)
    parameters = (value for each in found for value in each.parameters)
    return Condition(" AND ".join(each.sql for each in found), tuple(parameters))


def _seen(reach: Reach) -> list[Filter]:
    """Return the posts within reach, found by id if there are few; see `queries.listed_posts`."""
    few = few_seen(reach)
    if few is not None:
        return [Filter(few)]
    there = Filter(Condition("p.workspace_id = %s", (reach.workspace_id,)))
    if reach.only is None:
        return [there]
    only = (list(reach.only),) * 2
    each = Condition(rows.COVERED, only)
    # Nearly all posts are seen: to look at each ends soon, and a join reads all destinations.
    is_all = access.sees_every_account(reach)
    return [there, Filter(each if is_all else Condition(COVERED, only), each)]


def few_seen(reach: Reach) -> Condition | None:
    """Return the posts within reach by their ids; None if they are many."""
    few = None if reach.only is None else access.few_posts(reach, queries.FEW)
    return None if few is None else Condition("p.id = ANY(%s)", (list(few),))


def _filters(reach: Reach, wanted: PostFilters) -> list[Filter]:
    found = []
    if wanted.platforms:
        found.append(_to_platforms(reach, wanted.platforms))
    if wanted.account_id is not None:
        account_id = wanted.account_id
        found.append(_to_accounts("d.account_number = %s", ([account_id], account_id)))
    if wanted.search:
        text = (f"%{connection.ops.prep_for_like_query(wanted.search)}%",)
        found.append(Filter(Condition(CONTAINS, text), Condition(CONTAINS_EACH, text)))
    return [*map(Filter, _own(reach, wanted)), *found]


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
        return Condition("false", ())
    return Condition("p.campaign_id = %s", (campaign_id,))


def _to_platforms(reach: Reach, platforms: Collection[str]) -> Filter:
    # The ids are read first: only then the planner knows how many posts they have.
    sql, words = _one_of("platform", platforms)
    found = database.execute(ACCOUNTS + sql, (reach.workspace_id, *words))
    accounts = [pk for (pk,) in found if reach.only is None or pk in reach.only]
    if not accounts and reach.only is not None:
        return Filter(Condition("false", ()))
    return _to_accounts(f"d.{sql}", (accounts, *words))


def _to_accounts(gone: str, parameters: tuple[Any, ...]) -> Filter:
    which = TO_ACCOUNTS.format(gone=gone)
    joined, each = GOES_TO.format(which=which), GOES_TO_EACH.format(which=which)
    return Filter(Condition(joined, parameters), Condition(each, parameters))


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
