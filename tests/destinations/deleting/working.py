"""Deletions without an engine's thread: what is due, worked on in the test's."""

from destinations.deleting.deletion_worker import DeletionEngine


def work() -> None:
    """Work until nothing is due or in flight."""
    engine = DeletionEngine(threads=0)
    engine.wake()
    try:
        while not engine.is_idle:
            engine.step()
    finally:
        engine.commands.cancel()
