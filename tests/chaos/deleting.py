"""Public posts are to go from their networks, and something breaks while they go.

Deleting may be repeated, so each must end as deleted or already gone; what was not to go stays.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from destinations.runtime import failpoints
from tests.chaos.books import Asked
from tests.chaos.ground import WORKERS, Ground
from tests.chaos.scenario import Scenario
from tests.platforms.facts import all_facts

#: The calls that delete, by the names that the simulator gives them.
CALLS = {key: facts.deletion.call for key, facts in all_facts().items() if facts.deletion}
NETWORKS = tuple(CALLS)
SENTENCES = {
    failpoints.DELETING: "a deletion has begun and its network was not asked",
    failpoints.REMOVED: "a network has deleted the post and its answer is not recorded",
}
#: A network may delete the post and answer so.
LOST: tuple[Mapping[str, Any], ...] = (
    {"drop": "after"},
    {"drop": "middle"},
    {"status": 503, "effect": True},
)
WIPES = 3
OPEN = "SELECT count(*) FROM destinations_deletion WHERE status IN ('waiting', 'deleting')"
UNFINISHED = """
SELECT platform, status, error FROM destinations_deletion
WHERE status NOT IN ('deleted', 'already_gone', 'left')
"""
Post = tuple[str, list[Asked]]


def dies(point: str, ground: Ground) -> None:
    posts = _public(ground)
    for name in WORKERS:
        ground.stack.stop(name)
    skip = ground.rng.randrange(len(posts))
    doomed = {"DOVECOTE_FAILPOINT": f"{point}:skip={skip}"}
    ground.start_worker("doomed", ["dispatch"], env=doomed)
    chosen = _delete_some(ground, posts)
    ground.until("it dies", lambda: ground.stack.died("doomed"))
    ground.broken()
    ground.start_workers()
    _end(ground, posts, chosen)


def killed(ground: Ground) -> None:
    posts = _public(ground)
    for network in NETWORKS:
        ground.fault(network, call=CALLS[network], delay_seconds=1)
    chosen = _delete_some(ground, posts)
    ground.until("some are being deleted", lambda: _count(ground, "attempts > 0"))
    for name in WORKERS:
        ground.stack.kill(name)
    ground.broken()
    ground.mend()
    ground.start_workers()
    _end(ground, posts, chosen)


def answers_lost(ground: Ground) -> None:
    posts = _public(ground)
    for network in NETWORKS:
        for fault in LOST:
            ground.fault(network, call=CALLS[network], times=max(1, ground.n // 4), **fault)
    chosen = _delete_some(ground, posts)
    ground.until("answers are lost", lambda: _count(ground, "failures > 0"))
    ground.broken()
    _end(ground, posts, chosen)


def redis_wiped(ground: Ground) -> None:
    posts = _public(ground)
    chosen: list[Post] = []
    for batch in range(WIPES):
        for name in WORKERS:
            ground.stack.stop(name)
        chosen += _delete_some(ground, posts[batch::WIPES])
        ground.stack.broker.flushall()
        ground.start_workers()
    ground.broken()
    _end(ground, posts, chosen)


def _public(ground: Ground) -> list[Post]:
    """Posts that are public on every network, and what the book has of them."""
    posts = ground.ask()
    by_mark: dict[str, list[Asked]] = {}
    for each in ground.asked:
        by_mark.setdefault(each.mark, []).append(each)
    ground.settle()
    assert ground.count("published") == len(ground.own()), "Not everything is public."
    return list(zip(posts, by_mark.values(), strict=True))


def _delete_some(ground: Ground, posts: Sequence[Post]) -> list[Post]:
    """Ask for the deletion of every other post, some of them twice; those that were asked for."""
    chosen = list(posts[::2])
    for post_id, _ in [*chosen, *chosen[::2]]:
        answer = ground.team.http.delete(f"posts/{post_id}?delete_on_platforms=all")
        assert answer.status_code in (200, 409), answer.text
    return chosen


def _end(ground: Ground, posts: Sequence[Post], chosen: Sequence[Post]) -> None:
    """Wait until every deletion has ended; the books then say who must see what."""
    is_over: Callable[[], bool] = lambda: ground.stack.rows(OPEN) == [(0,)]  # noqa: E731
    ground.until("every deletion has ended", is_over, ground.scenario.settle_seconds)
    left = ground.stack.rows(UNFINISHED)
    assert not left, f"Not deleted: {left}"
    assert _count(ground, "true") == sum(len(asked) for _, asked in chosen), "Others were deleted."
    gone = {post_id for post_id, _ in chosen}
    ground.asked = [
        replace(each, wish="never") if post_id in gone else each
        for post_id, asked in posts
        for each in asked
    ]


def _count(ground: Ground, condition: str) -> int:
    ((count,),) = ground.stack.rows(f"SELECT count(*) FROM destinations_deletion WHERE {condition}")
    return int(count)


#: Each request answers at once, so that nothing is over before something breaks.
ENV = {"DELETE_WAIT_SECONDS": "0"}

SCENARIOS = [
    *(
        Scenario(
            f"deleting-dies-{point}",
            f"A worker may die when {sentence}.",
            partial(dies, point),
            networks=NETWORKS,
            has_kinds=False,
            env=ENV,
        )
        for point, sentence in SENTENCES.items()
    ),
    Scenario(
        "deleting-killed",
        "All workers may be killed while posts are deleted from their networks.",
        killed,
        networks=NETWORKS,
        has_kinds=False,
        env=ENV,
    ),
    Scenario(
        "deleting-answers-lost",
        "A network may delete a post and its answer may be lost, cut or an error.",
        answers_lost,
        networks=NETWORKS,
        has_kinds=False,
        env=ENV,
    ),
    Scenario(
        "deleting-redis-wiped",
        "Redis may be wiped while deletions wait.",
        redis_wiped,
        networks=NETWORKS,
        has_kinds=False,
        env=ENV,
    ),
]
