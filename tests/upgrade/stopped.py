"""Everything stops, the new version migrates, everything starts: `deploy/UPGRADING.md`'s stop."""

from collections.abc import Callable

from tests.acceptance.stack import Code
from tests.chaos.ground import WORKERS
from tests.upgrade import customers, rows
from tests.upgrade.cases import Cases
from tests.upgrade.migrating import migrate


def play(cases: Cases, new: Code, say: Callable[[str], None]) -> None:
    """Posts in every state, and then another version of everything."""
    stack = cases.ground.stack
    cases.make()
    say("posts are in every state")
    cases.interrupt()
    say("workers are dead, and messages wait")
    for name in ("beat", "web"):
        stack.stop(name)
    before = rows.snapshot(stack)
    stack.code = new
    seconds = migrate(stack)
    rows.assert_unchanged(stack, before)
    say(f"migrated in {seconds:.1f} s, and changed no row of {len(before)} tables")
    for name in ("web", "beat"):
        stack.start(name)
    for name in WORKERS:
        stack.start(name, "worker")
    customers.upgrade(cases)
    customers.go_on(cases)
    say("customers went on")
    cases.ground.settle()
