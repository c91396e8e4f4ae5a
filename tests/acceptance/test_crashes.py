"""Nothing is lost or public twice if anything is killed, wiped or runs twice."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.acceptance.stack import Stack
from tests.acceptance.team import Team

#: Claims what is due and sends it.
ENQUEUE = """
import django
django.setup()
from destinations.dispatch import enqueue
enqueue.enqueue()
"""
#: The calls that make a post public.
IRREVERSIBLE = {
    "x": "create_post",
    "linkedin": "create_post",
    "facebook": "change_post",
    "threads": "publish",
}
ANNOUNCED = """
SELECT count(*) FROM destinations_attempt a
JOIN destinations_destination d ON d.id = a.destination_id
WHERE a.sent_at IS NOT NULL AND a.answered_at IS NULL AND d.account_number = ANY(%s)
"""


LOOKED_UP = """
SELECT count(*) FROM destinations_event e
JOIN destinations_destination d ON d.id = e.destination_id
WHERE e.move = 'mark_unconfirmed' AND d.account_number = ANY(%s)
"""

#: Not begun, under way, waiting for its next try, or not yet looked for.
UNDECIDED = """
SELECT count(*) FROM destinations_destination
WHERE account_number = ANY(%s) AND (
    status IN ('queued', 'publishing') OR next_retry_at IS NOT NULL
    OR (status = 'unconfirmed' AND lookups = 0))
"""


def in_flight(team: Team) -> int:
    """Calls of which is recorded that they left, and not what became of them."""
    ((count,),) = team.stack.rows(ANNOUNCED, list(team.accounts))
    return int(count)


def test_a_killed_workers_posts_are_found_and_none_is_lost_or_public_twice(stack: Stack):
    team = stack.team(**dict.fromkeys(IRREVERSIBLE, 5))
    for network, call in IRREVERSIBLE.items():
        # Public at once, and the answer is held back: the time in which a crash would hurt.
        stack.simulator.fault(network, call=call, delay_seconds=25)
    posts = [team.post("First of two"), team.post("Second of two")]
    stack.wait("20 answers are out", lambda: in_flight(team) == len(team.wall()) == 20)

    stack.kill("worker")
    assert (in_flight(team), len(team.wall())) == (20, 20)
    stack.simulator.http.delete("/control/faults")
    stack.start("worker")

    results = team.published(*posts)
    team.assert_each_once(results)
    assert len(results) == 40
    assert {result["attempts"] for result in results} == {1}
    assert stack.rows(LOOKED_UP, list(team.accounts)) == [(20,)]


@pytest.mark.thorough
def test_a_worker_killed_among_its_sends_leaves_only_truths(stack: Stack):
    """Of a call that was announced and never left, nothing is claimed and nothing sent again."""
    team = stack.team(x=50, linkedin=50, facebook=50)
    post = team.post("Killed while sending")
    stack.wait("the first is public", team.wall)

    stack.kill("worker")
    stack.start("worker")

    numbers = list(team.accounts)
    stack.wait("each was looked at", lambda: stack.rows(UNDECIDED, numbers) == [(0,)])
    results = team.results(post)
    published = [result for result in results if result["status"] == "published"]
    team.assert_each_once(published)
    assert {r["status"] for r in results} <= {"published", "publishing"}
    assert {r["network"] for r in results if r not in published} <= {"x", "linkedin"}


@pytest.mark.thorough
def test_what_waits_is_published_once_each_although_redis_is_wiped(stack: Stack):
    team = stack.team(**dict.fromkeys(IRREVERSIBLE, 10))
    stack.stop("worker")
    post = team.post("Wiped")
    stack.command("-c", ENQUEUE)  # as a worker that died before it received any
    queued = [f"publish.{network}" for network in IRREVERSIBLE]
    assert all(stack.broker.llen(queue) for queue in queued)
    assert team.wall() == []

    stack.broker.flushdb()
    stack.start("worker")

    results = team.published(post)
    team.assert_each_once(results)
    assert len(results) == 40
    assert {result["attempts"] for result in results} == {1}


@pytest.mark.thorough
def test_redis_may_be_wiped_while_everything_runs(stack: Stack):
    team = stack.team(x=4, facebook=4)
    posts = [team.post("Before")]
    team.published(*posts)

    stack.broker.flushdb()
    soon = datetime.now(UTC) + timedelta(seconds=2)
    posts += [team.post("At once"), team.post("By beat", scheduled_at=soon.isoformat())]

    results = team.published(*posts)
    team.assert_each_once(results)
    assert len(results) == 24
    assert {result["attempts"] for result in results} == {1}
