"""Accounts on networks' own servers: workers die, answers are lost, and the server's list counts.

The stack reaches the server through a gateway (`tests.real.gateway`), which loses calls and answers
or keeps a call on its way. All other hosts are the simulator's.
"""

import random
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, get_args

import psycopg

from destinations.runtime import failpoints
from tests.acceptance.stack import Stack
from tests.acceptance.team import Team
from tests.chaos import books
from tests.chaos.books import Place, Verdict
from tests.chaos.crashes import dies
from tests.chaos.ground import WORKERS, Ground, ground
from tests.chaos.processes import killed_again_and_again
from tests.chaos.scenario import Scenario
from tests.platforms.driver import image
from tests.real import gateway
from tests.real.gateway import Cut, Gateway
from tests.real.live import Live, Owner, RealServer
from tests.real.servers import SERVERS

#: Before the irreversible call, as it leaves, and after it.
POINTS = (
    failpoints.SENDING,
    failpoints.LEAVING,
    failpoints.ANSWERED,
    failpoints.RECORDING,
)
#: Many die one after the other, and the posts of an account wait for each.
LEASE_SECONDS = 10
#: How long a call takes at least, so that workers that are killed have one at hand.
CALL_SECONDS = 1
WORDS = ("loft", "wing", "feather", "grain", "roof", "dusk", "tower", "square", "bread", "rain")
#: The next try of what failed is due. A list proves an absence five minutes after a call by a clock
#: that is never set, so nothing but waiting brings the lookup that finds nothing.
NEXT_TRY = """
UPDATE destinations_destination SET due_at = now()
WHERE claim IS NULL AND status = 'failed' AND next_retry_at > now() AND due_at > now()
"""


class RealGround(Ground):
    """A ground whose accounts are on a real server."""

    def __init__(
        self, server: RealServer, live: Live, way: Gateway, stack: Stack, *facts: Any
    ) -> None:
        self.server, self.live, self.way = server, live, way
        #: By their ids.
        self.owners: dict[str, Owner] = {}
        way.route = live.route(stack.simulator)
        super().__init__(stack, *facts)

    def connected(self, count: int) -> Team:
        """A workspace with so many accounts, connected as customers connect theirs."""
        made = self.stack.seed([])
        team = Team(self.stack, self.stack.client(f"{self.stack.url}/api/v1/", made["key"]))
        for _ in range(count):
            owner = self.live.owner()
            body = {"platform": self.server.network, **owner.credentials}
            answer = team.http.post("accounts/connect-credential", json=body)
            assert answer.is_success, answer.text
            number = answer.json()["data"]["account"]["id"]
            team.accounts[number] = (self.server.network, owner.id)
            self.owners[owner.id] = owner
        return team

    def uploaded(self) -> list[str]:
        """A picture: not every server here takes videos."""
        return [self.team.upload("picture.jpg", "image/jpeg", image(640, 640, "JPEG"))]

    def text(self, mark: str) -> str:
        """Some posts of an account have half of their words in common."""
        return f"{self.rng.choice(WORDS)} {mark}"

    def public(self) -> dict[Place, list[str]]:
        """As the server lists it; what has no mark under its text."""
        found: dict[Place, list[str]] = defaultdict(list)
        for owner in self.owners.values():
            for post in self.live.listed(owner):
                mark = books.MARK.search(post.text)
                name = mark[0] if mark else post.text
                found[(name, self.server.network, owner.id)].append(post.id)
        return found

    def seen(self) -> dict[Place, list[datetime]]:
        """No times: servers have clocks and roundings of their own."""
        return {}

    def settle(self) -> None:
        """Wait until every destination has come to its end, without the pauses before new tries."""
        give_up_at = time.monotonic() + self.scenario.settle_seconds
        while time.monotonic() < give_up_at:
            if all(row.is_final for row in self.own().values()):
                return
            with psycopg.connect(self.servers.database_url) as connection:
                connection.execute(NEXT_TRY)
            time.sleep(0.5)

    def verdicts(self) -> list[Verdict]:
        network = self.server.network
        left_over = [
            Verdict(network, "wrong", 0, f"{owner.id} has {post.id}, which is of no public post")
            for owner in self.owners.values()
            for post in self.live.left_over(owner)
        ]
        return super().verdicts() + left_over


def play(ground: RealGround) -> None:
    """Workers die around the irreversible call and during it, and while calls are lost."""
    dies(POINTS, ground)
    on_its_way(ground)
    losing(ground)
    ground.broken()
    ground.ask()


def on_its_way(ground: RealGround) -> None:
    """A worker dies while its call is on the way, and the server gets the call all the same."""
    ground.stack.stop(WORKERS[1])
    with ground.way.holding(ground.server.publishing) as is_here:
        ground.ask()
        ground.until("a call is on its way", is_here.is_set)
        ground.stack.kill(WORKERS[0])
        ground.broken()
    ground.start_workers()


def losing(ground: RealGround) -> None:
    """Workers are killed again and again, and a third of the calls or their answers are lost."""
    rng = random.Random(ground.rng.random())
    ground.way.lose_by_chance(ground.server.losing, rng, late_seconds=CALL_SECONDS)
    killed_again_and_again(ground)
    ground.until("a call and an answer were lost, and one was cut", lambda: _has_lost_all(ground))
    ground.way.lose_nothing()


def _has_lost_all(ground: RealGround) -> bool:
    if ground.way.lost.keys() == set(get_args(Cut)):
        return True
    # Those of an account wait for each other: not all are called yet.
    if not ground.count("queued", "publishing"):
        ground.ask(1)
    return False


@contextmanager
def real_ground(
    server: RealServer, home: Path, scenario: Scenario, n: int, seed: int, env: Mapping[str, str]
) -> Iterator[RealGround]:
    """A whole stack, and a new server of the network beside it."""
    place = home / "real"
    place.mkdir()
    with server.running(place) as live, gateway.running(_unknown) as way:
        make = partial(RealGround, server, live, way)
        through = {**env, "SIMULATOR_URL": way.url}
        with ground(home, scenario, n, seed, through, make=make) as found:
            yield found


def _unknown(host: str, path: str) -> tuple[str, str, Mapping[str, str]]:
    raise LookupError(f"{host}{path} is called before the simulator is known.")


SCENARIOS = [
    Scenario(
        f"real-{network}",
        f"Workers may die and answers be lost: {server.name} lists each post once, as Dovecote "
        "tells it.",
        play,
        networks=(network,),
        env={"LEASE_SECONDS": str(LEASE_SECONDS)},
        settle_seconds=900,
        public_within=None,
        has_kinds=False,
        may_stay_unknown=(network,) if server.may_stay_unknown else (),
        install=server.lacks,
        ground=partial(real_ground, server),
    )
    for network, server in SERVERS.items()
]
