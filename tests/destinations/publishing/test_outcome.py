import uuid
from datetime import UTC, datetime, timedelta

import pytest

from destinations.publishing.job import Job
from destinations.publishing.outcome import decide
from platforms.drafts import Credentials, Draft
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

NOW = datetime(2026, 3, 15, 14, 0, tzinfo=UTC)


def decision(result, *, looking=False, checkpoint=None, **fields):
    values = {
        "failures": 0,
        "lookups": 0,
        "begun_at": NOW,
        "started_at": NOW,
        "look_for": NOW if looking else None,
        **fields,
    }
    job = Job(
        id=uuid.uuid4(),
        claim=uuid.uuid4(),
        account_id=1,
        workspace_id=uuid.uuid4(),
        adapter=ADAPTERS["x"],
        draft=Draft(text="Hello"),
        credentials=Credentials("77", "acme", "secret"),
        checkpoint={},
        attempt=1,
        **values,
    )
    # Something new is known after the job.
    kept = checkpoint if checkpoint is not None else {"posts": ["1"]}
    return decide(job, result, checkpoint=kept, now=NOW, spread=lambda: 0.0)


def pause(made):
    return (made.fields["due_at"] - NOW).total_seconds()


PUBLISHING = [
    (Published("1", "u"), "succeed", "published"),
    (Processing(5), "wait", ""),
    (Rejected("no"), "fail", "content_rejected"),
    (Unauthorized("no"), "fail", "account_needs_reconnection"),
    (RateLimited("slow"), "retry", "rate_limited"),
    (Unavailable("down"), "retry_soon", "platform_unavailable"),
    (OutcomeUnknown("?"), "mark_unconfirmed", ""),
]
LOOKING = [
    (Published("1", "u"), "succeed", "published"),
    (Absent(proven=True), "retry_soon", "not_published"),
    (Absent(proven=False), "check_again", ""),
    (Processing(5), "check_again", ""),
    (Undeterminable("profile"), "fail", "outcome_unknown"),
    # A part of it is public: the rest follows.
    (PartiallyPublished(), "retry_soon", "unfinished"),
    (RefusedLater(Rejected("no")), "fail", "content_rejected"),
    (RefusedLater(Unavailable("broke")), "retry_soon", "platform_unavailable"),
    # What a lookup suffers says nothing about the post.
    (Rejected("404"), "check_again", ""),
    (Unauthorized("401"), "check_again", ""),
    (RateLimited("slow"), "check_again", ""),
    (Unavailable("down"), "check_again", ""),
]


@pytest.mark.parametrize(
    ("result", "move", "outcome", "looking"),
    [*((*row, False) for row in PUBLISHING), *((*row, True) for row in LOOKING)],
)
def test_each_result_of_publishing_and_of_a_lookup_leads_to_one_move(
    result, move, outcome, looking
):
    made = decision(result, looking=looking)
    assert (made.move, made.outcome) == (move, outcome)


def test_a_rate_limit_spends_no_failure_and_holds_the_account():
    made = decision(RateLimited("slow", retry_after_seconds=60), failures=3)
    assert made.fields["failures"] == 3
    assert made.hold_account_until == made.fields["next_retry_at"] == NOW + timedelta(seconds=60)


@pytest.mark.parametrize(
    ("failures", "move"),
    [(0, "retry_soon"), (1, "retry_soon"), (2, "retry"), (3, "retry_soon"), (8, "fail")],
)
def test_only_the_long_pause_between_rounds_shows_as_failed(failures, move):
    assert decision(Unavailable("down"), failures=failures).move == move


@pytest.mark.parametrize(
    ("seconds", "move"), [(5, "retry_soon"), (60, "retry_soon"), (61, "retry")]
)
def test_a_limit_that_ends_within_a_minute_does_not_show_as_failed(seconds, move):
    assert decision(RateLimited("slow", retry_after_seconds=seconds)).move == move


def test_only_a_proven_refusal_marks_the_account():
    assert decision(Unauthorized("no")).account_is_unauthorized
    assert not decision(Unavailable("no")).account_is_unauthorized
    assert not decision(Rejected("no")).account_is_unauthorized


def test_a_restricted_account_keeps_its_authorization():
    restricted = Unauthorized("locked", code="account_restricted")
    assert decision(restricted).move == "fail"
    assert not decision(restricted).account_is_unauthorized
    assert not decision(restricted, looking=True).account_is_unauthorized


def test_a_forbidden_lookup_does_not_mark_the_account():
    forbidden = Unauthorized("no right to read", code="permission_missing")
    assert not decision(forbidden, looking=True).account_is_unauthorized
    assert decision(Unauthorized("no"), looking=True).account_is_unauthorized


def test_continuing_after_a_found_part_counts_no_failure():
    going_on, retried = decision(PartiallyPublished(), looking=True), decision(Unavailable("down"))
    assert going_on.fields["failures"] == 0
    assert pause(going_on) == 0
    assert going_on.fields.keys() == retried.fields.keys()


def test_continuing_with_nothing_new_counts_as_a_failure():
    made = decision(PartiallyPublished(), looking=True, checkpoint={}, failures=2)
    assert (made.move, made.fields["failures"], pause(made)) == ("retry", 3, 900)


def test_continuing_ends_when_the_policy_gives_up():
    made = decision(
        PartiallyPublished(), looking=True, begun_at=NOW - timedelta(hours=48, seconds=1)
    )
    assert (made.move, made.fields["error_code"]) == ("fail", "not_published")


@pytest.mark.parametrize(("lookups", "seconds"), [(0, 60), (1, 300)])
def test_lookups_are_spaced_by_the_policy(lookups, seconds):
    made = decision(Absent(proven=False), looking=True, lookups=lookups)
    assert (pause(made), made.fields["lookups"]) == (seconds, lookups + 1)


def test_a_post_never_found_ends_as_possibly_live_and_is_not_sent_again():
    made = decision(Absent(proven=False), looking=True, lookups=2)
    assert (made.move, made.fields["error_code"]) == ("fail", "outcome_unknown")
    assert "may be live" in made.fields["error"]
    assert "next_retry_at" not in made.fields


def test_a_failed_lookup_does_not_count():
    made = decision(Unavailable("down"), looking=True, lookups=2)
    assert (made.move, made.fields["lookups"], pause(made)) == ("check_again", 2, 300)


@pytest.mark.parametrize(
    ("result", "hours", "seconds"),
    [
        (Processing(2), 0, 15),
        (Processing(2), 1, 360),
        (Unavailable("down"), 1, 360),
        (Unavailable("down", retry_after_seconds=400), 1, 400),
        (RateLimited("slow", retry_after_seconds=1), 1, 360),
        # Never more than a quarter of an hour of our own.
        (Unavailable("down"), 24, 900),
        (RateLimited("slow", retry_after_seconds=1200), 24, 1200),
        # The last look is at the end itself.
        (Unavailable("down", retry_after_seconds=10**12), 47, 3600),
        (Processing(10**12), 47, 3600),
    ],
)
def test_uncounted_lookups_slow_down(result, hours, seconds):
    sent_at = NOW - timedelta(hours=hours)
    made = decision(result, looking=True, begun_at=sent_at, look_for=sent_at)
    assert (made.move, pause(made)) == ("check_again", seconds)


def test_lookups_slow_down_from_when_the_post_was_sent_not_from_when_it_began():
    made = decision(Processing(2), looking=True, begun_at=NOW - timedelta(hours=1), look_for=NOW)
    assert pause(made) == 15


def test_a_lookup_limited_beyond_the_end_is_not_awaited():
    limit = RateLimited("slow", retry_after_seconds=7200)
    made = decision(limit, looking=True, begun_at=NOW - timedelta(hours=47))
    assert (made.move, made.fields["error_code"]) == ("fail", "outcome_unknown")


def test_lookups_end_when_the_policy_gives_up():
    made = decision(Unavailable("down"), looking=True, begun_at=NOW - timedelta(hours=48))
    assert (made.move, made.fields["error_code"]) == ("fail", "outcome_unknown")


def test_a_rate_limited_lookup_waits_for_the_networks_time():
    made = decision(RateLimited("slow", retry_after_seconds=120), looking=True)
    assert pause(made) == 120
    assert made.hold_account_until == NOW + timedelta(seconds=120)


def test_processing_that_never_ends_becomes_a_lookup():
    made = decision(Processing(5), started_at=NOW - timedelta(hours=1))
    assert made.move == "mark_unconfirmed"


@pytest.mark.parametrize(
    ("asked", "minutes", "seconds"),
    [(5, 0, 5), (5, 10, 60), (0, 0, 1), (10**12, 0, 3600), (60, 59.5, 30)],
)
def test_polls_slow_down_and_the_last_one_is_at_the_cap(asked, minutes, seconds):
    made = decision(Processing(asked), started_at=NOW - timedelta(minutes=minutes))
    assert (made.move, pause(made)) == ("wait", seconds)


def test_a_checkpoint_is_kept_encrypted_until_the_post_is_public():
    kept = decision(Unavailable("down"), checkpoint={"session": "https://secret"})
    assert kept.fields["checkpoint"]
    assert "secret" not in kept.fields["checkpoint"]
    assert decision(Published("1"), checkpoint={"session": "s"}).fields["checkpoint"] == ""
