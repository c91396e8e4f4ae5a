"""Waiting for our own web host, where a network fetches files from it.

If a network cannot fetch a file because our host is away, the post is not at fault. So no attempt
is spent: the destination is checked every few seconds, and publishing continues once our host
answers. Our worker may be unable to reach our public address even when the network can. So the
network is also asked again from time to time, less and less often.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models.functions import Coalesce

from destinations.dispatch import enqueue
from destinations.dispatch.claimed_rows import ClaimedRow
from destinations.models import Destination
from destinations.publishing.job import Job
from destinations.publishing.outcome import Result
from destinations.runtime import clock
from destinations.state import breaker
from platforms.errors import MediaHostAway, Unavailable
from platforms.http.media_host import MediaHost
from platforms.outcomes import RefusedLater

#: The network is asked again after a pause as long as the whole wait so far, within these bounds.
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
UNREACHABLE = "media_unreachable"
AWAY = "Our own web host did not answer us either; it goes on by itself once it does."
TOO_LONG = MediaHostAway.default_code, "Our own web host did not answer for too long."


def is_awaited(row: ClaimedRow, now: datetime) -> bool:
    """Return whether our host must answer before this waiting row is started again."""
    if row.error_code != MediaHostAway.default_code or row.begun_at is None:
        return False
    spent = row.updated_at - row.begun_at
    return now - row.updated_at < max(SHORTEST_PAUSE, min(spent, LONGEST_PAUSE))


def postpone(job: Job) -> None:
    """Give a job back, to be checked again soon, without a move and without an attempt."""
    at = clock.now() + timedelta(seconds=job.adapter.retry.host_away_seconds)
    held = Destination.objects.filter(pk=job.id, claim=job.claim)
    place = Coalesce("lane_at", "wanted_at")
    held.update(claim=None, due_at=at, next_retry_at=at, wanted_at=at, lane_at=place, begun_count=0)
    if job.is_probe and breaker.release_probes([job.id]):
        enqueue.WAKE.after_commit()


async def is_away(job: Job, host: MediaHost) -> bool:
    """Return whether the host that serves the draft's files does not answer."""
    url = next((item.url for item in job.draft.media if item.url), "")
    return bool(url) and not await host.answers(url)


async def blame_host(job: Job, result: Result, host: Callable[[], MediaHost]) -> Result:
    """Return the result, or MediaHostAway if a network got no file because our host is away."""
    error = result.error if isinstance(result, RefusedLater) else result
    if not isinstance(error, Unavailable) or error.code != UNREACHABLE:
        return result
    if not await is_away(job, host()):
        return result
    away = MediaHostAway(
        f"{error.message} {AWAY}",
        platform_code=error.platform_code,
        http_status=error.http_status,
        request_id=error.request_id,
        body=error.body,
    )
    return RefusedLater(away) if isinstance(result, RefusedLater) else away
