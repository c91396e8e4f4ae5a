"""Occurrences of rules and turns of recycled posts come due while what makes them dies.

Each rule has one occurrence, and each recycled post one turn, that is seconds ahead: their times
are moved in the database. Every one of them must become one post, which is public once.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from destinations.runtime import failpoints
from tests.chaos.books import MARK, Asked
from tests.chaos.ground import TEXT_ALONE, WORKERS, Ground
from tests.chaos.scenario import Scenario

#: Until their time: workers that are away begin again within it.
AHEAD = timedelta(seconds=120)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
RULE = {"freq": "daily", "count": 2}
FIRST = timedelta(hours=2)

MOVE_RULES = """
    UPDATE posts_recurrence SET first_at = %s, settled_until = %s, look_at = now() RETURNING 1
"""
MOVE_CLAIMS = "UPDATE posts_occurrence SET at = %s, date = %s RETURNING 1"
MOVE_POSTS = """
    UPDATE posts_post SET published_at = %s
    WHERE id IN (SELECT post_id FROM posts_recycling) RETURNING 1
"""
MOVE_DESTINATIONS = """
    UPDATE destinations_destination SET published_at = %s
    WHERE post_id IN (SELECT post_id FROM posts_recycling) RETURNING 1
"""
MADE = """
    SELECT (SELECT count(*) FROM posts_occurrence WHERE at = %s AND post_id IS NOT NULL)
         + (SELECT count(*) FROM posts_recycledpost)
"""


def dies(ground: Ground) -> None:
    count, at = _planned(ground)
    ground.start_worker("doomed", ["refresh"], env={"DOVECOTE_FAILPOINT": failpoints.REPEATING})
    ground.until("it dies", lambda: ground.stack.died("doomed"))
    ground.broken()
    ground.start_workers()
    _end(ground, count, at)


def killed(ground: Ground) -> None:
    ground.stack.start("second beat", "beat")
    count, at = _planned(ground)
    ground.start_workers()
    ground.until("some are made", lambda: _made(ground, at))
    ground.stack.kill(WORKERS[0])
    ground.stack.broker.flushall()
    ground.broken()
    ground.start_workers()
    _end(ground, count, at)


def _planned(ground: Ground) -> tuple[int, datetime]:
    """Rules and recycled posts, with the workers stopped; how many posts come of them, and when."""
    originals = ground.ask()
    ground.settle()
    for name in WORKERS:
        ground.stack.stop(name)
    turns = [_recycle(ground, each) for each in originals]
    firsts = len(ground.asked)
    rules = ground.ask(in_seconds=FIRST.total_seconds(), recurrence=RULE)
    for post_id in rules:
        ground.team.http.delete(f"posts/{post_id}").raise_for_status()
    at = datetime.now(UTC).replace(microsecond=0) + AHEAD
    ground.asked[firsts:] = [replace(each, due_at=at) for each in ground.asked[firsts:]]
    ground.asked += [replace(each, due_at=at) for some in turns for each in some]
    start = at - DAY
    ground.stack.rows(MOVE_CLAIMS, start, start.date())
    ground.stack.rows(MOVE_RULES, start, start)
    ground.stack.rows(MOVE_POSTS, at - WEEK)
    ground.stack.rows(MOVE_DESTINATIONS, at - WEEK)
    return len(rules) + len(turns), at


def _recycle(ground: Ground, post_id: str) -> list[Asked]:
    """Recycle a public post once, with a text of its own; what the book has of that."""
    post = ground.team.http.get(f"posts/{post_id}").raise_for_status().json()["data"]
    old = MARK.findall(post["content"])[0]
    new = f"mark{ground.rng.getrandbits(48):012x}"
    texts = [f"Again {new}", f"Never {new}"]
    wanted = {"gap": 1, "gap_unit": "week", "expire_count": 1, "content_variations": texts}
    ground.team.http.patch(f"posts/{post_id}/recycling", json=wanted).raise_for_status()
    return [replace(each, mark=new) for each in ground.asked if each.mark == old]


def _made(ground: Ground, at: datetime) -> int:
    ((count,),) = ground.stack.rows(MADE, at)
    return int(count)


def _end(ground: Ground, count: int, at: datetime) -> None:
    """Wait until every post is made; the books then say who must see what."""
    are_made: Callable[[], bool] = lambda: _made(ground, at) == count  # noqa: E731
    ground.until("every post is made", are_made)


SCENARIOS = [
    Scenario(name, promise, play, networks=TEXT_ALONE, has_kinds=False)
    for name, promise, play in (
        (
            "repeating-dies",
            "A worker may die when posts that come again are written and not committed.",
            dies,
        ),
        (
            "repeating-killed",
            "Two beats may run, a worker die and Redis be wiped while posts come again.",
            killed,
        ),
    )
]
