"""The book of times: how soon each post was public, and what excuses one that was late.

A post's time runs until the network published it (its last part, of a chain), by the network's own
clock. It runs from the last of these moments, because a promise leaves out what its account's order
takes, and nothing can be published while nothing works:

- it was due;
- what broke before it was public was whole again (`Ground.broken`);
- the post before it of its account and lane was public.

It is late after `Scenario.public_within` seconds, or after `announced_within` if a call of its
lane was announced by a worker that died or got no answer, and the network had taken it. Then one of
these facts may excuse it, and it is counted as excepted:

- `absence`: a call of this post was announced, and the network proved later that it had not taken
  it. The post may be public as late as is promised after that proof.
- `behind an absence`: the same of the post whose turn was before; counted from its first lookup.
- `processing`: without the waits between the polls of a file that the network processes, of ten
  seconds at most each, it would have been in time.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from tests.chaos.books import Asked, Place, Verdict, part

#: The moves of each destination, and when the call of that attempt was announced.
FACTS = """
SELECT substring(p.content from 'mark[0-9a-f]{12}'), d.account_number,
       right(d.queue, 7) = '.upload', e.move, e.at, a.sent_at
FROM destinations_event e
JOIN destinations_destination d ON d.id = e.destination_id
JOIN posts_post p ON p.id = d.post_id
LEFT JOIN destinations_attempt a ON a.destination_id = d.id AND a.number = e.attempt
ORDER BY e.id
"""
DOUBTED = "mark_unconfirmed"
#: What ends a doubt: the post was found, or it was not there.
FOUND, ABSENT = ("succeed", "confirm_late"), ("retry_soon", "retry", "fail")
#: The simulated networks process a file in few seconds, and so no pause grows.
POLLED_WITHIN = timedelta(seconds=10)
Moment = tuple[str, datetime, datetime | None]


@dataclass(frozen=True)
class Doubt:
    """An announced call without an answer that could be read."""

    sent_at: datetime
    #: When the network had been asked for the first time.
    asked_at: datetime
    #: When it was known what became of it.
    known_at: datetime
    was_taken: bool


@dataclass
class Facts:
    """What the product wrote down of one destination."""

    is_upload: bool = False
    moves: list[Moment] = field(default_factory=list)

    def doubts(self) -> Iterator[Doubt]:
        for number, (move, at, sent_at) in enumerate(self.moves):
            if move == DOUBTED:
                later = self.moves[number + 1 :]
                ends = [each for each in later if each[0] in (*FOUND, *ABSENT)]
                asked_at = later[0][1] if later else at
                end, known_at, _ = ends[0] if ends else ("", asked_at, None)
                yield Doubt(sent_at or at, asked_at, known_at, end in FOUND)

    def processed(self) -> timedelta:
        """How long it waited between polls; of a poll that was late, as long as it may have."""
        waits = zip(self.moves, self.moves[1:], strict=False)
        pauses = (b[1] - a[1] for a, b in waits if a[0] == "wait")
        return sum((min(pause, POLLED_WITHIN) for pause in pauses), timedelta())


@dataclass(frozen=True)
class Promise:
    """Seconds until a post is public, without and with an announced call that was taken."""

    public_within: float
    announced_within: float

    def within(self, doubts: Iterable[Doubt]) -> timedelta:
        is_announced = any(doubt.was_taken for doubt in doubts)
        most = self.announced_within if is_announced else self.public_within
        return timedelta(seconds=most)


@dataclass(frozen=True)
class Seen:
    """A destination that is public."""

    asked: Asked
    facts: Facts
    first_at: datetime
    #: When the last of its parts was public.
    at: datetime


def facts(rows: Iterable[Sequence[Any]]) -> dict[tuple[str, int], Facts]:
    """By mark and our number of the account, of the rows that `FACTS` gives."""
    found: dict[tuple[str, int], Facts] = defaultdict(Facts)
    for mark, account, is_upload, *moment in rows:
        if mark:
            found[mark, account].is_upload = is_upload
            found[mark, account].moves.append((moment[0], moment[1], moment[2]))
    return found


def judged(
    verdicts: Sequence[Verdict],
    asked: Sequence[Asked],
    known: Mapping[tuple[str, int], Facts],
    seen: Mapping[Place, Sequence[datetime]],
    breaks: Mapping[str, Sequence[datetime]],
    promise: Promise,
) -> list[Verdict]:
    """The verdicts of `asked`, which are the first ones, with their times; then one `late` for each
    that has no excuse, and the other verdicts."""
    lanes: dict[tuple[str, int, bool], list[Seen]] = defaultdict(list)
    for each in filter(None, (_seen(one, known, seen) for one in asked)):
        lanes[each.asked.network, each.asked.account, each.facts.is_upload].append(each)
    times = {
        (one.mark, one.account): (waited, excuse)
        for lane in lanes.values()
        for one, waited, excuse in _times(lane, breaks, promise)
    }
    timed, late = [], []
    for one, verdict in zip(asked, verdicts, strict=False):
        waited, excuse = times.get((one.mark, one.account), (None, ""))
        timed.append(replace(verdict, waited=waited, excuse=excuse))
        if excuse == LATE:
            timed[-1] = replace(timed[-1], excuse="")
            detail = f"{waited:.1f} s until it was public; {verdict.detail}"
            late.append(Verdict(one.network, "late", verdict.seconds, detail, waited))
    return [*timed, *late, *verdicts[len(asked) :]]


#: In the place of an excuse.
LATE = "late"


def _seen(
    asked: Asked,
    known: Mapping[tuple[str, int], Facts],
    seen: Mapping[Place, Sequence[datetime]],
) -> Seen | None:
    names = [asked.mark, *(part(asked.mark, number) for number in asked.parts)]
    found = [seen.get((name, asked.network, asked.network_id), ()) for name in names]
    facts = known.get((asked.mark, asked.account))
    if asked.wish != "once" or not facts or not all(found):
        return None
    return Seen(asked, facts, found[0][0], max(times[0] for times in found))


def _times(
    lane: Sequence[Seen], breaks: Mapping[str, Sequence[datetime]], promise: Promise
) -> Iterator[tuple[Asked, float, str]]:
    """Each post of a lane with its seconds, and its excuse, `LATE`, or nothing."""
    before: Seen | None = None
    doubts = [(each, doubt) for each in lane for doubt in each.facts.doubts()]
    for each in sorted(lane, key=lambda each: each.at):
        ended = [at for at in breaks.get(each.asked.network, ()) if at <= each.at]
        could_at = max([each.asked.due_at, *ended, *([before.at] if before else [])])
        concerning = [
            (one, doubt)
            for one, doubt in doubts
            if doubt.sent_at < each.at and doubt.known_at > could_at
        ]
        within = promise.within(doubt for _, doubt in concerning)
        waited = each.at - could_at
        excuse = _excuse(each, waited, within, concerning) if waited > within else ""
        yield each.asked, max(0.0, waited.total_seconds()), excuse
        before = each


def _excuse(
    each: Seen, waited: timedelta, within: timedelta, doubts: Iterable[tuple[Seen, Doubt]]
) -> str:
    for one, doubt in doubts:
        if not doubt.was_taken and one is each and each.at - doubt.known_at <= within:
            return "absence"
        if not doubt.was_taken and one is not each and each.at - doubt.asked_at <= within:
            return "behind an absence"
    if each.facts.processed() and waited - each.facts.processed() <= within:
        return "processing"
    return LATE
