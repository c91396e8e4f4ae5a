"""Posts that read alike and calls without an answer: who is given which, and who has to wait."""

from datetime import UTC, datetime, timedelta

import pytest

from platforms.meta.matching import (
    NONE,
    OPEN,
    WAIT,
    Claimant,
    ListedPost,
    Pairing,
    SendWindow,
    pair,
)

NOON = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def hit(name: str, seconds: float) -> ListedPost:
    return ListedPost(name, f"https://example.com/{name}", "Hello", at(seconds), "TEXT")


def call(word: str) -> Claimant:
    """`0!`: sent at second 0, and its container says that it is public; `0?`: it does not."""
    sent_at = at(float(word[:-1]))
    return Claimant(SendWindow(sent_at, sent_at), word.endswith("!"))


@pytest.mark.parametrize(
    ("ours", "lookalikes", "listed", "found"),
    [
        # Alone.
        ("0!", "", "1", "1"),
        ("0?", "", "1", "1"),
        ("0!", "", "", WAIT),
        ("0?", "", "", NONE),
        # More posts than calls: one is another program's, or a call was made twice.
        ("0!", "", "1 2", OPEN),
        ("0?", "", "1 2", OPEN),
        ("0!", "5!", "1 6 7", OPEN),
        # Each has one, matched by order; which one looks first does not matter.
        ("0!", "5!", "6 1", "1"),
        ("5!", "0!", "6 1", "6"),
        ("5!", "0! 9!", "1 6 10", "6"),
        ("5?", "0!", "1 6", "6"),
        ("0?", "5?", "1 6", "1"),
        # Some are not listed yet.
        ("0!", "5!", "1", "1"),
        ("5!", "0!", "1", WAIT),
        ("5!", "0! 9!", "1 6", "6"),
        ("9!", "0! 5!", "1 6", WAIT),
        # What others certainly have is not ours.
        ("5?", "0!", "1", NONE),
        ("5?", "0! 9!", "1 10", NONE),
        ("0!", "5?", "1", "1"),
        # It belongs to one of them, but it is not known yet to which.
        ("0?", "5?", "1", WAIT),
        ("0?", "5? 9!", "1 10", WAIT),
        ("0!", "5? 9?", "1 6", WAIT),
        # Who was sent at another time cannot have made any of these.
        ("0!", "5000!", "1", "1"),
        ("0?", "5000!", "1", "1"),
        ("5000?", "0!", "5001", "5001"),
    ],
)
def test_who_is_given_what(ours, lookalikes, listed, found):
    hits = [hit(seconds, float(seconds)) for seconds in listed.split()]

    paired = pair(hits, call(ours), [call(word) for word in lookalikes.split()])

    assert (paired.hit.id if paired.hit else paired) == found
    assert isinstance(paired, Pairing)


@pytest.mark.parametrize("is_public", [True, False])
def test_no_two_calls_are_given_the_same_post(is_public):
    """Of calls in one second too, if each looks at the same list."""
    calls = [call("0!" if is_public else "0?") for _ in range(3)]
    hits = [hit(name, 1) for name in ("a", "b", "c")]

    given = [pair(hits, ours, [each for each in calls if each is not ours]).hit for ours in calls]

    assert all(given)
