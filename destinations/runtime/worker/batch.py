"""Commands: what coroutines ask a thread that owns the database to do, many per transaction."""

import time
from collections.abc import Callable, Sequence
from enum import IntEnum, auto
from itertools import groupby
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import structlog
from django.db import Error, connection, transaction

from destinations.runtime import database
from destinations.runtime.worker.command_queue import CommandCrashed, CommandQueue, Pending, Start

log = structlog.get_logger()

Value = TypeVar("Value")
#: How long a worker that cannot reach the database keeps trying to record what it knows.
PATIENCE_SECONDS = 600
#: How long a command waits for another session's lock that has held up its group.
LOCK_MS = 50
#: How often a thread without commands looks up.
IDLE_SECONDS = 1


class Locked(Exception):
    """Another session has locked a row that is needed."""


class CommandKind(IntEnum):
    """The kinds of commands, in the order in which a transaction executes them.

    It is the same in every process, so that no two wait for each other's row locks.
    """

    COMPLETE = auto()
    SAVE = auto()
    TOKENS = auto()
    FIND_OWNERS = auto()
    FIND_LOOKALIKES = auto()
    POSTPONE = auto()
    RELEASE = auto()
    DELETION = auto()
    START = auto()
    DELIVERED = auto()
    ENGAGEMENT = auto()


class Command:
    """A request to the database thread; its class says how many of them are executed at once."""

    kind: ClassVar[CommandKind]

    @classmethod
    def execute_many(cls, commands: Sequence[Any], by: str) -> Sequence[Any]:
        """Execute these in the caller's transaction. Returns one result each, in their order.

        All commands of one kind come together. A result that is an exception is raised in the
        coroutine that asked.
        """
        return [command.execute() for command in commands]

    def execute(self) -> Any:
        """Execute this one in the caller's transaction, if that is not better done for many."""
        raise NotImplementedError

    @property
    def destination(self) -> UUID | None:
        """Return the destination that it is about. No transaction has two commands of one."""
        return None

    @property
    def spent_claim(self) -> tuple[UUID, UUID] | None:
        """Return the (id, claim) that is no longer ours once this was executed."""
        return None

    def crashed(self, by: str) -> None:
        """Clean up, in a transaction of its own, after a bug kept this from being executed."""


def run(commands: CommandQueue, starts: Sequence[Start], by: str) -> None:
    """Run the coroutines to their end, and execute their commands on this thread."""
    commands.run(starts)
    try:
        while commands.running:
            group = commands.take(IDLE_SECONDS)
            if group:
                execute(group, by)
            commands.resolve(group)
    finally:
        commands.cancel()
    if commands.failure:
        raise commands.failure


def nothing() -> None:
    """Do nothing before the last commit."""


def execute(group: Sequence[Pending], by: str, before_commit: Callable[[], None] = nothing) -> None:
    """Execute the commands of a group in one transaction, and fill in their results.

    If that fails for any reason but a lost database, each is executed alone, so that a command
    that crashes does not harm the others. A second command of the same destination comes in a later
    transaction: a process may hold an ended claim of it and a new one, and results are told apart
    by destination. What another session's lock held up once is tried alone, and `is_locked` after
    a moment. `before_commit` is called once the last transaction has only its commit before it.
    """
    later = [pending for pending in group if not pending.was_locked]
    for pending in group:
        if pending.was_locked:
            _execute_together([pending], by, LOCK_MS)
    while later:
        first, later = _one_each(later)
        # Apart, because outcomes and starts both lock posts: in one transaction they would lock
        # them in no order, and two processes would wait for each other.
        starts = [pending for pending in first if pending.command.kind is CommandKind.START]
        others = [pending for pending in first if pending.command.kind is not CommandKind.START]
        parts = [part for part in (others, starts) if part]
        for part in parts:
            is_last = part is parts[-1] and not later
            _execute_together(part, by, before_commit=before_commit if is_last else nothing)


def _one_each(group: Sequence[Pending]) -> tuple[list[Pending], list[Pending]]:
    """Return the first command of each destination, with those about none, and the others."""
    seen: set[UUID] = set()
    first: list[Pending] = []
    later: list[Pending] = []
    for pending in group:
        pk = pending.command.destination
        (later if pk in seen else first).append(pending)
        if pk:
            seen.add(pk)
    return first, later


def _execute_together(
    group: Sequence[Pending],
    by: str,
    lock_ms: int | None = None,
    before_commit: Callable[[], None] = nothing,
) -> None:
    try:
        retry_on_db_loss(lambda: _execute_unless_locked(group, by, lock_ms, before_commit))
    except Exception as bug:
        if database.is_away(bug):
            raise
        is_locked = isinstance(bug, Locked)
        if len(group) > 1:
            for pending in group:
                _execute_together([pending], by, LOCK_MS if is_locked else lock_ms)
            return
        (pending,) = group
        if is_locked:
            pending.is_locked = pending.was_locked = True
            return
        log.exception("command_crashed", command=type(pending.command).__name__)
        pending.result = CommandCrashed(repr(bug))
        retry_on_db_loss(lambda: _clean_up(pending.command, by))


def retry_on_db_loss(work: Callable[[], Value]) -> Value:
    """Do the work, again and again while the database is away, so that no outcome is lost."""
    pause, give_up_at = 0.1, time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return work()
        except Error as failure:
            is_over = connection.in_atomic_block or time.monotonic() > give_up_at
            if is_over or not database.is_away(failure):
                raise
            log.warning("database_away", failure=str(failure), retry_in_seconds=pause)
            connection.close()
            time.sleep(pause)
            pause = min(pause * 2, 5)


def _execute_unless_locked(
    group: Sequence[Pending], by: str, lock_ms: int | None, before_commit: Callable[[], None]
) -> None:
    """Wait so long for each lock, or until another thread cancels it. Raises Locked."""
    try:
        with transaction.atomic():
            _execute(group, by, lock_ms)
            before_commit()
    except Error as failure:
        if database.is_locked(failure):
            raise Locked from failure
        raise


def _execute(group: Sequence[Pending], by: str, lock_ms: int | None) -> None:
    if lock_ms:
        database.execute(f"SET LOCAL lock_timeout = {lock_ms}")
    for _, alike in groupby(sorted(group, key=_kind), key=_kind):
        members = list(alike)
        commands = [pending.command for pending in members]
        results = commands[0].execute_many(commands, by)
        for pending, result in zip(members, results, strict=True):
            pending.result = result


def _kind(pending: Pending) -> CommandKind:
    kind: CommandKind = pending.command.kind
    return kind


@transaction.atomic
def _clean_up(command: Command, by: str) -> None:
    command.crashed(by)
