"""A worker that is told to stop leaves at once what it has not begun."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from config.queue import heartbeats
from tests.acceptance.stack import Stack
from tests.platforms.driver import image
from tests.strangers import stranger

#: Long enough for a busy machine; what is tested takes far less.
LEASE_SECONDS = 30
CLAIMED = """
SELECT count(*) FROM destinations_destination
WHERE account_number = %s AND status = 'queued' AND claim IS NOT NULL
"""
WORKERS = """
SELECT a.worker, max(a.finished_at) FROM destinations_attempt a
JOIN destinations_destination d ON d.id = a.destination_id
WHERE d.account_number = %s GROUP BY a.worker ORDER BY 2
"""


@pytest.mark.thorough
def test_another_worker_takes_what_was_not_begun_right_away(stack: Stack):
    team = stack.team(x=1)
    (account,) = team.accounts
    stack.stop("worker")
    stack.start("first", "worker", {"LEASE_SECONDS": str(LEASE_SECONDS)})
    # Public at once, and the answer is held back: all ten would take longer than the lease.
    stack.simulator.fault("x", call="create_post", delay_seconds=4)
    soon = (datetime.now(UTC) + timedelta(seconds=5)).isoformat()
    posts = [team.post(f"Number {number}", scheduled_at=soon) for number in range(10)]
    stack.wait("one is out", team.wall)
    stack.start("second", "worker", {"LEASE_SECONDS": str(LEASE_SECONDS)})
    stack.wait("another worker is ready", lambda: " ready." in stack.log("second"))
    assert stack.rows(CLAIMED, account)[0][0] > 3

    told_at, began = datetime.now(UTC), time.monotonic()
    code = stack.stop("first")
    took_seconds = time.monotonic() - began
    stack.simulator.http.delete("/control/faults")

    results = team.published(*posts)
    team.assert_each_once(results)
    assert {result["attempts"] for result in results} == {1}
    (_, first_ended_at), (_, last_published_at) = stack.rows(WORKERS, account)
    stack.stop("second")
    assert code == 0
    assert took_seconds < LEASE_SECONDS / 2
    assert (first_ended_at - told_at).total_seconds() < LEASE_SECONDS / 2
    assert (last_published_at - told_at).total_seconds() < LEASE_SECONDS


def test_every_process_ends_as_told_and_is_no_longer_counted(stack: Stack):
    """Also the uploader, which fetches a file meanwhile."""
    team = stack.team()
    stack.broker.delete(heartbeats.KEY)
    stack.wait("the worker has a heartbeat", lambda: workers(stack))
    stack.ticks(1)

    assert stack.stop("worker") == 0
    assert workers(stack) == []
    stack.start("uploader")
    stack.wait("the uploader has a heartbeat", lambda: workers(stack))
    with stranger() as host:
        url = host.gives("/picture.png", image(64, 64), Content_Type="image/png")
        asked = team.http.post("media/upload-from-url", json={"url": url}).json()["data"]
        path = f"media/{asked['media_id']}"
        stack.wait(
            "the file is here",
            lambda: team.http.get(path).json()["data"]["media_status"] == "ready",
        )

    assert stack.stop("uploader") == 0
    assert workers(stack) == []
    assert stack.stop("beat") == 0


def workers(stack: Stack) -> list[str]:
    """Return the processes whose heartbeats are counted."""
    known = heartbeats.known(stack.broker)
    return [process.name for process in known if not process.name.startswith(heartbeats.BEAT)]
