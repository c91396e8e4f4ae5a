"""Let workers work on what is due, and time pass by moving rows."""

from datetime import timedelta

from django.db.models import F

from destinations.dispatch import probes
from destinations.dispatch.claims import Sweep, claim
from destinations.models import Account, Attempt, Destination, Outage, UnansweredTry
from destinations.publishing import worker
from destinations.state import outages


def round_of(limit: int = 100) -> int:
    """Claim what is due, with what probes, and publish it; returns how many were claimed."""
    sweep = Sweep()
    claimed = claim(limit, sweep)
    if sweep.awaits_probe:
        probes.refuse_late()
        claimed = [*claimed, *probes.claim()[0]]
    if claimed:
        worker.publish(claimed)
    return len(claimed)


def later(seconds: float) -> None:
    """Let so many seconds pass for all that has happened and all that waits."""
    ago = timedelta(seconds=seconds)
    for rows, *names in (
        (Destination.objects.filter(due_at__isnull=False), "due_at", "wanted_at", "lane_at"),
        (Destination.objects.all(), "next_retry_at", "begun_at", "updated_at", "published_at"),
        (Attempt.objects.filter(finished_at__isnull=True), "sent_at"),
        (Outage.objects.filter(closed_at__isnull=True), "probe_at", "opened_at"),
        (UnansweredTry.objects.all(), "at"),
        (Account.objects.all(), "doubt_until", "probed_at"),
    ):
        rows.update(**{name: F(name) - ago for name in names})
    outages.forget()


def play(seconds: float, step: float = 1) -> None:
    for _ in range(int(seconds / step)):
        round_of()
        later(step)


def statuses() -> dict[str, int]:
    found = Destination.objects.values_list("status", flat=True)
    return {str(status): list(found).count(status) for status in set(found)}
