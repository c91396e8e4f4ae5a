"""Workers are killed and answers are lost, and snac lists no post twice.

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
from tests.platforms.mastodon.account import OLD
from tests.real import gateway
from tests.real.gateway import Cut
from tests.real.killed import connected, posted, running, settled
from tests.real.mastodon.server import Person, Server
from tests.real.mastodon.sides import Real
from tests.real.table import PROPERTY

pytestmark = [pytest.mark.needs("snac"), pytest.mark.thorough]
SEEDS = (1, 2, 3)
PEOPLE, POSTS = 3, 16
KILLS = 4
#: The bound ends a run that hangs.
SETTLE_SECONDS = 240
WORDS = ("loft", "wing", "feather", "grain", "roof", "dusk", "tower", "square", "bread", "rain")


def credentials(person: Person) -> tuple[str, dict[str, str]]:
    body = {"platform": "mastodon", "instance": OLD, "access_token": person.token}
    return f"{person.id}@{OLD}", body


@pytest.mark.parametrize("seed", SEEDS)
def test_each_post_is_once_on_the_server_no_matter_who_dies(
    seed: int, real: Server, tmp_path: Path, record_property: Any
) -> None:
    record_property(PROPERTY, ["Mastodon", real.version, f"killed, seed {seed}", []])
    rng, people = random.Random(seed), [real.person() for _ in range(PEOPLE)]
    with (
        serving(tmp_path / "simulator") as simulator,
        gateway.running(Real(real, simulator).route) as way,
        running(tmp_path, way) as stack,
    ):
        team = connected(stack, [credentials(person) for person in people])
        # Many have half of their words in common.
        texts = [f"{rng.choice(WORDS)} {rng.getrandbits(40):x}" for _ in range(POSTS)]
        way.lose_by_chance("/api/v1/statuses", random.Random(f"{seed} lost"))
        posts = posted(team, texts, KILLS, rng)
        way.lose_nothing()
        results = settled(team, posts, SETTLE_SECONDS)

    assert way.lost.keys() == set(get_args(Cut)), "Each way to lose an answer was to happen."
    published = [result for result in results if result["status"] == "published"]
    assert len(results) == POSTS * PEOPLE
    assert len(published) > 0.9 * len(results)
    for person in people:
        listed = real.posts(person)
        assert set(Counter(listed.values()).values()) == {1}, "A post is public twice."
        number = credentials(person)[0]
        told = {each["platform_post_id"] for each in published if each["network_id"] == number}
        assert told <= listed.keys(), "The API tells of a post that the server does not list."
