"""Workers are killed and answers are lost, and WordPress has no post twice.

Workers die by SIGKILL among their calls, again and again. Of all calls some never reach the site,
of others the answer is lost or cut. What the API tells is compared with what the site has; no draft
is left over but those of posts that wait for their next try.
"""

import random
from collections import Counter
from pathlib import Path
from typing import Any, get_args

import pytest

from tests.conftest import serving
from tests.real import gateway
from tests.real.gateway import Cut
from tests.real.killed import connected, posted, running, settled
from tests.real.table import PROPERTY
from tests.real.wordpress.server import Person, Server
from tests.real.wordpress.sides import Real
from tests.until import until

pytestmark = [pytest.mark.needs("mariadbd", "php"), pytest.mark.thorough]
SEEDS = (1, 2)
PEOPLE, POSTS, KILLS = 3, 16, 4
#: The bound ends a run that hangs.
SETTLE_SECONDS = 240


def credentials(person: Person) -> tuple[str, dict[str, str]]:
    body = {"username": person.name, "app_password": person.password, "site_url": person.host}
    return f"{person.id}@{person.host}", {"platform": "wordpress", **body}


@pytest.mark.parametrize("seed", SEEDS)
def test_each_post_is_once_on_the_site_no_matter_who_dies(
    seed: int, real: Server, tmp_path: Path, record_property: Any
) -> None:
    record_property(PROPERTY, ["WordPress", real.version, f"killed, seed {seed}", []])
    rng, people = random.Random(seed), [real.person("author") for _ in range(PEOPLE)]
    with (
        serving(tmp_path / "simulator") as simulator,
        gateway.running(Real(real, simulator).route) as way,
        running(tmp_path, way) as stack,
    ):
        team = connected(stack, [credentials(person) for person in people])
        texts = [f"Coo {rng.getrandbits(40):x}" for _ in range(POSTS)]
        way.lose_by_chance("", random.Random(f"{seed} lost"))
        posts = posted(team, texts, KILLS, rng)
        # Each way to lose an answer is to happen.
        until(lambda: way.lost.keys() == set(get_args(Cut)))
        way.lose_nothing()
        results = settled(team, posts, SETTLE_SECONDS)

    published = [result for result in results if result["status"] == "published"]
    assert len(results) == POSTS * PEOPLE
    assert len(published) > 0.7 * len(results)
    for person in people:
        listed = real.posts(person)
        texts_of = Counter(post["content"]["raw"] for post in listed)
        assert set(texts_of.values()) == {1}, "A post is public twice."
        number = credentials(person)[0]
        told = {each["platform_post_id"] for each in published if each["network_id"] == number}
        listed_ids = {str(post["id"]) for post in listed}
        assert told <= listed_ids, "The API tells of a post that the site does not have."
        assert len(real.posts(person, "draft")) <= POSTS - len(listed), "Drafts pile up."
