"""Which networks are down, and how an outage ends.

`breaker` sees outages begin and end; `dispatch.probes` sends the posts that probe.
"""

import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import structlog
from django.db.models import Q, QuerySet

from destinations import outbox
from destinations.access import Reach
from destinations.models import Account, Destination, Outage
from destinations.runtime import clock, database

log = structlog.get_logger()

S = Destination.Status
Scope = Outage.Scope
#: Errors of a network that is down. A retry that waits for one of them begins when it is back.
CODES = ("platform_unavailable", "deadline")
#: How long a process remembers what is down, for what it shows.
CACHE_SECONDS = 1.0
#: Events of outages, for customers' webhooks.
EVENTS = OPENED, CLOSED = "incident.opened", "incident.closed"
#: Of the posts that wait for the end of an outage, so many are counted.
MOST_WAITING = 1000
#: Pauses between probes are at most a quarter of an hour: what lies further ahead was written by a
#: clock that was ahead.
LONGEST_PROBE_PAUSE = timedelta(minutes=15)
PROBE_IS_DUE = f"""(probe_at <= statement_timestamp() OR probe_at > statement_timestamp()
    + interval '{2 * LONGEST_PROBE_PAUSE.total_seconds()} seconds')"""
#: What happens meanwhile, for all who are told.
MEANWHILE = "Posts wait in their places, spend no try, and go out once posts get through again."

# Through the function, only `destination_error` can serve it.
BRING_FORWARD = """
    WITH waiting AS MATERIALIZED (
        SELECT id FROM destinations_destination
        WHERE platform = %(platform)s AND num_nonnulls(due_at) = 1 AND error_code = ANY(%(codes)s)
          AND status IN ('failed', 'publishing') AND next_retry_at > %(now)s AND claim IS NULL
          AND (%(account)s::bigint IS NULL OR account_number = %(account)s)
        ORDER BY id FOR UPDATE SKIP LOCKED
    )
    UPDATE destinations_destination d
    SET due_at = LEAST(COALESCE(d.lane_at, d.wanted_at), %(now)s), next_retry_at = %(now)s,
        wanted_at = %(now)s, lane_at = COALESCE(d.lane_at, d.wanted_at)
    FROM waiting WHERE d.id = waiting.id
"""

_OPEN = Outage.objects.filter(closed_at__isnull=True).order_by("-scope", "pk")
_known: tuple[float, list[Outage]] | None = None


def read(query: Callable[[str, Any], list[tuple[Any, ...]]]) -> list[Outage]:
    """Return the outages that last, read on another connection than Django's."""
    names = [field.attname for field in Outage._meta.concrete_fields]
    rows = query(*_OPEN.query.sql_with_params())
    return [Outage.from_db(None, names, row) for row in rows]


def open_outages() -> list[Outage]:
    """Return the outages that last, those of networks first, as they are or were a second ago."""
    global _known
    now = time.monotonic()
    if _known is None or now >= _known[0]:
        _known = now + CACHE_SECONDS, list(_OPEN.all())
    return _known[1]


def forget() -> None:
    """Read the outages anew."""
    global _known
    _known = None


def covering(outages: Iterable[Outage], platform: str, account: int) -> Outage | None:
    """Return the first of these outages that concerns an account."""
    keys = (f"{Scope.NETWORK}:{platform}", f"{Scope.ACCOUNT}:{account}")
    return next((each for each in outages if each.key in keys), None)


def close(outage: Outage) -> None:
    """End an outage: what it held may be claimed, and retries that wait for it are due now."""
    now = clock.now()
    outage.closed_at, outage.probe = now, None
    outage.save(update_fields=["closed_at", "probe", "answered", "probes", "error"])
    values: dict[str, Any] = {
        "now": now,
        "platform": outage.platform,
        "codes": list(CODES),
        "account": account_of(outage),
    }
    database.execute(BRING_FORWARD, values)
    forget()
    tell(CLOSED, outage)
    log.warning("outage_ended", network=outage.platform, outage=outage.key, probes=outage.probes)


def account_of(outage: Outage) -> int | None:
    """Return the number of the account whose outage it is; None: it is the network's."""
    return int(outage.target) if outage.scope == Scope.ACCOUNT else None


def message(outage: Outage) -> str:
    """Return what customers are told of it."""
    since = f"{outage.opened_at:%Y-%m-%dT%H:%M:%SZ}"
    if outage.closed_at:
        return f"{outage.name} was down from {since} to {outage.closed_at:%Y-%m-%dT%H:%M:%SZ}."
    return f"{outage.name} has been down since {since}. {MEANWHILE}"


def tell(event: str, outage: Outage) -> None:
    """Tell the webhooks of all workspaces that it concerns, in the caller's transaction."""
    accounts = Account.objects.filter(platform=outage.platform)
    number = account_of(outage)
    if number is not None:
        accounts = accounts.filter(pk=number)
    data = {
        "incident_id": outage.pk,
        "platform": outage.platform,
        "account_id": number,
        "message": message(outage),
        "began_at": outage.opened_at,
        "ended_at": outage.closed_at,
    }
    outbox.emit_to(list(accounts.values_list("workspace", flat=True).distinct()), event, data)


def waiting(outage: Outage, reach: Reach) -> int:
    """Return how many posts within reach are due and wait for its end, up to MOST_WAITING."""
    begun = Q(status__in=(S.PUBLISHING, S.UNCONFIRMED), next_retry_at=None)
    rows = concerned(outage).filter(workspace=reach.workspace_id, wanted_at__lte=clock.now())
    if reach.only is not None:
        rows = rows.filter(account_number__in=reach.only)
    return rows.exclude(begun)[:MOST_WAITING].count()


def concerned(outage: Outage) -> QuerySet[Destination]:
    """Return what has still to go to the network, or to the account."""
    rows = Destination.objects.filter(platform=outage.platform, due_at__isnull=False)
    rows = rows.exclude(platform="")
    is_all = outage.scope == Scope.NETWORK
    return rows if is_all else rows.filter(account_number=int(outage.target))
