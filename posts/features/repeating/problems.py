"""Record why something that repeats could not make its next post, and when to try again."""

from datetime import timedelta

import structlog

from destinations.runtime import clock
from posts.errors import RequestRefused
from posts.features.repeating.models import Repeating

log = structlog.get_logger()

SOONEST, LATEST = timedelta(minutes=1), timedelta(hours=1)
#: Of what is left until the post's time.
PART = 4


def note(row: Repeating, refused: RequestRefused) -> None:
    """Set why it could not; the caller saves the row."""
    if (row.problem_code, row.problem) != (refused.code, refused.message):
        row.problem_since = clock.now()
        kind = type(row).__name__.lower()
        log.warning("repeating_refused", kind=kind, id=str(row.pk), code=refused.code)
    row.problem_code, row.problem = refused.code, refused.message


def clear(row: Repeating) -> None:
    row.problem_code, row.problem, row.problem_since = "", "", None


def pause(left: timedelta) -> timedelta:
    """Return how long to wait before the next try, with so much time left."""
    return min(max(left / PART, SOONEST), LATEST)
