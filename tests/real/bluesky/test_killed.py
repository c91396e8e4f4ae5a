"""Workers are killed and answers are lost, and Bluesky's own server lists each post once.

Workers die by SIGKILL among their calls, again and again. Of the calls that publish, some never
reach the server, of others the answer is lost or cut. What the API tells is compared with what the
server lists.
"""

import random
from collections import Counter
from pathlib import Path
from typing import Any, get_args

import pytest

from tests.conftest import serving
from tests.real import gateway
from tests.real.bluesky.server import Person, Server
from tests.real.bluesky.sides import Real
from tests.real.gateway import Cut
from tests.real.killed import connected, posted, running, settled
from tests.real.table import PROPERTY

pytestmark = [pytest.mark.needs("g++", "make", "npm"), pytest.mark.thorough]
SEEDS = (1, 2, 3)
PEOPLE, POSTS = 3, 24
KILLS = 8
#: The bound ends a run that hangs.
SETTLE_SECONDS = 240


def credentials(person: Person) -> tuple[str, dict[str, str]]:
    body = {"platform": "bluesky", "handle": person.handle, "app_password": person.password}
    return person.did, body


@pytest.mark.parametrize("seed", SEEDS)
def test_each_post_is_once_on_the_server_no_matter_who_dies(
    seed: int, real: Server, tmp_path: Path, record_property: Any
) -> None:
    record_property(PROPERTY, ["Bluesky", real.version, f"killed, seed {seed}", []])
    rng, people = random.Random(seed), [real.person() for _ in range(PEOPLE)]
    with (
        serving(tmp_path / "simulator") as simulator,
        gateway.running(Real(real, simulator).route) as way,
        running(tmp_path, way) as stack,
    ):
        team = connected(stack, [credentials(person) for person in people])
        texts = [f"Post {number} of seed {seed}" for number in range(POSTS)]
        way.lose_by_chance("applyWrites", random.Random(f"{seed} lost"))
        posts = posted(team, texts, KILLS, rng)
        way.lose_nothing()
        results = settled(team, posts, SETTLE_SECONDS)

    assert way.lost.keys() == set(get_args(Cut)), "Each way to lose an answer was to happen."
    published = [result for result in results if result["status"] == "published"]
    assert len(results) == POSTS * PEOPLE
    assert len(published) > 0.9 * len(results)
    for person in people:
        listed = Counter(post["text"] for post in real.posts(person))
        assert set(listed.values()) == {1}, "A post is public twice."
        told = {each["platform_post_id"] for each in published if each["network_id"] == person.did}
        assert told == set(real.keys(person)), "The API tells something else than the server."
