"""Redis whose primary dies: Sentinels name another one, and posts go out."""

from collections.abc import Iterator

import pytest

from tests import sentinels
from tests.acceptance.stack import Stack

pytestmark = pytest.mark.thorough

MOVED = ("web", "worker", "beat")


@pytest.fixture
def group(stack: Stack, tmp_path) -> Iterator[sentinels.Group]:
    """Servers of Redis that the stack's processes use for as long as the test lasts."""
    with sentinels.group(tmp_path) as group:
        move(stack, {"REDIS_URL": group.url})
        yield group
        move(stack, {})


def test_posts_go_out_after_the_primary_of_redis_died(stack: Stack, group: sentinels.Group):
    team = stack.team(x=1, threads=1)
    before = team.post("Before")
    team.published(before)

    group.kill(group.primary)

    during = [team.post(f"While there is none {number}") for number in range(3)]
    team.published(*during)
    after = team.post("After")
    team.assert_each_once(team.published(before, *during, after))


def move(stack: Stack, env: dict[str, str]) -> None:
    stack.restart(MOVED, env)
    stack.wait("web is ready", stack.is_ready)
