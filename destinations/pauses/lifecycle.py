"""Pause and resume."""

import uuid
from collections.abc import Mapping

from django.db import OperationalError, transaction
from psycopg.errors import LockNotAvailable

from destinations.dispatch import enqueue
from destinations.models import Pause
from destinations.pauses import after_restore, current
from destinations.runtime import clock, database

#: It waits for the starts that run now. It passes by those who only read, such as a backup.
LOCK = "LOCK TABLE destinations_pause IN EXCLUSIVE MODE"
#: Every start waits behind a pause that waits, so it does not wait for long.
PATIENCE = "SET LOCAL lock_timeout = '10s'"


class AlreadyPaused(Exception):
    """The target is paused already."""


class UnknownTarget(ValueError):
    """There is no such network, workspace or account."""


class StartHangs(Exception):
    """A start hangs, so nothing was paused."""


def pause(
    scope: str, target: str | int | uuid.UUID = "", *, by: str, reason: str, notice: str = ""
) -> Pause:
    """Pause a target; once this returns, nothing of it begins.

    `target`: blank, a network's key, or the id of a workspace or account. `reason` is for
    operators, `notice` a sentence for customers. Raises AlreadyPaused, UnknownTarget, and
    StartHangs if a start hangs for ten seconds.
    """
    wanted = Pause(scope=scope, target=str(target), reason=reason, notice=notice, paused_by=by)
    name = current.name_of(scope, wanted.target)
    if name is None:
        raise UnknownTarget(f"There is no {scope} {target}.")
    wanted.name = name
    with transaction.atomic(durable=True):
        _lock()
        same = Pause.objects.filter(scope=scope, target=wanted.target, resumed_at__isnull=True)
        if same.exists():
            raise AlreadyPaused(f"Already paused: {wanted.marked_name}.")
        # After the lock: what had begun by then began earlier.
        wanted.paused_at = clock.now()
        wanted.save()
    return wanted


def _lock() -> None:
    try:
        database.execute(PATIENCE)
        database.execute(LOCK)
    except OperationalError as failure:
        if isinstance(failure.__cause__, LockNotAvailable):
            raise StartHangs(
                "A worker's transaction hangs; nothing was paused. Try again."
            ) from None
        raise


def resume(
    pk: int, *, by: str, decisions: Mapping[str, after_restore.Decision] | None = None
) -> Pause | None:
    """End a pause; what it held is claimed in turn. None: another caller had ended it.

    After a restore of which Redis knows nothing, the whole installation is resumed only with
    `decisions` on what goes out (`after_restore.settle`). Raises Undecided and UnknownGroup.
    """
    with transaction.atomic():
        active = Pause.objects.filter(pk=pk, resumed_at__isnull=True)
        found = active.select_for_update(no_key=True).first()
        if found is None:
            return None
        if found.scope == Pause.Scope.INSTALLATION:
            after_restore.settle(decisions or {}, by)
        found.resumed_at, found.resumed_by = clock.now(), by
        found.save(update_fields=["resumed_at", "resumed_by"])
        enqueue.WAKE.after_commit()
    return found
