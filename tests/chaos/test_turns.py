"""The book of turns: what it calls out of turn, and what it allows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.chaos import turns
from tests.chaos.books import Asked

AT = datetime(2026, 1, 1, tzinfo=UTC)
LEASE = 60


def moved(*words: str) -> list[turns.Turn]:
    """Moves such as "a start 3": of destination `a`, three seconds after the beginning. `a` is the
    oldest."""
    rows = []
    for word in words:
        name, move, *seconds = word.split()
        age = timedelta(seconds=ord(name) - ord("a"))
        at = AT + timedelta(seconds=float(seconds[0]) if seconds else 0)
        rows.append((move, at, name, f"mark{name}", "x", 1, False, AT + age, AT + age, True))
    return turns.turns(rows)


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (["a start", "a succeed", "b start"], 0),
        (["a start", "b start", "a succeed"], 1),
        (["a start", "a wait", "b start", "a succeed"], 0),
        (["a start", "a mark_unconfirmed", "b start"], 0),
        (["a start", "a retry_soon", "b start"], 1),
        (["a start", "a retry_soon", "a start", "a fail", "b start"], 0),
        (["a start", "a mark_unconfirmed", "a retry_soon", "b start"], 0),
        (["a start", "a mark_unconfirmed", "b start", "b retry_soon", "a start"], 0),
        (["a start", "a mark_unconfirmed", "a retry_soon", "a start", "b start"], 1),
        (["a start", "a retry", "b start"], 0),
        (["a start", "b refuse", "a succeed"], 0),
        # The worker of the first may have died.
        (["a start 0", "b start 39"], 1),
        (["a start 0", "b start 41"], 0),
        (["a start", "a ask_to_delete", "b start"], 1),
    ],
)
def test_two_posts_of_an_account_in_flight_are_harm(words, count):
    found = list(turns.overlaps(moved(*words), LEASE))

    assert [verdict.word for verdict in found] == ["out of turn"] * count


@pytest.mark.parametrize(
    ("words", "known", "count"),
    [
        (["a start", "b start"], "ab", 0),
        (["b start", "a start"], "ab", 1),
        (["b start", "a start"], "a", 0),
        (["b start", "a refuse"], "ab", 0),
        (["a start", "b start", "a start"], "ab", 0),
        (["c start", "a start", "b start"], "abc", 2),
    ],
)
def test_a_post_that_begins_before_an_older_one_is_harm(words, known, count):
    marks = {f"mark{name}" for name in known}

    assert len(list(turns.overtakings(moved(*words), marks))) == count


def seen(**seconds: float) -> dict[tuple[str, str, str], list[datetime]]:
    """When posts were public, by name; "a2" is the second part of `a`."""
    return {
        (f"mark{name[0]}" + f" part {name[1:]}" * bool(name[1:]), "x", "99"): [
            AT + timedelta(seconds=at)
        ]
        for name, at in seconds.items()
    }


def asked(names: str, **fields) -> list[Asked]:
    """Posts of one account, in the order in which they were asked for. `a` is due first."""
    return [
        Asked(f"mark{n}", "x", 1, "99", AT + timedelta(seconds=ord(n) - ord("a")), **fields)
        for n in names
    ]


@pytest.mark.parametrize(
    ("words", "order", "public", "count"),
    [
        (["a start", "b start"], "ab", {"a": 5, "b": 6}, 0),
        # Begun in order, and public in another one.
        (["a start", "b start"], "ab", {"a": 6, "b": 5}, 1),
        (["a start", "a put_back", "b start", "a start"], "ab", {"a": 6, "b": 5}, 1),
        (["a start", "a retry_soon", "b start", "a start"], "ab", {"a": 6, "b": 5}, 1),
        (["a start", "b start", "c start"], "abc", {"a": 7, "b": 5, "c": 6}, 2),
        # The older one was in doubt, or waited for long.
        (["a start", "a mark_unconfirmed", "b start"], "ab", {"a": 6, "b": 5}, 0),
        (["a start", "a retry", "b start", "a start"], "ab", {"a": 6, "b": 5}, 0),
        (["a start", "a wait", "b start", "a start"], "ab", {"a": 6, "b": 5}, 0),
        # Asked for later, when the younger one was on its way.
        (["b start", "a start"], "ba", {"a": 6, "b": 5}, 0),
        (["a start", "b start"], "ab", {"b": 5}, 0),
    ],
)
def test_a_post_that_is_public_before_an_older_one_is_harm(words, order, public, count):
    found = list(turns.out_of_order(asked(order), moved(*words), seen(**public)))

    assert [verdict.word for verdict in found] == ["out of turn"] * count


@pytest.mark.parametrize(("answered", "count"), [(0.5, 1), (1.5, 0)])
def test_no_post_is_older_than_one_that_was_due_before_its_customer_was_answered(answered, count):
    a, b = asked("ab")
    a = replace(a, answered_at=AT + timedelta(seconds=answered))
    moves = moved("b start", "a start")

    assert len(list(turns.out_of_order([a, b], moves, seen(a=6, b=5)))) == count


def test_a_post_whose_file_had_to_be_made_may_be_passed():
    moves = [replace(turn, is_text=turn.mark != "marka") for turn in moved("a start", "b start")]

    assert not list(turns.out_of_order(asked("ab"), moves, seen(a=6, b=5)))


@pytest.mark.parametrize(("public", "count"), [({"a": 1, "a2": 2}, 0), ({"a": 2, "a2": 1}, 1)])
def test_a_part_that_is_public_before_the_one_it_follows_is_harm(public, count):
    assert len(list(turns.broken_chains(asked("a", parts=(2,)), seen(**public)))) == count
