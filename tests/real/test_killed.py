"""The small form of `make chaos SCENARIO=real-`: workers die, and a real server's list counts."""

import pytest

from tests.chaos import table
from tests.chaos.played import play
from tests.real.servers import SERVERS

pytestmark = pytest.mark.thorough
#: One for each death and the last, at least.
POSTS = 7


@pytest.mark.parametrize(
    "network",
    [
        pytest.param(network, marks=pytest.mark.needs(*server.programs))
        for network, server in SERVERS.items()
    ],
)
def test_each_post_is_once_on_the_server_no_matter_who_dies(network: str) -> None:
    if why := SERVERS[network].lacks():
        pytest.skip(f"needs {why}")
    played = play(f"real-{network}", n=1, seed=1, lease=10)

    assert played.failure == ""
    assert table.harm({played.name: played.verdicts}) == []
    assert sum(verdict.word == "once" for verdict in played.verdicts) >= POSTS
