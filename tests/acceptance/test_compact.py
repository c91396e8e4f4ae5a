"""The compact form: one command serves, publishes and ticks."""

import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.acceptance.stack import SETTINGS, Stack, empty
from tests.until import until

pytestmark = pytest.mark.thorough


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with empty(tmp_path, SETTINGS) as stack:
        stack.start("simulator")
        stack.start("compact")
        stack.wait("it is ready", stack.is_ready)
        yield stack
        stack.end()


def test_one_command_serves_publishes_and_ticks_and_ends_as_a_whole(stack: Stack) -> None:
    team = stack.team(x=1, youtube=1)
    now = team.post("Now", team.of("x"))
    at = datetime.now(UTC) + timedelta(seconds=2)
    later = team.post("Later", team.of("x"), scheduled_at=at.isoformat())
    team.assert_each_once(team.published(now, later))
    family = stack.family("compact")

    assert stack.stop("compact") == 0

    until(lambda: not any(each.is_running() for each in family))


def test_once_one_process_ends_all_end_so_that_it_is_started_again(stack: Stack) -> None:
    family = stack.family("compact")
    [beat] = [each for each in family if "beat" in each.cmdline()[0]]

    beat.send_signal(signal.SIGKILL)

    until(lambda: stack.died("compact", 1))
    until(lambda: not any(each.is_running() for each in family))
    assert "beat ended; ending all." in stack.log("compact")
