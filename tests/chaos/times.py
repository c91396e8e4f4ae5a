"""The book of times: how soon each post was public, and what excuses one that was late.

A post's time runs until the network published it (its last part, of a chain), by the network's own
clock. It runs from the last of these moments, because a promise leaves out what its account's order
takes, and nothing can be published while nothing works:

- it was due;
- what broke before it was public was whole again (`Ground.broken`), all of it where no worker was
  left (`Ground.down`);
- the post before it of its account and lane was public.

It is late after `Scenario.public_within` seconds, or after `announced_within` if a call of its
lane was announced by a worker that died or got no answer, and the network had taken it. Then one of
these facts may excuse it, and it is counted as excepted:

- `absence`: a call of this post was announced, and the network proved later that it had not taken
  it. The post may be public as late as is promised after that proof; where one lookup is the proof,
  no later than a minute after it could be.
- `behind an absence`: the same of the post whose turn was before; counted from its first lookup.
- `processing`: without the waits between the polls of a file that the network processes, of ten
  seconds at most each, it would have been in time;
- `pause`: the same of the long pause that a policy makes when a network has refused a post three
  times, or has set a limit. In an outage there is none: its end ends the pause.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from tests.chaos.books import Asked, Place, Verdict, part
from tests.chaos.scenario import LIVE_SECONDS

#: The moves of each destination, when the call of that attempt was announced, and whether its
#: network or account was down then, or soon after.
FACTS = """
SELECT substring(p.content from 'mark[0-9a-f]{12}'), d.account_number,
       right(d.queue, 7) = '.upload', e.move, e.at, a.sent_at, EXISTS (
           SELECT FROM destinations_outage o
           WHERE o.platform = d.platform AND o.target IN (d.platform, d.account_number::text)
             AND o.opened_at < e.at + interval '1 minute'
             AND (o.closed_at IS NULL OR o.closed_at > e.at))
FROM destinations_event e
JOIN destinations_destination d ON d.id = e.destination_id
JOIN posts_post p ON p.id = d.post_id
LEFT JOIN destinations_attempt a ON a.destination_id = d.id AND a.number = e.attempt
ORDER BY e.id
"""
#: The second: after a promotion, whose database may lack how the call ended.
DOUBTED = ("mark_unconfirmed", "look_up_doubtful")
#: What ends a doubt: the post was found, or it was not there.
FOUND, ABSENT = ("succeed", "confirm_late"), ("retry_soon", "retry", "fail")
#: The simulated networks process a file in few seconds, and so no pause grows.
POLLED_WITHIN = timedelta(seconds=10)


class Break(NamedTuple):
    since: datetime
    until: datetime


class Moment(NamedTuple):
    move: str
    at: datetime
    sent_at: datetime | None
    is_down: bool = False


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
    """Hold what the product wrote down of one destination."""

    is_upload: bool = False
    moves: list[Moment] = field(default_factory=list)

    def doubts(self) -> Iterator[Doubt]:
        for number, each in enumerate(self.moves):
            if each.move in DOUBTED:
                later = self.moves[number + 1 :]
                asked_at = later[0].at if later else each.at
                ends = [later for later in later if later.move in (*FOUND, *ABSENT)]
                end = ends[0] if ends else Moment("", asked_at, None)
                yield Doubt(each.sent_at or each.at, asked_at, end.at, end.move in FOUND)

    def processed(self) -> timedelta:
        """How long it waited between polls; of a poll that was late, as long as it may have."""
        waits = zip(self.moves, self.moves[1:], strict=False)
        pauses = (next_.at - each.at for each, next_ in waits if each.move == "wait")
        return sum((min(pause, POLLED_WITHIN) for pause in pauses), timedelta())

    def paused(self) -> timedelta:
        """How long its retries waited by its network's policy; an outage's end ends that."""
        waits = zip(self.moves, self.moves[1:], strict=False)
        long = [
            next_.at - each.at for each, next_ in waits if each.move == "retry" and not each.is_down
        ]
        return sum(long, timedelta())


@dataclass(frozen=True)
class Promise:
    """Seconds until a post is public, without and with an announced call that was taken."""

    public_within: float
    announced_within: float
    #: In any case where the first lookup proves an absence: networks, and whether of a video.
    live_within: float = LIVE_SECONDS
    at_once: Collection[tuple[str, bool]] = ()

    def excuses_absence(self, network: str, is_upload: bool, waited: timedelta) -> bool:
        is_at_once = (network, is_upload) in self.at_once
        return not is_at_once or waited.total_seconds() <= self.live_within

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
            found[mark, account].moves.append(Moment(*moment))
    return found


def judged(
    verdicts: Sequence[Verdict],
    asked: Sequence[Asked],
    known: Mapping[tuple[str, int], Facts],
    seen: Mapping[Place, Sequence[datetime]],
    breaks: Mapping[str, Sequence[Break]],
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
    lane: Sequence[Seen], breaks: Mapping[str, Sequence[Break]], promise: Promise
) -> Iterator[tuple[Asked, float, str]]:
    """Each post of a lane with its seconds, and its excuse, `LATE`, or nothing."""
    before: Seen | None = None
    doubts = [(each, doubt) for each in lane for doubt in each.facts.doubts()]
    for each in sorted(lane, key=lambda each: each.at):
        all_breaks = breaks.get(each.asked.network, ())
        ended = [one.until for one in all_breaks if one.since <= each.at]
        could_at = max([each.asked.due_at, *ended, *([before.at] if before else [])])
        concerning = [
            (one, doubt)
            for one, doubt in doubts
            if doubt.sent_at < each.at and doubt.known_at > could_at
        ]
        within = promise.within(doubt for _, doubt in concerning)
        waited = each.at - could_at
        excuse = _excuse(each, waited, within, concerning, promise) if waited > within else ""
        yield each.asked, max(0.0, waited.total_seconds()), excuse
        before = each


def _excuse(
    each: Seen,
    waited: timedelta,
    within: timedelta,
    doubts: Iterable[tuple[Seen, Doubt]],
    promise: Promise,
) -> str:
    for one, doubt in doubts:
        network, is_upload = each.asked.network, each.facts.is_upload
        is_proven = one is each and promise.excuses_absence(network, is_upload, waited)
        if not doubt.was_taken and is_proven and each.at - doubt.known_at <= within:
            return "absence"
        if not doubt.was_taken and one is not each and each.at - doubt.asked_at <= within:
            return "behind an absence"
    if each.facts.processed() and waited - each.facts.processed() <= within:
        return "processing"
    if each.facts.paused() and waited - each.facts.paused() <= within:
        return "pause"
    return LATE
