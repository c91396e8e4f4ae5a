"""Waiting politely: for what becomes of a post, and for a file that the server fetches."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from dovecote import calls, outcomes
from dovecote._api_error import ApiError, MediaError, NoAnswer, StillWorking
from dovecote._exchange import Connection
from dovecote._steps import Sleep, Steps
from dovecote.models import MediaItem
from dovecote.outcomes import Outcome

WAIT_SECONDS = 300.0
FIRST_PAUSE_SECONDS = 0.5
GROWTH = 1.5
#: A key may make sixty calls a minute, and waits for several posts at once.
LONGEST_PAUSE_SECONDS = 10.0
#: What waits for its next attempt is looked at less often.
LONGEST_PAUSE_BEFORE_RETRY_SECONDS = 60.0
#: What a network may take to show a post after its attempt.
AFTER_RETRY_SECONDS = 0.5


def wait(
    connection: Connection,
    post_id: str,
    timeout: float = WAIT_SECONDS,
    seen: Callable[[Outcome], None] | None = None,
) -> Steps[Outcome]:
    """What becomes of a post: published with its link, failed with its reason, or may be live.

    Asks until every destination has ended; what has not by `timeout` (seconds) is `pending` in
    what is returned. None of that is an exception: look at `outcome.state`. `seen` is called with
    each outcome on the way. Raises what the server refuses, and NoAnswer if nothing at all could
    be learnt in time.
    """
    deadline = time.monotonic() + timeout
    pause = FIRST_PAUSE_SECONDS
    latest: Outcome | None = None
    while True:
        left = max(deadline - time.monotonic(), 0.0)
        try:
            answer = yield from connection.exchange(calls.get_post_results(post_id), left)
        except (NoAnswer, ApiError) as failed:
            if latest is None or (isinstance(failed, ApiError) and not failed.retryable):
                raise
            return latest
        latest = outcomes.of(post_id, answer)
        if seen:
            seen(latest)
        left = deadline - time.monotonic()
        if latest.is_final or left <= 0:
            return latest
        yield Sleep(min(_until_next(latest, pause), left))
        pause = min(pause * GROWTH, LONGEST_PAUSE_SECONDS)


def _until_next(latest: Outcome, pause: float) -> float:
    """If all that is pending waits for a retry, until the first of these."""
    retries = [each.next_retry_at for each in latest.pending]
    times = [at for at in retries if at is not None]
    if not times or len(times) < len(retries):
        return pause
    wait = (min(times) - datetime.now(UTC)).total_seconds() + AFTER_RETRY_SECONDS
    return min(max(wait, pause), LONGEST_PAUSE_BEFORE_RETRY_SECONDS)


def outcome(connection: Connection, post_id: str) -> Steps[Outcome]:
    """Return what has become of a post so far."""
    answer = yield from connection.exchange(calls.get_post_results(post_id))
    return outcomes.of(post_id, answer)


def ready(connection: Connection, media_id: str, timeout: float = WAIT_SECONDS) -> Steps[MediaItem]:
    """Ends when a file can be used. Raises MediaError if it cannot, StillWorking at the timeout."""
    deadline = time.monotonic() + timeout
    pause = FIRST_PAUSE_SECONDS
    while True:
        item = (yield from connection.exchange(calls.get_media(media_id))).data
        if item.status == "ready":
            return item
        if item.status == "failed":
            raise MediaError(item.error_message or "The file cannot be used.")
        if time.monotonic() + pause > deadline:
            raise StillWorking(f"{item.filename} is not ready after {timeout:.0f} s: {media_id}")
        yield Sleep(pause)
        pause = min(pause * GROWTH, LONGEST_PAUSE_SECONDS)
