"""The posts of spans of time: how many there are, and the first of them.

Of each span at most CAP posts are read, and of many spans together about BUDGET, in the order of an
index: that of the workspace's posts by time, or `post_at` of all posts by time. For a network or an
account each of them is looked up, so fewer are read.
"""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from posts.features.calendar.spans import Span
from posts.models import Post

#: The most posts of one span that are read.
CAP = 3_000
#: The most posts that one query reads, and the most if each is looked up.
BUDGET = 25_000
LOOKED_UP = 8_000
#: The planner expects few posts in a span: it would read all of them, sort, and keep the first.
IN_ORDER = """
    SELECT set_config('enable_bitmapscan', 'off', true), set_config('enable_seqscan', 'off', true),
        set_config('jit', 'off', true), set_config('max_parallel_workers_per_gather', '0', true)
"""
#: How much of each text is read.
TEXT_CHARS = 200

SPANS = """unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[])
    WITH ORDINALITY AS s(starts, ends, number)"""
# The order is that of both indexes, backwards.
READ = """
    SELECT id, scheduled_for, status, workspace_id, content FROM posts_post
    WHERE {scope} AND scheduled_for >= s.starts AND scheduled_for < s.ends {after}
    ORDER BY scheduled_for NULLS FIRST, id DESC LIMIT %(cap)s
"""
#: The condition of `post_at`, word by word; the planner takes that index for nothing else.
ALL = "num_nonnulls(scheduled_for) = 1"
# With its limit the planner cannot turn it into a join that reads the whole table.
MATCHES = """LEFT JOIN LATERAL (
    SELECT 1 AS found FROM destinations_destination d WHERE d.post_id = p.id AND {conditions}
    LIMIT 1
) matches ON true"""
COUNT = """
    SELECT s.number, p.status, count(*), count({matched})
    FROM {spans} CROSS JOIN LATERAL ({read}) p {matches}
    GROUP BY s.number, p.status
"""
FIRST = """
    SELECT e.* FROM {spans} CROSS JOIN LATERAL (
        SELECT s.number, p.id, p.scheduled_for, p.status, p.workspace_id,
            left(p.content, %(text_chars)s)
        FROM ({read}) p {matches}
        WHERE p.status <> 'draft' AND {matched} IS NOT NULL
        ORDER BY p.scheduled_for NULLS FIRST, p.id DESC LIMIT %(most)s
    ) e ORDER BY e.number, e.scheduled_for, e.id DESC
"""
#: The last post that was read of a span, and how many were.
LAST_READ = """
    SELECT p.scheduled_for, p.id, count(*) OVER () FROM {spans} CROSS JOIN LATERAL ({read}) p
    ORDER BY p.scheduled_for DESC, p.id LIMIT 1
"""
AFTER = """AND scheduled_for >= %(after_at)s
    AND (scheduled_for > %(after_at)s OR id < %(after_id)s)"""


@dataclass(frozen=True, slots=True)
class CalendarFilters:
    """Posts of this workspace that go to this network and to this account; None: any."""

    workspace_id: uuid.UUID | None = None
    platform: str | None = None
    account: int | None = None

    @property
    def budget(self) -> int:
        return LOOKED_UP if self.conditions else BUDGET

    @property
    def conditions(self) -> str:
        """Return SQL for a destination `d` that makes its post one of these; "" for any post."""
        named = {"d.platform": "platform", "d.account_number": "account"}
        return " AND ".join(
            f"{column} = %({name})s" for column, name in named.items() if getattr(self, name)
        )


@dataclass(slots=True)
class Count:
    """The number of posts of a span by status. `is_at_least`: not all of them were read."""

    by_status: Counter[str] = field(default_factory=Counter)
    is_at_least: bool = False

    @property
    def total(self) -> int:
        return self.by_status.total()


class CalendarEntry(NamedTuple):
    """A post in the calendar, with the beginning of its text."""

    id: uuid.UUID
    at: datetime
    status: str
    workspace_id: uuid.UUID
    text: str


class Cursor(NamedTuple):
    """A page of entries begins after this post."""

    at: datetime
    id: uuid.UUID


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """`next`: where the next page begins; None: this is the last one."""

    entries: list[CalendarEntry]
    next: Cursor | None


def counts(spans: Sequence[Span], filters: CalendarFilters) -> list[Count]:
    """Return one count per span, in their order, without drafts."""
    cap = _share(filters, len(spans))
    found = _counts(spans, filters, cap)
    full = [number for number, count in enumerate(found) if count.is_at_least]
    more = _share(filters, len(full))
    if full and more > cap:
        # The busy spans get what the quiet ones left over.
        again = _counts([spans[number] for number in full], filters, more)
        for number, count in zip(full, again, strict=True):
            found[number] = count
    return found


def _share(filters: CalendarFilters, spans: int) -> int:
    """Return how many posts of each of so many spans are read."""
    return min(CAP, max(filters.budget // max(spans, 1), 1))


def _counts(spans: Sequence[Span], filters: CalendarFilters, cap: int) -> list[Count]:
    found = [Count() for _ in spans]
    read: Counter[int] = Counter()
    for number, status, rows, matching in _execute(COUNT, spans, filters, cap=cap):
        read[number] += rows
        if status != Post.Status.DRAFT and matching:
            found[number - 1].by_status[status] += matching
    for number, rows in read.items():
        found[number - 1].is_at_least = rows >= cap
    return found


def first(spans: Sequence[Span], filters: CalendarFilters, most: int) -> list[list[CalendarEntry]]:
    """Return the first entries of each span, without drafts."""
    found: list[list[CalendarEntry]] = [[] for _ in spans]
    cap = _share(filters, len(spans))
    for number, *columns in _execute(FIRST, spans, filters, cap=cap, most=most):
        found[number - 1].append(CalendarEntry._make(columns))
    return found


def page(
    span: Span, filters: CalendarFilters, most: int, after: Cursor | None = None
) -> CalendarPage:
    """Return the entries of one span, by pages.

    A page may have fewer entries than `most`, or none, and not be the last one: of the posts that
    were read for it few match the filters.
    """
    rows = _execute(FIRST, [span], filters, after, most=most + 1)
    entries = [CalendarEntry._make(columns) for _, *columns in rows]
    if len(entries) > most:
        shown = entries[:most]
        return CalendarPage(shown, Cursor(shown[-1].at, shown[-1].id))
    read = _execute(LAST_READ, [span], filters, after)
    is_last = not read or read[0][2] < CAP
    return CalendarPage(entries, None if is_last else Cursor(*read[0][:2]))


def statement(
    query: str,
    spans: Sequence[Span],
    filters: CalendarFilters,
    after: Cursor | None = None,
    **values: Any,
) -> tuple[str, dict[str, Any]]:
    """Return the SQL of a query over these spans, and its parameters."""
    scope = ALL if filters.workspace_id is None else "workspace_id = %(workspace)s"
    conditions = filters.conditions
    sql = query.format(
        spans=SPANS,
        read=READ.format(scope=scope, after=AFTER if after else ""),
        matches=MATCHES.format(conditions=conditions) if conditions else "",
        matched="matches.found" if conditions else "p.id",
    )
    given = {
        "starts": [span.start for span in spans],
        "ends": [span.end for span in spans],
        "workspace": filters.workspace_id,
        "platform": filters.platform,
        "account": filters.account,
        "cap": CAP,
        "text_chars": TEXT_CHARS,
        **values,
    }
    if after:
        given |= {"after_at": after.at, "after_id": after.id}
    return sql, given


def _execute(
    query: str, spans: Sequence[Span], filters: CalendarFilters, *more: Any, **values: Any
) -> Any:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(IN_ORDER)
        cursor.execute(*statement(query, spans, filters, *more, **values))
        return cursor.fetchall()
