"""Posts and files that wait, accounts that cannot post, and a database that was restored."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings

from config.status.fact import Finding, Level, Source, ok, problem, warning
from config.status.wording import age, counted
from destinations.accounts.tokens import lost
from destinations.dispatch import backlog
from destinations.models import Account, Outage, Pause
from destinations.runtime import clock
from destinations.state import outages
from destinations.state.outages import MEANWHILE
from destinations.statistics.network_now import Affected
from destinations.wording import quoted
from platforms.registry import ADAPTERS

#: At most so many rows of a network are counted.
COUNTED_ROWS = 200_000
SETTLE = "Look, then settle each."
RATE_LIMITED = "rate limited, so posts wait"
#: From so many accounts on it is the network that holds us back, and not what one customer posts.
LIMITED_ACCOUNTS = 5
STATUS_PAGE = "Look at the network's own status page; to send it nothing at all, pause it."
ENDS = "Nothing to do: they go out as the limits end."
RECONNECT = "Their posts fail until then."
#: How many accounts are named.
NAMED = 20
#: From this age on a file to fetch or to convert is stuck.
MEDIA_LIMIT_SECONDS = 15 * 60
#: Of so many of them it is looked up whose they are.
LOOKED_UP_FILES = 10_000
MEDIA_WORDS = {
    "fetch": ("file is still to be fetched", "files are still to be fetched"),
    "variant": ("file is still to be converted", "files are still to be converted"),
}
#: A fetch's row is deleted when it ends, and unmade variants have an index.
MEDIA = """
    WITH waiting AS MATERIALIZED (
        (SELECT 'fetch' AS kind, created_at, media_id
         FROM posts_fetch ORDER BY due_at LIMIT %(rows)s)
        UNION ALL
        (SELECT 'variant', created_at, media_id FROM posts_variant
         WHERE status IN ('waiting', 'making') ORDER BY lease_until LIMIT %(rows)s)
    ), stuck AS (
        SELECT old.kind, count(DISTINCT workspace_id) AS workspaces FROM (
            SELECT kind, media_id FROM waiting
            WHERE created_at < statement_timestamp() - %(limit)s::interval LIMIT %(looked_up)s
        ) old JOIN posts_media ON posts_media.id = old.media_id GROUP BY old.kind
    )
    SELECT kind, count(*), extract(epoch FROM statement_timestamp() - min(created_at))::float,
        coalesce((SELECT workspaces FROM stuck WHERE stuck.kind = waiting.kind), 0)
    FROM waiting GROUP BY kind
"""
#: From this share of a network's customers on, it is not one customer's server that is down.
OWN_SHARE = 0.1
OWN_SERVERS = """
    SELECT o.platform, count(*), count(DISTINCT a.workspace_id), (
        SELECT count(DISTINCT workspace_id) FROM (
            SELECT workspace_id FROM destinations_account
            WHERE platform = o.platform AND is_active LIMIT %(rows)s
        ) others
    ) FROM destinations_outage o JOIN destinations_account a
        ON a.id = CASE o.scope WHEN 'account' THEN o.target::bigint END
    WHERE o.closed_at IS NULL AND o.platform = ANY(%(platforms)s) GROUP BY o.platform
"""
RESTORED = "SELECT restored_at FROM destinations_heartbeat WHERE restored_at IS NOT NULL"


def is_late(seconds: float) -> bool:
    """Return whether a post that has waited for so long is late."""
    return seconds > settings.LATE_LIMIT_SECONDS


def judge_lateness(oldest: Mapping[str, float]) -> Iterator[Finding]:
    late = {platform: seconds for platform, seconds in oldest.items() if is_late(seconds)}
    for platform, seconds in late.items():
        said = f"Posts are late on {ADAPTERS[platform].name}, oldest {age(seconds)}."
        yield problem("late", said, "The overview of the admin says why.", platform)
    if not late:
        yield ok("late", "no post is late")


def judge_pauses(active: Iterable[Pause]) -> Iterator[Finding]:
    """Yield a finding for each pause, in the same order."""
    for pause in active:
        since = age(max(0.0, (clock.known() - pause.paused_at).total_seconds()))
        by = pause.paused_by.removeprefix("operator:")
        said = f"{pause.marked_name}, by {by}: {pause.reason} (for {since})"
        yield warning("paused", said, "Resume it in the admin, under Pauses.")


def measure_outages(source: Source) -> list[Outage]:
    """Return the outages that last, those of networks with how long posts have waited for them."""
    found = outages.read(source.query)
    if of_networks := [each for each in found if each.scope == Outage.Scope.NETWORK]:
        waiting = backlog.oldest(source.query, backlog.OLDEST_WITH_DOWN)
        for outage in of_networks:
            outage.waiting_seconds = waiting.get(outage.platform, 0)
    return found


def judge_outages(found: Iterable[Outage]) -> Iterator[Finding]:
    """Yield a finding for each outage, in the same order."""
    for outage in found:
        since = age(max(0.0, (clock.known() - outage.opened_at).total_seconds()))
        said = (
            f"{outage.marked_name} has been down for {since}. The last error: "
            f"{quoted(outage.error)} {MEANWHILE} {counted(outage.probes, 'probe')} went out; "
            f"the next is due at {outage.probe_at:%H:%M:%S} UTC."
        )
        if is_late(outage.waiting_seconds):
            said += f" The oldest post has waited for {age(outage.waiting_seconds)}."
            yield problem("down", said, STATUS_PAGE, outage.key)
        else:
            level: Level = "notice" if outage.is_of_own_server else "warning"
            yield Finding(level, "down", said, "Nothing to do.", outage.key)


def measure_own_servers(source: Source) -> list[tuple[str, int, int, int]]:
    """Return, by network, how many accounts on servers of their own are down, of how many
    workspaces, and how many workspaces have accounts there.
    """
    own = [platform for platform, adapter in ADAPTERS.items() if not adapter.has_one_server]
    return source.query(OWN_SERVERS, {"platforms": own, "rows": COUNTED_ROWS})


def judge_own_servers(found: Iterable[tuple[str, int, int, int]]) -> Iterator[Finding]:
    """Yield a warning if servers of many customers are down at once: hardly their own fault."""
    for platform, accounts, workspaces, of_workspaces in found:
        if workspaces < 2 or workspaces < OWN_SHARE * of_workspaces:
            continue
        who = counted(accounts, "account", "accounts")
        said = f"{ADAPTERS[platform].name}: servers of {workspaces} customers are down for {who}."
        remedy = "See whether this installation reaches them: run `manage.py doctor`."
        yield Finding("warning", "own servers", said, remedy, platform, accounts, workspaces)


def measure_restore(source: Source) -> list[datetime]:
    """Return when a restore was noticed of which Redis does not know what it lost, until a person
    has decided what goes out.
    """
    return [at for (at,) in source.query(RESTORED, None)]


def judge_restore(found: Iterable[datetime]) -> Iterator[Finding]:
    for at in found:
        said = (
            f"The database was restored, as was noticed on {at:%Y-%m-%d at %H:%M} UTC, and what "
            "was due meanwhile may be live. Publishing is paused."
        )
        remedy = "Look at the accounts, then resume under Pauses, which asks what goes out."
        yield problem("restore", said, f"{remedy} deploy/RUNBOOK.md says more.")


def measure_lost_tokens(source: Source) -> list[Account]:
    """Return the accounts whose newest tokens a restored database lacks still."""
    return lost.accounts()


def judge_lost_tokens(found: Sequence[Account]) -> Iterator[Finding]:
    if not found:
        return
    more = f" and {len(found) - NAMED:,} more" if len(found) > NAMED else ""
    who = counted(len(found), "account")
    workspaces = len({account.workspace_id for account in found})
    were = f"of {counted(workspaces, 'workspace')} {'was' if len(found) == 1 else 'were'}"
    names = ", ".join(quoted(str(account)) for account in found[:NAMED])
    yield Finding(
        "warning",
        "lost tokens",
        f"{who} {were} refreshed in the time that the database lost: {names}{more}.",
        "Each takes its tokens from Redis when it needs them; reconnect any that is refused.",
        count=len(found),
        workspaces=workspaces,
    )


class WaitingFiles(NamedTuple):
    """Files that wait or are at work, and whose those are that are stuck."""

    files: int = 0
    oldest_seconds: float = 0.0
    workspaces: int = 0


def measure_media(source: Source) -> dict[str, WaitingFiles]:
    """Return what waits or is at work, by kind."""
    limit = timedelta(seconds=MEDIA_LIMIT_SECONDS)
    values = {"rows": COUNTED_ROWS, "limit": limit, "looked_up": LOOKED_UP_FILES}
    found = {
        kind: WaitingFiles(count, max(0.0, seconds), workspaces)
        for kind, count, seconds, workspaces in source.query(MEDIA, values)
    }
    return {kind: found.get(kind, WaitingFiles()) for kind in MEDIA_WORDS}


def judge_media(found: Mapping[str, WaitingFiles]) -> Iterator[Finding]:
    stuck = {k: each for k, each in found.items() if each.oldest_seconds > MEDIA_LIMIT_SECONDS}
    for kind, each in stuck.items():
        oldest = age(each.oldest_seconds)
        of = counted(each.workspaces, "workspace")
        said = f"{counted(each.files, *MEDIA_WORDS[kind])}, the oldest for {oldest}, of {of}."
        remedy = "Look at the uploader's log, at the storage, and at “Fetch files” in the schedule."
        yield Finding("warning", "media", said, remedy, kind, each.files, each.workspaces)
    if not stuck:
        yield ok("media", "no file is stuck")


def judge_held(found: Mapping[str, Affected]) -> Iterator[Finding]:
    for platform, each in found.items():
        who = f"{counted(each.rows, 'account', 'accounts')} of {ADAPTERS[platform].name}"
        said = f"{who}: {RATE_LIMITED}."
        level = _level(platform, each) if each.rows >= LIMITED_ACCOUNTS else "ok"
        yield Finding(level, "held", said, ENDS, platform, each.rows, each.workspaces)


def _level(platform: str, found: Affected) -> Level:
    """Return `notice` for what one customer's own server may have caused."""
    is_own = not ADAPTERS[platform].has_one_server and found.workspaces < 2
    return "notice" if is_own else "warning"


def by_network(
    subject: str, one: str, many: str, remedy: str
) -> Callable[[Mapping[str, Affected]], Iterator[Finding]]:
    """Return a judge with a finding for each network: a warning if some are new."""

    def judge(found: Mapping[str, Affected]) -> Iterator[Finding]:
        for platform, each in found.items():
            said = f"{ADAPTERS[platform].name}: {counted(each.rows, one, many)}"
            if each.new < each.rows:
                said += f", {each.new:,} of them new"
            if each.workspaces:
                said += f", of {counted(each.workspaces, 'workspace', 'workspaces')}"
            level = _level(platform, each) if each.new else "ok"
            sizes = each.new, each.workspaces
            yield Finding(level, subject, f"{said}.", remedy, platform, *sizes)

    return judge


judge_may_be_live = by_network("may be live", "post may be live", "posts may be live", SETTLE)
judge_reconnect = by_network(
    "reconnect", "account to reconnect", "accounts to reconnect", RECONNECT
)
