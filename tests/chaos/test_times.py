"""The book of times: what it calls late, from when it counts, and what it takes for an excuse."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.chaos import times
from tests.chaos.books import Asked, Verdict

DUE = datetime(2026, 1, 1, tzinfo=UTC)
PROMISE = times.Promise(public_within=15, announced_within=20)


def at(seconds: float) -> datetime:
    return DUE + timedelta(seconds=seconds)


def judged(history, public, breaks=(), parts=(), promise=PROMISE, **fields):
    """Verdicts of posts of one account. `history` has moves such as "a start 3", "a sent 4": the
    call of its next move's attempt was announced then; "a retry 5 down": in an outage. `public` has
    seconds by name."""
    rows, sent = [], {}
    for word in history:
        name, move, seconds, *down = word.split()
        if move == "sent":
            sent[name] = at(float(seconds))
        else:
            rows.append(
                (f"mark{name}", 1, False, move, at(float(seconds)), sent.get(name), bool(down))
            )
    names = sorted({name[0] for name in public})
    asked = [Asked(f"mark{name}", "x", 1, "99", DUE, parts=parts, **fields) for name in names]
    seen = {
        (f"mark{name[0]}" + f" part {name[1:]}" * bool(name[1:]), "x", "99"): [at(seconds)]
        for name, seconds in public.items()
    }
    once = [Verdict("x", "once", 0) for _ in asked]
    ends = {"x": [times.Break(at(since), at(until)) for since, until in breaks]}
    return times.judged(once, asked, times.facts(rows), seen, ends, promise)


def late(verdicts):
    return [verdict.word for verdict in verdicts].count("late")


PLAIN = ["a start 0", "a succeed 99"]


@pytest.mark.parametrize(
    ("seconds", "breaks", "waited", "count"),
    [
        (15, [], 15, 0),
        (16, [], 16, 1),
        (36, [(20, 20)], 16, 1),
        (36, [(20, 20), (30, 30)], 6, 0),
        # The first of several workers is back, and the others follow.
        (36, [(10, 40)], 0, 0),
        # What broke when it was public already is no excuse.
        (16, [(17, 17)], 16, 1),
    ],
)
def test_a_post_is_late_that_is_public_too_long_after_it_could_be(seconds, breaks, waited, count):
    verdicts = judged(PLAIN, {"a": seconds}, breaks)

    assert (verdicts[0].word, verdicts[0].waited, late(verdicts)) == ("once", waited, count)
    assert not verdicts[0].excuse


def test_the_last_part_of_a_chain_ends_its_time():
    assert late(judged(PLAIN, {"a": 1, "a2": 16}, parts=(2,))) == 1


def test_the_posts_of_an_account_wait_for_each_other():
    history = [*PLAIN, "b start 14", "b succeed 99"]

    assert late(judged(history, {"a": 14, "b": 28})) == 0
    assert late(judged(history, {"a": 14, "b": 30})) == 1


def test_beside_an_announced_call_that_was_taken_a_post_has_more_time():
    """The worker of the first died when its network had taken it, and the second waited for it."""
    history = ["a start 0", "a sent 1", "a mark_unconfirmed 18", "a succeed 19", "b start 19"]

    assert late(judged(history, {"a": 1, "b": 20})) == 0
    assert late(judged(history, {"a": 1, "b": 22})) == 1


@pytest.mark.parametrize(("again", "excuse"), [(310, "absence"), (330, "")])
def test_an_absence_that_was_proven_late_is_an_excuse_until_then(again, excuse):
    history = ["a start 0", "a sent 1", "a mark_unconfirmed 5", "a retry_soon 301", "a start 302"]

    verdicts = judged(history, {"a": again})

    assert (verdicts[0].excuse, late(verdicts)) == (excuse, 0 if excuse else 1)


@pytest.mark.parametrize(("again", "excuse"), [(60, "absence"), (61, "")])
def test_an_absence_that_one_lookup_proves_costs_a_minute_at_most(again, excuse):
    history = ["a start 0", "a sent 1", "a mark_unconfirmed 55", "a retry_soon 55", "a start 56"]

    verdicts = judged(history, {"a": again}, promise=replace(PROMISE, at_once=[("x", False)]))

    assert (verdicts[0].excuse, late(verdicts)) == (excuse, 0 if excuse else 1)


@pytest.mark.parametrize(("public", "excuse"), [(30, "behind an absence"), (45, "")])
def test_a_post_may_wait_for_the_first_lookup_of_the_one_before_it(public, excuse):
    history = [
        *("a start 0", "a sent 1", "a mark_unconfirmed 5", "a check_again 20"),
        *("a retry_soon 301", "b start 20"),
    ]

    verdicts = judged(history, {"a": 305, "b": public})

    assert (verdicts[1].excuse, late(verdicts)) == (excuse, 0 if excuse else 1)


@pytest.mark.parametrize(
    ("polls", "excuse"),
    [
        (["a wait 1", "a wait 10", "a start 19"], "processing"),
        (["a wait 1", "a start 8"], ""),
        # Asked too late: a worker died, and no other one took its poll.
        (["a wait 1", "a start 29"], ""),
    ],
)
def test_what_its_network_processes_is_left_out(polls, excuse):
    history = ["a start 0", *polls, "a succeed 30"]

    verdicts = judged(history, {"a": 30})

    assert (verdicts[0].excuse, late(verdicts)) == (excuse, 0 if excuse else 1)


@pytest.mark.parametrize(("down", "excuse"), [("", "pause"), (" down", "")])
def test_a_long_pause_is_an_excuse_unless_its_network_was_down(down, excuse):
    history = ["a start 0", f"a retry 5{down}", "a start 905", "a succeed 906"]

    verdicts = judged(history, {"a": 906})

    assert (verdicts[0].excuse, late(verdicts)) == (excuse, 0 if excuse else 1)


def test_nothing_is_promised_to_those_who_were_told_that_it_failed():
    verdicts = judged(PLAIN, {"a": 100}, wish="maybe")

    assert (verdicts[0].waited, late(verdicts)) == (None, 0)
