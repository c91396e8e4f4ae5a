"""Every destination ends in time, no matter what a network answers and how often."""

from datetime import timedelta
from itertools import cycle, islice

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from destinations.accounts import encryption
from platforms.errors import OutcomeUnknown, RateLimited, Rejected, Unauthorized, Unavailable
from platforms.outcomes import (
    Absent,
    PartiallyPublished,
    Processing,
    Published,
    RefusedLater,
    Undeterminable,
)
from platforms.registry import ADAPTERS
from tests.destinations.publishing.lives import PARTS, Row

#: No network makes a destination ask it so often.
MOST_CALLS = 5_000

SECONDS = st.sampled_from([None, 0, 1, 5, 60, 900, 86_400, 10**9, 10**30])
PAUSES = st.sampled_from([0.0, 0.001, 2.0, 5.0, 300.0, 86_400.0, 1e30])
LIMITS = st.builds(lambda seconds: RateLimited("slow", retry_after_seconds=seconds), SECONDS)
OUTAGES = st.builds(lambda seconds: Unavailable("down", retry_after_seconds=seconds), SECONDS)
LOST = st.just(OutcomeUnknown("?"))
#: What does not end a destination by itself; what does is left to the table of moves.
PUBLISHING = st.one_of(st.builds(Processing, PAUSES), LIMITS, OUTAGES, LOST)
LOOKING = st.one_of(
    st.builds(Processing, PAUSES),
    LIMITS,
    OUTAGES,
    LOST,
    st.just(Unauthorized("401")),
    st.just(Rejected("404")),
    st.builds(Absent, st.booleans()),
    st.just(PartiallyPublished()),
    st.builds(RefusedLater, st.one_of(LIMITS, OUTAGES)),
)


@pytest.fixture(autouse=True)
def unsealed(monkeypatch):
    """Thousands of decisions: encryption is not tested here."""
    monkeypatch.setattr(encryption, "seal", lambda values: dict(values))


def live(platform, publishing, looking, took=(timedelta(0),), spread=0.0) -> Row:
    """The life of a destination whose network repeats one answer forever."""
    row = Row(platform)
    said, seen, times = cycle(publishing), cycle(looking), cycle(took)
    while not row.go(next(seen if row.sent_at else said), next(times), spread):
        assert row.calls < MOST_CALLS, row.moves[-20:]
    return row


@pytest.mark.parametrize("platform", sorted(ADAPTERS))
# Without shrinking: a destination that never ends is a long one to try again and again.
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)
@given(
    publishing=st.lists(PUBLISHING, min_size=1, max_size=5),
    looking=st.lists(LOOKING, min_size=1, max_size=5),
    took=st.lists(st.integers(0, 300), min_size=1, max_size=3),
    spread=st.floats(0, 1, exclude_max=True),
)
def test_no_sequence_of_answers_outlasts_the_policy(platform, publishing, looking, took, spread):
    times = [timedelta(seconds=seconds) for seconds in took]
    row = live(platform, publishing, looking, times, spread)
    longest = ADAPTERS[platform].retry.bounds()
    # The last try, the last poll and the last lookup each took its own time.
    assert row.lasted.total_seconds() <= longest.total_seconds + 3 * max(took)


ALWAYS = {
    "limited for a second": (RateLimited("slow", retry_after_seconds=1), None),
    "limited for a day": (RateLimited("slow", retry_after_seconds=86_400), None),
    "processing": (Processing(2), Absent(proven=False)),
    "lost and never seen": (OutcomeUnknown("?"), Absent(proven=False)),
    "lost and proven absent": (OutcomeUnknown("?"), Absent(proven=True)),
    "lost and processing": (OutcomeUnknown("?"), Processing(2)),
    "lost and limited for a second": (OutcomeUnknown("?"), RateLimited("", retry_after_seconds=1)),
    "lost and the lookups fail": (OutcomeUnknown("?"), Unavailable("down")),
    "lost and the rest is to be sent, for ever": (OutcomeUnknown("?"), PartiallyPublished()),
    "down": (Unavailable("down"), None),
}


@pytest.mark.parametrize(
    ("always", "minutes", "calls"),
    [
        ("limited for a second", 2874, 264),
        ("limited for a day", 2880, 3),
        ("processing", 66, 69),
        ("lost and never seen", 6, 4),
        ("lost and proven absent", 32, 18),
        ("lost and processing", 2880, 236),
        ("lost and limited for a second", 2878, 251),
        ("lost and the lookups fail", 2880, 223),
        ("lost and the rest is to be sent, for ever", 38, 66),
        ("down", 30, 9),
    ],
)
def test_a_network_that_repeats_one_answer_gets_a_known_number_of_calls(always, minutes, calls):
    said, seen = ALWAYS[always]
    row = live("x", [said], [seen])
    assert (row.moves[-1], row.lasted // timedelta(minutes=1), row.calls) == (
        "fail",
        minutes,
        calls,
    )


def test_each_state_ends_within_the_bound_of_the_policy():
    longest = ADAPTERS["tiktok"].retry.bounds()
    row = live("tiktok", [Processing(30)], [Absent(proven=False)])
    lost_after = row.lasted.total_seconds() - longest.looking_seconds
    assert lost_after == longest.processing_seconds == 6 * 3600
    row = live("tiktok", [OutcomeUnknown("?")], [Unavailable("down")])
    assert row.lasted.total_seconds() == longest.unanswered_seconds == 48 * 3600


def test_a_thread_continues_at_once_while_parts_are_found():
    row = live("threads", [OutcomeUnknown("?")], [*[PartiallyPublished()] * 20, Published("1")])
    assert (row.failures, row.moves.count("retry_soon")) == (0, 20)
    assert row.lasted == 21 * timedelta(seconds=15)


def test_a_lookup_without_progress_counts_as_a_failure():
    row = Row("threads", parts=PARTS)
    assert not row.go(OutcomeUnknown("?"), timedelta(0), 0.0)
    assert not row.go(PartiallyPublished(), timedelta(0), 0.0)
    assert (row.failures, row.moves) == (1, ["mark_unconfirmed", "retry_soon"])


def test_an_uncounted_pause_adds_at_most_a_tenth_of_the_time_passed():
    row, pauses = Row("instagram"), []
    for result in islice(cycle([Processing(2)]), 60):
        before = row.lasted
        row.go(result, timedelta(0), 0.0)
        pauses.append((row.lasted - before) / max(before, timedelta(seconds=20)))
    assert pauses == pytest.approx([0.1] * 60)


def test_an_outcome_that_no_lookup_can_find_ends_at_once():
    assert live("linkedin", [OutcomeUnknown("?")], [Undeterminable("profile")]).calls == 2
