"""The book of turns: posts of one account go out one after the other, in the order they are due.

What begins is read from the history of moves, whose numbers are given in the order of their
transactions: a start that waited for another post's end has a higher number than that end. What is
public first is read from the public's own times.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.chaos.books import Asked, Place, Verdict, part

MOVED = """
SELECT e.move, e.at, d.id::text, substring(p.content from 'mark[0-9a-f]{12}'), d.platform,
       d.account_number, right(d.queue, 7) = '.upload', d.created_at,
       (SELECT a.wanted_at FROM destinations_attempt a
        WHERE a.destination_id = d.id AND a.number = 1),
       d.draft->'media' = '[]'
FROM destinations_event e
JOIN destinations_destination d ON d.id = e.destination_id
JOIN posts_post p ON p.id = d.post_id
ORDER BY e.id
"""


@dataclass(frozen=True)
class Turn:
    """A move of one destination; `wanted_at` is when its first attempt was due."""

    move: str
    at: datetime
    destination: str
    mark: str | None
    network: str
    account: int
    is_upload: bool
    created_at: datetime
    wanted_at: datetime | None
    is_text: bool

    @property
    def lane(self) -> tuple[str, int, bool]:
        return self.network, self.account, self.is_upload


def turns(rows: Iterable[Sequence[Any]]) -> list[Turn]:
    """The moves in their order, of the rows that `MOVED` gives."""
    # Not above: the list of scenarios is read before Django is set up.
    from destinations.state.transitions import MOVES

    return [Turn(*row) for row in rows if row[0] in MOVES]


def overlaps(moves: Iterable[Turn], lease_seconds: float) -> Iterator[Verdict]:
    """One for each start beside another post of its account that was certainly in flight.

    A post is in flight until its next move. Of one whose worker has died this is known for as long
    as a start's lease lasts at least: two thirds of a whole one.

    What is looked up holds no other post back, so many of an account may be looked up at once and
    then wait for a quick retry beside each other, and beside what has begun meanwhile and waits for
    one, too: the retry that is due first begins. Each has its turn again when it starts.
    """
    certain = timedelta(seconds=lease_seconds * 2 / 3)
    lanes: dict[tuple[str, int, bool], dict[str, Turn]] = defaultdict(dict)
    looked_up: set[str] = set()
    for turn in moves:
        flying = lanes[turn.lane]
        flying.pop(turn.destination, None)
        if turn.move == "start":
            for other in flying.values():
                if other.move == "retry_soon":
                    is_certain = turn.destination not in looked_up
                else:
                    is_certain = turn.at - other.at < certain
                if is_certain:
                    yield _harm(turn, other, f"was in flight since {other.move}")
        if turn.move == "mark_unconfirmed":
            looked_up.add(turn.destination)
        if turn.move == "start" or (
            turn.move == "retry_soon" and turn.destination not in looked_up
        ):
            flying[turn.destination] = turn


def overtakings(moves: Iterable[Turn], known: Collection[str]) -> Iterator[Verdict]:
    """One for each post that began before an older one of its account, which was due before it.

    Of posts by these marks alone, whose customer knew of the older one when asking for the younger.
    Files may have to be made first, so what has one may be overtaken.
    """
    begun: dict[tuple[str, int, bool], dict[str, Turn]] = defaultdict(dict)
    for turn in moves:
        if turn.move != "start" or turn.mark not in known or turn.wanted_at is None:
            continue
        before = begun[turn.lane]
        if turn.destination in before:
            continue
        for other in before.values():
            if turn.is_text and _is_older(turn, other):
                yield _harm(other, turn, "was due before it")
        before[turn.destination] = turn


#: Moves of a post that others of its account may pass: it was in doubt, waited for a long retry or
#: for its network's processing, or a person decided about it.
PASSED = frozenset(
    ("mark_unconfirmed", "retry", "wait", "fail", "refuse", "requeue", "mark_possibly_published")
)


def out_of_order(
    asked: Sequence[Asked], moves: Iterable[Turn], seen: Mapping[Place, Sequence[datetime]]
) -> Iterator[Verdict]:
    """One for each post that was public before an older one of its account and lane.

    `asked` is in the order in which customers were answered. A post is older than another one if it
    was due earlier, both were accepted, and its customer knew before the other one was due: of
    requests that run beside each other none is the older. It may be passed if it made one of the
    moves `PASSED`, or has files, which may have to be made first. Compared are the times at which
    the network published the first part of each: nothing that the product says of itself. An
    account's younger post is named once, beside the oldest it passed.
    """
    lane_of: dict[tuple[str, int], bool] = {}
    passed = set()
    for turn in moves:
        if turn.mark:
            lane_of[turn.mark, turn.account] = turn.is_upload
            if turn.move in PASSED or not turn.is_text:
                passed.add((turn.mark, turn.account))
    lanes: dict[tuple[str, int, bool], list[tuple[Asked, datetime]]] = defaultdict(list)
    for each in asked:
        key = each.mark, each.account
        times = seen.get((each.mark, each.network, each.network_id), ())
        if each.wish != "once" or not times or key not in lane_of:
            continue
        lane = lanes[each.network, each.account, lane_of[key]]
        for older, at in lane:
            if _was_older(older, each) and times[0] < at:
                detail = f"was public at {times[0]}, before {older.mark} at {at}, which is older"
                said = f"{each.mark} of account {each.account} {detail}"
                yield Verdict(each.network, "out of turn", 0, said)
                break
        if key not in passed:
            lane.append((each, times[0]))


def broken_chains(
    asked: Iterable[Asked], seen: Mapping[Place, Sequence[datetime]]
) -> Iterator[Verdict]:
    """One for each chain of which a part was public before the part that it follows."""
    for each in asked:
        names = [each.mark, *(part(each.mark, number) for number in each.parts)]
        found = [seen.get((name, each.network, each.network_id)) for name in names]
        times = [times[0] for times in found if times]
        if times != sorted(times):
            detail = f"{each.mark} of account {each.account}: its parts were public at {times}"
            yield Verdict(each.network, "out of turn", 0, detail)


def _is_older(turn: Turn, other: Turn) -> bool:
    if turn.wanted_at is None or other.wanted_at is None:
        return False
    return turn.created_at < other.created_at and turn.wanted_at < other.wanted_at


def _was_older(older: Asked, younger: Asked) -> bool:
    return max(older.due_at, older.answered_at or older.due_at) < younger.due_at


def _harm(early: Turn, late: Turn, why: str) -> Verdict:
    detail = f"{early.mark} of account {early.account} began at {early.at}, while {late.mark} {why}"
    return Verdict(early.network, "out of turn", 0, detail)
