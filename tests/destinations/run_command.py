"""Execute commands as the database thread of a worker does."""

from collections.abc import Sequence
from typing import Any

from destinations.runtime import batch
from destinations.runtime.batch import Command
from destinations.runtime.command_queue import Pending


def execute(command: Command, by: str = "worker:a") -> Any:
    """The result; raises what is raised in the coroutine that asks."""
    (result,) = execute_all([command], by)
    if isinstance(result, Exception):
        raise result
    return result


def execute_all(commands: Sequence[Command], by: str = "worker:a") -> list[Any]:
    """The results of commands that are executed together; some may be exceptions."""
    group = [Pending(command) for command in commands]
    batch.execute(group, by)
    return [pending.result for pending in group]
