"""Tell the statements that claim, start and measure which rows a pause or an outage holds.

A pause holds the rows of its scope that have not begun (`pauses`). Its key is its scope and target,
such as `network:x`, and a row is held by any of four keys. An outage of a network holds them in the
same way, by the same keys, except for its probe (`probes`).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from destinations.models import Outage, Pause
from platforms.registry import ADAPTERS

#: How long a due destination may wait for its account or its files, on any network; a pause that it
#: waited for does not count. So a pause matters for so long after its end.
LONGEST_WAIT = timedelta(
    seconds=max(adapter.retry.give_up_after_seconds for adapter in ADAPTERS.values())
)
#: After a lost answer an account's other posts wait for its lookup, for so long at most.
LONGEST_DOUBT = timedelta(seconds=45)
#: Every pause and outage that matters: its key, its end (null: it is in force), and its probe.
PAUSES = """
    SELECT scope || ':' || target AS key, resumed_at, NULL::uuid AS probe FROM destinations_pause
    WHERE resumed_at IS NULL OR resumed_at > statement_timestamp() - %(longest)s::interval
    UNION ALL
    SELECT scope || ':' || target, closed_at, probe FROM destinations_outage
    WHERE closed_at IS NULL OR closed_at > statement_timestamp() - %(longest)s::interval
"""
#: The pauses in force, as an object by key, which is searched faster than an array; null without.
ACTIVE_PAUSES = """
    SELECT jsonb_object_agg(scope || ':' || target, true) FROM destinations_pause
    WHERE resumed_at IS NULL
"""
#: The same with the outages.
ACTIVE = """
    SELECT jsonb_object_agg(key, true) FROM (
        SELECT scope || ':' || target AS key FROM destinations_pause WHERE resumed_at IS NULL
        UNION ALL
        SELECT scope || ':' || target FROM destinations_outage WHERE closed_at IS NULL
    ) AS in_force
"""
#: A condition without effect, which locks the table of pauses, and no row of it, until the end of
#: the transaction. The statement's snapshot is taken after that, so it sees every pause that was
#: committed before. One that comes later waits for the transaction's end (`pauses.lifecycle.LOCK`).
GATE = "NOT EXISTS (SELECT FROM destinations_pause LIMIT 0 FOR KEY SHARE)"


def keys(row: str) -> str:
    """Return the keys of the pauses that can hold a row, as an array."""
    return (
        f"ARRAY['installation:', 'network:' || split_part({row}.queue, '.', 2),"
        f" 'workspace:' || {row}.workspace_id, 'account:' || {row}.account_number]"
    )


def keys_of_account(account: str) -> str:
    """Return the keys of the pauses that can hold an account's rows, as an array."""
    return (
        f"ARRAY['installation:', 'network:' || {account}.platform,"
        f" 'workspace:' || {account}.workspace_id, 'account:' || {account}.id]"
    )


def covers(pauses: str, row: str) -> str:
    """Return whether one of these pauses (an object by key, or null) is about a row."""
    return includes(pauses, keys(row))


def includes(pauses: str, wanted: str) -> str:
    """Return whether one of these pauses has one of these keys."""
    return f"CASE WHEN {pauses} IS NULL THEN false ELSE {pauses} ?| {wanted} END"


def account_waits(account: str) -> str:
    """Return whether an account is limited, or in doubt until a lookup (`Account.doubt_until`).

    A doubt that lies further ahead was written by a clock that was ahead.
    """
    soon = f"statement_timestamp() + interval '{LONGEST_DOUBT.total_seconds()} seconds'"
    return (
        f"({account}.held_until > statement_timestamp()) IS TRUE OR"
        f" ({account}.doubt_until > statement_timestamp() AND {account}.doubt_until <= {soon})"
        " IS TRUE"
    )


def has_begun(row: str) -> str:
    """Return whether a row has reached its network, as `Destination.is_begun`."""
    return f"({row}.status IN ('publishing', 'unconfirmed') AND {row}.next_retry_at IS NULL)"


def is_held() -> Q:
    """Return whether a pause or an outage would hold a destination that has not begun.

    A filter for lists. Asks what is in force.
    """
    pauses = Pause.objects.filter(resumed_at__isnull=True).order_by()
    outages = Outage.objects.filter(closed_at__isnull=True).order_by()
    targets = outages.values_list("scope", "target")
    return _concerns(pauses.values_list("scope", "target").union(targets, all=True))


def was_paused(since: datetime) -> Q:
    """Return whether a pause holds a destination, or held it since then. Asks what was paused."""
    lasts = Q(resumed_at__isnull=True) | Q(resumed_at__gt=since)
    return _concerns(Pause.objects.filter(lasts).values_list("scope", "target"))


def _concerns(targets: Iterable[tuple[str, str]]) -> Q:
    found: dict[str, list[str]] = {scope: [] for scope in Pause.Scope.values}
    for scope, target in targets:
        found[scope].append(target)
    if found[Pause.Scope.INSTALLATION]:
        return Q(pk__isnull=False)
    return (
        Q(platform__in=found[Pause.Scope.NETWORK])
        | Q(workspace__in=found[Pause.Scope.WORKSPACE])
        | Q(account_number__in=found[Pause.Scope.ACCOUNT])
    )
