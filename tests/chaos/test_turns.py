"""The book of turns: what it calls out of turn, and what it allows."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.chaos import turns

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
