"""Read how each network is doing now: what waits, what runs, what failed in the last minutes.

Each query walks an index, no matter what the planner's statistics say, and stops
beyond COUNTED_ROWS rows. None grows with history.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from destinations.dispatch import backlog
from destinations.dispatch.backlog import Backlog, WaitingCount
from destinations.models import OutcomeCount
from destinations.runtime import clock, database
from destinations.state import outages
from destinations.state.attempts import NO_FAILURES
from destinations.statistics import histogram, series
from platforms.registry import ADAPTERS

Kind = OutcomeCount.Kind

#: Rows are counted up to one more than this, which then means "more".
COUNTED_ROWS = 10_000
#: Codes for which the network itself is to blame, not the post or the account.
NETWORK_CODES = frozenset({"platform_unavailable", "deadline", "outcome_unknown"})
#: A network looks down if so many tries have ended within `totals.WINDOW`, at least this share of
#: them with NETWORK_CODES or without an answer, and these concern more than one account.
DOWN_TRIES, DOWN_SHARE = 10, 0.9

RUNNING = """
    SELECT platform, count(*) FROM (
        SELECT platform, begun_at, next_retry_at FROM destinations_destination
        WHERE in_flight ORDER BY due_at LIMIT %(rows)s
    ) d WHERE begun_at IS NOT NULL AND next_retry_at IS NULL GROUP BY platform
"""
NONE = WaitingCount()
#: What each number counts, in the words of the page, by the name of the list of these rows.
DEFINITIONS = {
    "late": "Posts whose time has come, which may begin and have not",
    "on_hold": "Posts whose time has come, which wait for a pause, an outage or a limit to end, or "
    "for their account's others",
    "running": "Posts that a worker has begun and not ended",
    "retry_waiting": "Posts that failed, and are tried again by themselves",
    "may_be_public": "Posts that failed, and may be public all the same",
    "held": "Accounts that their network limits now",
    "reconnect": "Accounts whose authorization ended",
}
# A row that waits for a retry has a time and an error; its start clears the error. One that may be
# live has only the error.
_COUNT = """
    SELECT p.platform, (
        SELECT count(*) FROM (SELECT FROM {} AND platform = p.platform LIMIT %(rows)s) counted
    ) FROM unnest(%(platforms)s::text[]) AS p(platform)
"""
RETRYING = _COUNT.format(
    "destinations_destination WHERE num_nonnulls(due_at) = 1 AND error_code <> ''"
)
MAY_BE_LIVE = _COUNT.format(
    "destinations_destination WHERE num_nonnulls(due_at) = 0 AND error_code = 'outcome_unknown'"
)
TO_RECONNECT = _COUNT.format("destinations_account WHERE needs_reconnection_since IS NOT NULL")
# How many rows, how many of them are new, and of how many workspaces those are.
AFFECTED = """
    SELECT p.platform, every.count, new.* FROM unnest(%(platforms)s::text[]) AS p(platform)
    CROSS JOIN LATERAL (
        SELECT count(*) FROM (
            SELECT FROM {rows} AND platform = p.platform LIMIT %(rows)s
        ) r
    ) every CROSS JOIN LATERAL (
        SELECT count(*), count(DISTINCT workspace_id) FROM (
            SELECT workspace_id FROM {rows} AND {new} AND platform = p.platform LIMIT %(newest)s
        ) n
    ) new
"""
#: An account that was not reconnected for so long is no news.
RECONNECTED_WITHIN = "interval '7 days'"
MAY_BE_LIVE_OF = AFFECTED.format(
    rows="destinations_destination WHERE num_nonnulls(due_at) = 0 "
    "AND error_code = 'outcome_unknown'",
    new="true",
)
TO_RECONNECT_OF = AFFECTED.format(
    rows="destinations_account WHERE needs_reconnection_since IS NOT NULL",
    new=f"needs_reconnection_since > statement_timestamp() - {RECONNECTED_WITHIN}",
)
HELD_OF = AFFECTED.format(
    rows="destinations_account WHERE held_until > statement_timestamp()", new="true"
)
HELD = """
    SELECT id, platform FROM unnest(%(platforms)s::text[]) AS p(name)
    CROSS JOIN LATERAL (
        SELECT id, platform FROM destinations_account
        WHERE platform = p.name AND held_until > %(now)s LIMIT %(rows)s
    ) a
"""


@dataclass(frozen=True, slots=True)
class NetworkNow:
    """One network as of now. A number of rows beyond COUNTED_ROWS means "more than that".

    `outcomes`: tries that ended in the last five minutes; of them `failed` failed, finally or not,
    or got no answer. A rate limit is no failure. Lags are those of tries that began then.
    """

    platform: str
    due_now: int
    oldest_seconds: float
    on_hold: int
    running: int
    retrying: int
    outcomes: int
    failed: int
    top_error: tuple[str, int] | None
    lag_p50: float | None
    lag_p99: float | None
    may_be_live: int
    accounts_held: int
    accounts_to_reconnect: int
    #: Whether an outage of it lasts, or it seems to be the cause: see DOWN_TRIES.
    looks_down: bool

    @property
    def failing_share(self) -> float | None:
        """Return the share that failed, from 0 to 1; None if nothing has ended."""
        return self.failed / self.outcomes if self.outcomes else None


class Affected(NamedTuple):
    """Count the rows of a network that need attention, and the workspaces of its new ones."""

    rows: int
    new: int
    workspaces: int


@dataclass(slots=True)
class Recent:
    """Destinations that ended on a network in the last minutes."""

    outcomes: int = 0
    failed: int = 0
    blamed: int = 0
    accounts: set[int] = field(default_factory=set)
    errors: Counter[str] = field(default_factory=Counter)

    def add(self, row: OutcomeCount) -> None:
        self.outcomes += row.count
        code = "outcome_unknown" if row.kind == Kind.UNCONFIRMED else row.code
        if row.kind == Kind.PUBLISHED or code in NO_FAILURES:
            return
        self.failed += row.count
        self.errors[code] += row.count
        if code in NETWORK_CODES:
            self.blamed += row.count
            self.accounts |= {row.lowest_account, row.highest_account}

    @property
    def looks_down(self) -> bool:
        is_enough = self.outcomes >= DOWN_TRIES and len(self.accounts) > 1
        return is_enough and self.blamed >= DOWN_SHARE * self.outcomes


def may_be_live(rows: int = COUNTED_ROWS + 1) -> dict[str, int]:
    """Count the destinations of each network that may be public, up to `rows`."""
    return dict(_rows(MAY_BE_LIVE, rows=rows))


def to_reconnect(rows: int = COUNTED_ROWS + 1) -> dict[str, int]:
    """Count the accounts of each network that lost their authorization, up to `rows`."""
    return dict(_rows(TO_RECONNECT, rows=rows))


def held(now: datetime, rows: int = COUNTED_ROWS + 1) -> list[tuple[int, str]]:
    """Return id and network of the accounts that are rate limited, up to `rows` of a network."""
    return [(pk, platform) for pk, platform in _rows(HELD, now=now, rows=rows)]


def affected(statement: str, rows: int) -> dict[str, Affected]:
    """Return what one of the statements …_OF counts, of each network that has any, up to `rows`."""
    found = _rows(statement, rows=rows, newest=COUNTED_ROWS)
    return {platform: Affected(*counts) for platform, *counts in found if counts[0]}


def read(waiting: Backlog | None = None) -> list[NetworkNow]:
    """Return every network, in the order of their registry. `waiting`: if it was read by now."""
    now = clock.now()
    networks = (waiting or backlog.read()).networks
    accounts = held(now)
    running = dict(_rows(RUNNING))
    retrying, doubtful, lost = dict(_rows(RETRYING)), may_be_live(), to_reconnect()
    accounts_held = Counter(platform for _, platform in accounts)
    ended, lags = _recent(now), series.recent_lags(now)
    down = {outage.target for outage in outages.open_outages()}
    return [
        _network(
            key,
            ended[key],
            lags[key],
            due_now=networks.get(key, NONE).count,
            oldest_seconds=networks.get(key, NONE).oldest_seconds,
            on_hold=networks.get(key, NONE).on_hold,
            running=running.get(key, 0),
            accounts_held=accounts_held[key],
            retrying=retrying[key],
            may_be_live=doubtful[key],
            accounts_to_reconnect=lost[key],
            looks_down=key in down or ended[key].looks_down,
        )
        for key in ADAPTERS
    ]


def _network(platform: str, ended: Recent, lags: Sequence[int], **numbers: Any) -> NetworkNow:
    return NetworkNow(
        platform=platform,
        outcomes=ended.outcomes,
        failed=ended.failed,
        top_error=next(iter(ended.errors.most_common(1)), None),
        lag_p50=histogram.quantile(lags, 0.5),
        lag_p99=histogram.quantile(lags, 0.99),
        **numbers,
    )


def _recent(now: datetime) -> Mapping[str, Recent]:
    found: dict[str, Recent] = defaultdict(Recent)
    for row in series.recent_outcomes(now):
        found[row.platform].add(row)
    return found


def _rows(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    always = {"rows": COUNTED_ROWS + 1, "platforms": list(ADAPTERS)}
    return database.execute(statement, {**always, **values})
