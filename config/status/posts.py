"""Posts and files that wait, accounts that cannot post, and a database that was restored."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.conf import settings

from config.status.fact import Finding, Source, ok, problem, warning
from config.status.wording import age, counted
from destinations.accounts.tokens import lost
from destinations.models import Outage, Pause
from destinations.runtime import clock
from destinations.state.outages import MEANWHILE
from platforms.registry import ADAPTERS

#: At most so many rows of a network are counted.
COUNTED_ROWS = 200_000
SETTLE = "Look, then settle each."
RATE_LIMITED = "rate limited, so posts wait"
#: From so many accounts on it is the network that holds us back, and not what one customer posts.
LIMITED_ACCOUNTS = 5
ENDS = "Nothing to do: they go out as the limits end."
RECONNECT = "Their posts fail until then."
#: How many accounts are named.
NAMED = 20
#: From this age on a file to fetch or to convert is stuck.
MEDIA_LIMIT_SECONDS = 15 * 60
MEDIA_WORDS = {
    "fetch": ("file is still to be fetched", "files are still to be fetched"),
    "variant": ("file is still to be converted", "files are still to be converted"),
}
#: A fetch's row is deleted when it ends, and unmade variants have an index.
MEDIA = """
    SELECT kind, count(*), extract(epoch FROM statement_timestamp() - min(created_at))::float
    FROM (
        (SELECT 'fetch' AS kind, created_at FROM posts_fetch ORDER BY due_at LIMIT %(rows)s)
        UNION ALL
        (SELECT 'variant', created_at FROM posts_variant
         WHERE status IN ('waiting', 'making') ORDER BY lease_until LIMIT %(rows)s)
    ) waiting GROUP BY kind
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
        said = f"{pause.name}, by {by}: {pause.reason} (for {since})"
        yield warning("paused", said, "Resume it in the admin, under Pauses.")


def judge_outages(found: Iterable[Outage]) -> Iterator[Finding]:
    """Yield a finding for each outage, in the same order."""
    for outage in found:
        since = age(max(0.0, (clock.known() - outage.opened_at).total_seconds()))
        said = (
            f"{outage.name} has been down for {since}: {outage.error} {MEANWHILE} "
            f"{counted(outage.probes, 'probe', 'probes')} went out; the next is due at "
            f"{outage.probe_at:%H:%M:%S} UTC."
        )
        yield warning("down", said, "Nothing to do.", outage.key)


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


def measure_lost_tokens(source: Source) -> list[str]:
    """Return the accounts whose newest tokens a restored database lacks still."""
    return [str(account) for account in lost.accounts()]


def judge_lost_tokens(found: Sequence[str]) -> Iterator[Finding]:
    if not found:
        return
    more = f" and {len(found) - NAMED:,} more" if len(found) > NAMED else ""
    who = counted(len(found), "account was", "accounts were")
    yield warning(
        "lost tokens",
        f"{who} refreshed in the time that the database lost: {', '.join(found[:NAMED])}{more}.",
        "Each takes its tokens from Redis when it needs them; reconnect any that is refused.",
    )


def measure_media(source: Source) -> dict[str, tuple[int, float]]:
    """Return by kind how many files wait or are at work, and the age of the oldest in seconds."""
    rows = source.query(MEDIA, {"rows": COUNTED_ROWS})
    found = {kind: (count, max(0.0, seconds)) for kind, count, seconds in rows}
    return {kind: found.get(kind, (0, 0.0)) for kind in MEDIA_WORDS}


def judge_media(found: Mapping[str, tuple[int, float]]) -> Iterator[Finding]:
    stuck = {kind: each for kind, each in found.items() if each[1] > MEDIA_LIMIT_SECONDS}
    for kind, (count, seconds) in stuck.items():
        said = f"{counted(count, *MEDIA_WORDS[kind])}, the oldest for {age(seconds)}."
        remedy = "Look at the uploader's log, at the storage, and at “Fetch files” in the schedule."
        yield warning("media", said, remedy, kind)
    if not stuck:
        yield ok("media", "no file is stuck")


def judge_held(counts: Mapping[str, int]) -> Iterator[Finding]:
    for platform, count in counts.items():
        who = f"{counted(count, 'account', 'accounts')} of {ADAPTERS[platform].name}"
        found = warning("held", f"{who}: {RATE_LIMITED}.", ENDS, platform)
        yield found if count >= LIMITED_ACCOUNTS else replace(found, level="ok")


def some(
    subject: str, one: str, many: str, remedy: str
) -> Callable[[Mapping[str, int]], Iterator[Finding]]:
    """Return a judge of counts by network: a warning if there are any."""

    def judge(counts: Mapping[str, int]) -> Iterator[Finding]:
        if total := sum(counts.values()):
            yield warning(subject, f"{counted(total, one, many)}.", remedy)

    return judge


judge_may_be_live = some("may be live", "post may be live", "posts may be live", SETTLE)
judge_reconnect = some("reconnect", "account to reconnect", "accounts to reconnect", RECONNECT)
