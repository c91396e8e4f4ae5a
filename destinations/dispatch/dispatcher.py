"""The dispatcher of a worker process: one thread that claims what is due and sends it.

It is woken by beat's tick, by a message from the web after a commit, and by lists that end.
Wake-ups coalesce: however many come during a round, one more round follows. So completions cause
no herd of claims, and a process needs one database connection for them.

Between ticks it wakes itself at the moment the next row is due, and claims nothing earlier: rows
claimed ahead of their time would leave the order of their lanes to messages. It looks no further
ahead than the next tick and a half, so without ticks nothing is published by itself: an operator
disables the periodic task to stop publishing.
"""

import threading
import time

import structlog
from django.db import Error, connection
from redis.exceptions import RedisError

from destinations.dispatch import claims, enqueue
from destinations.dispatch.restoring import restore_detector
from destinations.jobs.engine import Engine
from destinations.runtime import database
from destinations.runtime.worker import shutdown

log = structlog.get_logger()

#: The least time from one round to the next, unless it was full: posts end and fall due hundreds of
#: times a second, and one round for all of them costs as much as for one.
PAUSE_SECONDS = 0.05
#: Rounds take at most this part of the time, so that claiming a long backlog in small bites does
#: not take the database from those who publish it.
SHARE = 1 / 8
#: Workers hold claims for about a second: a longer pause would leave them without.
LONGEST_PAUSE_SECONDS = 0.3
#: Another process was claiming; a claim takes about 20 ms.
LOCKED_OUT_SECONDS = 0.02
#: The database was away.
AWAY_SECONDS = 1.0


class Dispatcher(Engine):
    """Serves wake-ups until this worker is asked to stop."""

    name = "dispatcher"

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._is_woken = False
        self._is_ticked = False
        self._sweep = claims.Sweep()
        self._again_in: float | None = None
        #: Another server may answer than before, so its claims wait for a whole check.
        self._is_unchecked = True
        super().__init__()

    @property
    def running(self) -> int:
        return 0

    def wake(self, *, is_tick: bool = False) -> None:
        """Have what is due claimed soon. Returns at once; called from any thread."""
        with self._changed:
            self._is_woken = True
            self._is_ticked |= is_tick
            self._changed.notify()

    def stop(self, within_seconds: float | None = None) -> None:
        self._stopping.set()
        self.wake()
        super().stop(within_seconds)

    def step(self) -> bool:
        is_tick = self._wait(self._again_in)
        # After a failure it is the next wake-up's turn.
        self._again_in = None
        if not shutdown.is_requested():
            self._again_in = self._serve(is_tick)
        return True

    def _wait(self, seconds: float | None) -> bool:
        """Wait for a wake-up, or so many seconds; whether it was a tick."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_woken, seconds)
            is_tick, self._is_ticked, self._is_woken = self._is_ticked, False, False
            return is_tick

    def _serve(self, is_tick: bool) -> float | None:
        """Run a round; return the seconds until the next without a wake-up, None: never."""
        try:
            if is_tick or self._is_unchecked:
                connection.close_if_unusable_or_obsolete()
                restore_detector.check(is_tick=is_tick)
                self._is_unchecked = False
            if is_tick:
                # First: a claim that fails ends the round, and may be what was lost.
                enqueue.send_lost()
            began = time.monotonic()
            enqueue.claim_and_send(self._sweep)
            took = time.monotonic() - began
            if is_tick:
                restore_detector.record_tick()
            if self._sweep.is_locked_out:
                return LOCKED_OUT_SECONDS
            pause = max(PAUSE_SECONDS, took * (1 / SHARE - 1))
            return self._next_in(min(pause, LONGEST_PAUSE_SECONDS))
        except RedisError as failure:
            # The next tick tries again: nothing is claimed that cannot be sent.
            log.warning("broker_away", failure=repr(failure))
            return None
        except Error as failure:
            if not database.is_away(failure):
                raise
            log.warning("database_away", failure=str(failure), retry_in_seconds=AWAY_SECONDS)
            connection.close()
            self._is_unchecked = True
            return AWAY_SECONDS

    def _next_in(self, pause: float) -> float | None:
        """Pause while wake-ups gather; return the seconds until something is due, or None."""
        if self._sweep.is_full:
            return 0
        due_in = 0.0 if self._sweep.has_more else claims.seconds_to_next_due()
        if due_in is None or self._sweep.has_more:
            time.sleep(pause)
            return due_in
        pause = max(PAUSE_SECONDS, min(pause, due_in))
        time.sleep(pause)
        return due_in - pause


_running: list[Dispatcher] = []


def start() -> None:
    """Start this process's dispatcher, or its thread if something has ended it."""
    for dispatcher in _running:
        dispatcher.restart_ended()
    if not _running and not shutdown.is_requested():
        _running[:] = [Dispatcher()]


def is_running() -> bool:
    return bool(_running) and _running[0].is_alive()


def wake() -> None:
    """Have what is due claimed soon, if this process has a dispatcher; never waits."""
    if _running:
        start()
        _running[0].wake()


def tick() -> None:
    """Serve beat's tick: in the dispatcher, or here in a process that has none."""
    if not _running:
        enqueue.tick()
        return
    start()
    _running[0].wake(is_tick=True)


def stop(timeout: float) -> None:
    """Wait until the dispatcher has ended, after `shutdown.request`."""
    for dispatcher in _running:
        dispatcher.stop(timeout)
    _running.clear()
