"""A workspace with workers of its own."""

import pytest

from tests.acceptance.stack import DEDICATED, DEDICATED_NAME, Stack
from tests.acceptance.team import Team, make_team

pytestmark = pytest.mark.thorough

OWN = f"publish.*.{DEDICATED_NAME},publish.*.{DEDICATED_NAME}.upload"
QUEUE = f"publish.x.{DEDICATED_NAME}"
#: The processes that began to publish to an account.
PUBLISHERS = """
SELECT DISTINCT split_part(a.worker, ':', 2)::int FROM destinations_attempt a
JOIN destinations_destination d ON d.id = a.destination_id WHERE d.account_number = %s
"""


def publishers(team: Team) -> set[int]:
    (account,) = team.accounts
    return {pid for (pid,) in team.stack.rows(PUBLISHERS, account)}


def is_served(stack: Stack, kind: str) -> bool:
    return bool(stack.checks().get("workers", {}).get(kind, {}).get("ok"))


def test_its_workers_publish_its_posts_and_without_the_setting_the_others_do(stack: Stack):
    big, small = make_team(stack, {"x": 1}, workspace_id=DEDICATED), stack.team(x=1)
    stack.stop("worker")
    stack.start("others", "worker", options=["-n", "others@%h", "-X", OWN])
    stack.start("own", "worker", options=["-n", "own@%h", "-Q", OWN])
    try:
        for kind in ("worker", "uploader", DEDICATED_NAME):
            stack.wait(f"{kind} is served", lambda kind=kind: is_served(stack, kind))
        one, two = big.post("Of the big one"), small.post("Of a small one")
        big.assert_each_once(big.published(one))
        small.assert_each_once(small.published(two))
        assert publishers(big) == {stack.pid("own")}
        assert publishers(small) == {stack.pid("others")}

        # Without its workers it waits, which is told, and others do not.
        stack.stop("own")
        three, four = big.post("Of the big one, later"), small.post("Of a small one, later")
        small.assert_each_once(small.published(two, four))
        stack.wait("its queues are missed", lambda: not is_served(stack, DEDICATED_NAME))
        workers = stack.checks()["workers"]
        assert QUEUE in workers[DEDICATED_NAME]["unserved_queues"]
        assert workers["worker"]["ok"]
        assert [each["status"] for each in big.results(three)] != ["published"]

        # Its message is in a queue that a worker without the setting does not know.
        stack.stop("others")
        stack.start("worker", env={"DEDICATED_QUEUES": ""})
        big.assert_each_once(big.published(one, three))
    finally:
        for name in ("own", "others"):
            if stack.is_running(name):
                stack.kill(name)
