"""The timeline: moves and attempts in one order, grouped by attempt."""

from datetime import UTC, datetime, timedelta

from destinations.admin.story import timeline
from destinations.deleting import deletion_request
from destinations.models import Attempt, Event
from destinations.state.transitions import MOVES

T0 = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def event(seconds, move, number=None, **fields) -> Event:
    return Event(at=at(seconds), move=move, attempt=number, by="worker:w", **fields)


def attempt(number, wanted, started, **fields) -> Attempt:
    times = {name: at(seconds) for name, seconds in fields.items() if name.endswith("_at")}
    return Attempt(
        number=number, wanted_at=at(wanted), started_at=at(started), **{**fields, **times}
    )


def titles(group) -> list[str]:
    return [entry.title for entry in group.entries]


def test_every_move_is_said_in_words():
    assert (
        MOVES.keys()
        | {"compose", "edit", "hold", "await_approval", "approve", *deletion_request.MOVES}
        == timeline.MOVES.keys()
    )


def test_what_happened_is_in_order_and_grouped_by_attempt():
    first = attempt(1, 0, 0.4, sent_at=2, finished_at=12, outcome="platform_unavailable")
    second = attempt(2, 13, 13, sent_at=14, answered_at=14.5, finished_at=20, outcome="published")
    events = [
        event(-60, "compose"),
        event(0.4, "start", 1),
        event(12, "retry_soon", 1, reason="It is away."),
        event(13, "start", 2),
        event(20, "succeed", 2),
    ]

    groups = timeline.build(events, {1: first, 2: second})

    assert [group.attempt for group in groups] == [None, first, second]
    assert titles(groups[1]) == [
        "Try 1 began",
        "The call that publishes was sent",
        "Failed; the next try is within a minute",
    ]
    assert titles(groups[2])[1:] == [
        "The call that publishes was sent",
        "The network answered",
        "Published",
    ]
    assert [entry.after for entry in groups[1].entries] == ["", "+1.60 s", "+10 s"]
    assert groups[1].entries[2].note == "It is away."


def test_the_steps_of_an_attempt_are_measured():
    shown = attempt(1, 0, 5, sent_at=7, answered_at=7.35, finished_at=97.35)

    assert list(timeline.durations(shown)) == [
        ("Began late by", "5.00 s"),
        ("Files and preparation", "2.00 s"),
        ("The network's answer", "350 ms"),
        ("Processing and lookups", "90 s"),
        ("In all", "92 s"),
    ]
    assert list(timeline.durations(attempt(1, 0, 0.9))) == []


def test_an_attempt_without_events_is_shown():
    lone = attempt(7, 0, 0, finished_at=1, outcome="internal_error", error="No.")

    [group] = timeline.build([], {7: lone})

    assert titles(group) == ["Try 7 began"]
    assert group.error == "No."


def test_an_error_that_its_move_says_is_not_said_again():
    shown = attempt(1, 0, 0, finished_at=1, error="No.")

    [group] = timeline.build([event(0, "start", 1), event(1, "fail", 1, reason="No.")], {1: shown})

    assert group.error == ""


def test_a_post_found_by_a_lookup_says_so():
    [group] = timeline.build([event(0, "succeed", 1, from_status="unconfirmed")], {})

    assert titles(group) == ["Published: a lookup found it"]


def test_moves_of_the_same_moment_stay_in_their_order():
    moves = ["mark_unconfirmed", "check_again", "check_again", "fail"]
    [group] = timeline.build([event(0, move, 1) for move in moves], {})

    assert [entry.move for entry in group.entries] == moves


def test_who_did_it_is_said_unless_it_is_the_attempts_own_worker():
    events = [event(0, "fail", 1), Event(at=at(1), move="requeue", by="operator:ada")]
    failed, requeued = timeline.build(events, {})

    assert failed.entries[0].by == ""
    assert requeued.entries[0].by == "operator:ada"
