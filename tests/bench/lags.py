"""How late the posts of a workspace begin."""

import time

from django.utils import timezone

from destinations.models import Attempt, Destination
from posts.models import Workspace

LOOK_SECONDS = 0.25


def of(workspace: Workspace) -> list[float]:
    """From its time until each destination began, in seconds; until now if it has not."""
    now = timezone.now()
    rows = Destination.objects.filter(workspace=workspace)
    first = Attempt.objects.filter(destination__workspace=workspace, number=1)
    times = {pk: (wanted, now) for pk, wanted in rows.values_list("pk", "wanted_at")}
    for pk, wanted, started in first.values_list("destination_id", "wanted_at", "started_at"):
        times[pk] = wanted, started
    return [(started - wanted).total_seconds() for wanted, started in times.values()]


def begun(workspace: Workspace) -> int:
    """How many destinations have begun."""
    return Attempt.objects.filter(destination__workspace=workspace, number=1).count()


def wait_until_begun(workspace: Workspace, count: int, *, within_seconds: float) -> bool:
    """Whether so many destinations began within that time."""
    give_up_at = time.monotonic() + within_seconds
    while begun(workspace) < count:
        if time.monotonic() > give_up_at:
            return False
        time.sleep(LOOK_SECONDS)
    return True
