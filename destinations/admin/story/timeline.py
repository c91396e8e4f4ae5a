"""The timeline of a destination, from its events and attempts. Pure: `read` asks the database.

An event is a move. What an attempt knows beside its moves (when the irreversible call was sent and
when it was answered) becomes an entry too, so that one list says all that happened, in order.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import Literal

from destinations.models import Attempt, Event
from destinations.times import duration

Level = Literal["", "good", "wait", "bad"]

#: What each move means, and whether that is good news.
MOVES: dict[str, tuple[str, Level]] = {
    "compose": ("Created", ""),
    "edit": ("Edited", ""),
    "hold": ("Held: its posting queue was switched off", "wait"),
    "await_approval": ("Waits until a person approves the post", "wait"),
    "approve": ("The post was approved", ""),
    "start": ("The try began", ""),
    "wait": ("The network is still processing; it is asked again", "wait"),
    "succeed": ("Published", "good"),
    "put_back": ("Put back in its place: the network is down", "wait"),
    "retry_soon": ("Failed; the next try is within a minute", "wait"),
    "retry": ("Failed; the next try is later", "wait"),
    "mark_unconfirmed": ("No readable answer: it may be public, so the network is asked", "wait"),
    "check_again": ("The lookup settled nothing; the network is asked again", "wait"),
    "fail": ("Failed for good", "bad"),
    "refuse": ("Not sent", "bad"),
    "requeue": ("A person asked for another try", ""),
    "confirm_published": ("A person found the post: it is published", "good"),
    "confirm_late": ("A worker that was late brought proof: it is published", "good"),
    "confirm_not_published": ("A person looked: it is not public", ""),
    "ask_to_delete": ("It is to be deleted from the network", "wait"),
    "delete": ("The network no longer has it", "good"),
    "fail_to_delete": ("It could not be deleted from the network", "bad"),
    "look_up_doubtful": ("The database lost its last commits; the network is asked", "wait"),
    "mark_possibly_published": ("The database was restored: it may be public", "bad"),
}
#: A start that is later than this says so.
LATE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    at: datetime
    title: str
    #: The move's own name; "" for what an attempt adds.
    move: str = ""
    note: str = ""
    by: str = ""
    request_id: str = ""
    level: Level = ""
    #: The time since the entry before it, if that is in the same group.
    after: str = ""

    @property
    def is_error(self) -> bool:
        """Return whether its note may repeat what a network answered."""
        return self.level in ("wait", "bad")


@dataclass(frozen=True, slots=True)
class TimelineGroup:
    """What belongs to one attempt; or, without one, what happened before, after or in between."""

    entries: list[TimelineEntry]
    attempt: Attempt | None = None
    #: How long each step of the attempt took: (label, duration).
    durations: tuple[tuple[str, str], ...] = ()

    @property
    def error(self) -> str:
        """Return what ended the attempt, unless one of the entries says the same."""
        said = self.attempt.error if self.attempt else ""
        return "" if said in {entry.note for entry in self.entries} else said


def build(events: Iterable[Event], attempts: Mapping[int, Attempt]) -> list[TimelineGroup]:
    """Everything that happened, oldest first, grouped by attempt.

    `attempts`: those that the events concern, by number. One without events is shown too.
    """
    steps = [(event.at, 3, event.attempt, _moved(event)) for event in events]
    begun = {number for _, _, number, entry in steps if entry.move == "start"}
    for attempt in attempts.values():
        steps += [(entry.at, rank, attempt.number, entry) for rank, entry in _known(attempt, begun)]
    steps = [(at, 0 if entry.move == "start" else rank, n, entry) for at, rank, n, entry in steps]
    # Stable: events of the same moment stay in the order of their ids.
    steps.sort(key=lambda step: step[:2])
    return [
        _group(attempts.get(number or 0), [entry for *_, entry in found])
        for number, found in groupby(steps, key=lambda step: step[2])
    ]


def lateness(attempt: Attempt) -> timedelta:
    """Return how much later than wanted it began."""
    return max(attempt.started_at - attempt.wanted_at, timedelta(0))


def durations(attempt: Attempt) -> Iterator[tuple[str, str]]:
    """Yield how long its steps took; steps that it did not reach are left out."""
    started, sent, answered = attempt.started_at, attempt.sent_at, attempt.answered_at
    if lateness(attempt) >= LATE:
        yield "Began late by", duration(lateness(attempt))
    if sent:
        yield "Files and preparation", duration(sent - started)
    if sent and answered:
        yield "The network's answer", duration(answered - sent)
    if answered and attempt.finished_at and attempt.finished_at - answered >= LATE:
        yield "Processing and lookups", duration(attempt.finished_at - answered)
    if attempt.finished_at:
        yield "In all", duration(attempt.finished_at - started)


def _moved(event: Event) -> TimelineEntry:
    title, level = MOVES.get(event.move, (event.move.replace("_", " ").capitalize(), ""))
    if event.move == "succeed" and event.from_status == "unconfirmed":
        title = "Published: a lookup found it"
    if event.move == "start" and event.attempt:
        title = f"Try {event.attempt} began"
    # The worker of an attempt is among the attempt's facts.
    by = "" if event.attempt and event.by.startswith("worker:") else event.by
    return TimelineEntry(event.at, title, event.move, event.reason, by, event.request_id, level)


def _known(attempt: Attempt, begun: set[int | None]) -> Iterator[tuple[int, TimelineEntry]]:
    """(rank among what happened at the same moment, entry) of what only the attempt knows."""
    if attempt.number not in begun:
        yield 0, TimelineEntry(attempt.started_at, f"Try {attempt.number} began")
    if attempt.sent_at:
        yield 1, TimelineEntry(attempt.sent_at, "The call that publishes was sent")
    if attempt.answered_at:
        yield 2, TimelineEntry(attempt.answered_at, "The network answered")


def _group(attempt: Attempt | None, entries: list[TimelineEntry]) -> TimelineGroup:
    timed = [entries[0]] + [
        replace(entry, after=f"+{duration(entry.at - before.at)}")
        for before, entry in pairwise(entries)
    ]
    return TimelineGroup(timed, attempt, tuple(durations(attempt)) if attempt else ())
