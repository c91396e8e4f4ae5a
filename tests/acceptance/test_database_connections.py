"""A thread of a worker keeps its database connection from task to task."""

import pytest

from tests.acceptance.stack import Stack

pytestmark = pytest.mark.thorough

POSTS = 80
#: Each thread opens one when it first needs it, or when its own is a minute old: the worker has 24.
AT_MOST = 40
#: Sessions that were ever opened with the stack's database. Asking opens one more.
OPENED = "SELECT sessions FROM pg_stat_database WHERE datname = current_database()"


def test_publishing_opens_connections_for_threads_not_for_tasks(stack: Stack):
    team = stack.team(x=10)
    team.published(team.post("First"))
    ((before,),) = stack.rows(OPENED)

    posts = [
        team.post(f"Post {number}", [account])
        for number in range(POSTS // 10)
        for account in team.accounts
    ]
    team.published(*posts)

    ((after,),) = stack.rows(OPENED)
    assert after - before < AT_MOST
