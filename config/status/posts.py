"""Posts that wait, and accounts that cannot post."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from django.conf import settings

from config.status.fact import Finding, ok, problem, warning
from config.status.wording import age, counted
from destinations.models import Outage, Pause
from destinations.runtime import clock
from platforms.registry import ADAPTERS

#: At most so many rows of a network are counted.
COUNTED_ROWS = 200_000
SETTLE = "Look, then settle each."
RATE_LIMITED = "rate limited, so posts wait"
RECONNECT = "Their posts fail until then."


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
            f"{outage.name} has been down for {since}: {outage.error} Posts wait in their places, "
            f"{counted(outage.probes, 'probe', 'probes')} went out"
        )
        remedy = "Nothing to do: all go out once posts get through again."
        yield warning("down", f"{said}.", remedy, outage.key)


def some(
    subject: str, one: str, many: str, remedy: str
) -> Callable[[Mapping[str, int]], Iterator[Finding]]:
    """Return a judge of counts by network: a warning if there are any."""

    def judge(counts: Mapping[str, int]) -> Iterator[Finding]:
        if total := sum(counts.values()):
            yield warning(subject, f"{counted(total, one, many)}.", remedy)

    return judge


judge_may_be_live = some("may be live", "post may be live", "posts may be live", SETTLE)
judge_held = some("held", f"account is {RATE_LIMITED}", f"accounts are {RATE_LIMITED}", "")
judge_reconnect = some("reconnect", "account to reconnect", "accounts to reconnect", RECONNECT)
