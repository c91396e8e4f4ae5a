"""Act on a database that has lost history: send nothing that may be public already.

What was due is looked up where its network can find it by its text, and otherwise ends as possibly
published. So does what was scheduled and is known to have been
changed or deleted in the lost time. Where Redis does not know, publishing is paused until a
person has looked.
"""

from collections import Counter
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.dispatch import Signal

from destinations.dispatch import changes
from destinations.models import Heartbeat, Pause
from destinations.runtime import clock
from destinations.state import restore

log = structlog.get_logger()

#: Sent in the transaction, for what makes posts by itself: it may have made them already.
history_lost = Signal()
#: Sent in the transaction, for what the database may lack besides: also if only outcomes are lost.
doubted = Signal()

#: After a longer time a list may no longer reach back to what was sent first, and each lookup reads
#: much of it.
LONGEST_LOOKED_UP = timedelta(hours=1)
REASON = (
    "The database was restored to its state at {since}, and Redis does not know which posts were "
    "changed or deleted since then. What is scheduled may be public, or no longer wanted: look at "
    "the accounts, delete what must not go out, then resume. Resuming asks what goes out."
)


@transaction.atomic
def doubt(
    heartbeat: Heartbeat, *, by: str, redis_knows: bool, is_last_tick: bool = False
) -> Counter[str]:
    """Doubt all that may have been sent since this heartbeat; counts of destinations by platform.

    `redis_knows`: it was in use after the heartbeat. `is_last_tick`: nothing has counted in this
    database since it lost its history, so no commit before the heartbeat is missing. Raises
    RedisError.
    """
    changed = changes.since(heartbeat.at) if redis_knows else None
    since = _looked_up_since(heartbeat) if is_last_tick and changed is not None else None
    marked = restore.mark_possibly_published(by, changed or (), since)
    if changed is None:
        # Until an operator has decided, no matter which pause holds back what is scheduled.
        heartbeat.restored_at = clock.now()
        Heartbeat.objects.update(restored_at=heartbeat.restored_at)
        _pause(heartbeat.at, by)
    history_lost.send(sender=Heartbeat, since=heartbeat.at)
    doubted.send(sender=Heartbeat, since=heartbeat.at)
    log.error(
        "history_forgotten",
        since=heartbeat.at.isoformat(),
        marked=dict(marked),
        paused=changed is None,
    )
    return marked


@transaction.atomic
def doubt_claimed(heartbeat: Heartbeat, *, by: str) -> Counter[str]:
    """Doubt what a worker had, and posts whose last change is missing here. Raises RedisError."""
    changed = changes.since(heartbeat.at)
    since = _looked_up_since(heartbeat) if changed is not None else None
    marked = restore.mark_claimed(by, changed or {}, since)
    doubted.send(sender=Heartbeat, since=heartbeat.at)
    log.error("outcomes_forgotten", since=heartbeat.at.isoformat(), marked=dict(marked))
    return marked


def _looked_up_since(heartbeat: Heartbeat) -> datetime | None:
    """Return when the lost time began; None if that is too long ago for lookups."""
    return heartbeat.at if clock.now() - heartbeat.at <= LONGEST_LOOKED_UP else None


def _pause(since: datetime, by: str) -> None:
    """Pause everything. No claim is left that could begin, so this waits for no start."""
    Pause.objects.get_or_create(
        scope=Pause.Scope.INSTALLATION,
        target="",
        resumed_at=None,
        defaults={
            "name": "the whole installation",
            "reason": REASON.format(since=f"{since:%Y-%m-%d %H:%M:%S} UTC"),
            "paused_at": clock.now(),
            "paused_by": by,
        },
    )
