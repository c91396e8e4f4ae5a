"""The new version migrates while the former one works; then one process after the other is new."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from tests.acceptance.stack import Code
from tests.chaos.ground import WORKERS
from tests.upgrade import customers
from tests.upgrade.cases import Cases
from tests.upgrade.migrating import migrate

#: Which worker takes a message is chance, and a new one must have started.
WITHIN_SECONDS = 900
NEW = ("new worker one", "new worker two")
#: The processes that have begun something since.
BEGAN = """
SELECT DISTINCT split_part(worker, ':', 2)::int FROM destinations_attempt WHERE started_at > %s
"""


def play(cases: Cases, new: Code, say: Callable[[str], None]) -> None:
    """Customers ask before, during and after each step, and no step waits for their posts."""
    ground, stack = cases.ground, cases.ground.stack
    cases.make()
    say("posts are in every state")
    cases.ask("asked before migrating")
    stack.code = new
    say(f"migrated in {migrate(stack):.1f} s while the former version worked")
    cases.publish("the former version after migrating")
    for name in NEW:
        stack.start(name, "worker", options=["-n", f"{name.replace(' ', '-')}@%h"])
    _share(cases, "sent by the former web", say)
    stack.stop("web")
    stack.start("web")
    customers.upgrade(cases)
    _share(cases, "sent by the new web", say)
    stack.stop("beat")
    stack.start("beat")
    cases.ask("due when the beat is new", in_seconds=5)
    for name in WORKERS:
        stack.stop(name)
    say("every process is new")
    customers.go_on(cases)
    ground.settle()


def _share(cases: Cases, what: str, say: Callable[[str], None]) -> None:
    """Posts until workers of both versions have begun some of them."""
    stack, since = cases.ground.stack, datetime.now(UTC)
    versions = [{stack.pid(name) for name in names} for names in (WORKERS, NEW)]
    give_up_at = time.monotonic() + WITHIN_SECONDS
    began: set[int] = set()
    while not all(began & pids for pids in versions):
        assert time.monotonic() < give_up_at, f"{what}: {began} began posts, of {versions}"
        cases.publish(what)
        began = {pid for (pid,) in stack.rows(BEGAN, since)}
    say(f"{what}: workers of both versions began posts")
