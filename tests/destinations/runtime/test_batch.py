"""Groups of commands, executed in transactions."""

import uuid
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from django.db import connection

from destinations.runtime.worker import batch
from destinations.runtime.worker.batch import Command, CommandKind
from destinations.runtime.worker.command_queue import Pending

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Note(Command):
    """Notes that it was executed, of which destination."""

    kind: CommandKind  # type: ignore[misc]
    noted: list[Any]
    id: uuid.UUID
    BY: ClassVar = "worker:test"

    @property
    def destination(self) -> uuid.UUID:
        return self.id

    def execute(self) -> None:
        self.noted.append(self.kind)


def noted(*commands: tuple[CommandKind, uuid.UUID]) -> list[Any]:
    """What a group does, in its order, with the moment before the last commit."""
    seen: list[Any] = []

    def before_commit() -> None:
        seen.append("last commit" if connection.in_atomic_block else "no transaction")

    group = [Pending(Note(kind, seen, pk)) for kind, pk in commands]
    batch.execute(group, Note.BY, before_commit)
    return seen


def test_what_comes_before_the_last_commit_comes_once_and_inside_its_transaction():
    one, other = uuid.uuid4(), uuid.uuid4()
    start, save = CommandKind.START, CommandKind.SAVE

    assert noted((start, one)) == [start, "last commit"]
    assert noted((start, one), (save, other)) == [save, start, "last commit"]
    # A second command of a destination has a transaction of its own, after the others.
    assert noted((save, one), (start, other), (save, one)) == [save, start, save, "last commit"]
