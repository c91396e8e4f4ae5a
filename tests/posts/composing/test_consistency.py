"""Contradictions are found, and repaired only where nothing can be published twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from destinations import public_ids
from destinations.dispatch import claims
from destinations.models import Attempt, Destination
from destinations.state import consistency, transitions
from posts.features.analytics import consistency as of_tallies
from posts.management.commands.check_consistency import CHECKS
from tests.factories import make_account, make_post, make_workspace
from tests.posts.cases import apart
from tests.posts.media.states import ENDS, SET, made, run_sql, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return make_account(make_workspace())


def found():
    return {each.check.name: (each.count, each.public_ids) for each in consistency.find(CHECKS)}


def repair(name):
    (check,) = (check for check in CHECKS if check.name == name)
    return check.repair()


OLD = "now() - interval '1 hour'"
OPEN_ATTEMPT = """
    INSERT INTO destinations_attempt (destination_id, number, wanted_at, started_at, outcome,
        error, platform_code, platform_request_id, response, unmapped, worker)
    VALUES (%(id)s, 0, now(), now(), '', '', '', '', '', false, '')
"""
BROKEN = [
    ("published_without_proof", "published", SET + "published_at = NULL WHERE id = %(id)s"),
    ("published_still_moving", "published", SET + "due_at = now() WHERE id = %(id)s"),
    ("published_still_moving", "published", SET + "claim = %(other)s WHERE id = %(id)s"),
    ("published_still_moving", "published", SET + "next_retry_at = now() WHERE id = %(id)s"),
    ("not_claimed", "queued", SET + f"due_at = {OLD} WHERE id = %(id)s"),
    ("not_claimed", "publishing", SET + f"due_at = {OLD}, updated_at = {OLD} WHERE id = %(id)s"),
    ("attempt_left_open", "refused", OPEN_ATTEMPT),
    ("begun_without_clock", "publishing", SET + "due_at = NULL WHERE id = %(id)s"),
    ("begun_without_clock", "unconfirmed", SET + "due_at = NULL WHERE id = %(id)s"),
    ("retry_without_clock", "retrying", SET + "due_at = NULL WHERE id = %(id)s"),
    ("clock_without_retry", "refused", SET + "due_at = now() WHERE id = %(id)s"),
    ("attempts_miscounted", "refused", SET + "attempts = 2 WHERE id = %(id)s"),
    ("attempts_miscounted", "queued", SET + "attempts = 1 WHERE id = %(id)s"),
    ("history_differs", "publishing", SET + "status = 'unconfirmed' WHERE id = %(id)s"),
    ("post_status_differs", "refused", "UPDATE posts_post SET status = 'partial'"),
    ("post_status_differs", "later", "UPDATE posts_post SET status = 'publishing'"),
    ("post_status_differs", "queued", "UPDATE posts_post SET status = 'scheduled'"),
    ("post_published_at_differs", "published", "UPDATE posts_post SET published_at = NULL"),
    ("post_published_at_differs", "queued", "UPDATE posts_post SET published_at = now()"),
    ("draft_on_its_way", "draft", SET + "due_at = now() WHERE id = %(id)s"),
    ("queued_without_clock", "queued", SET + "due_at = NULL WHERE id = %(id)s"),
    (
        "unapproved_on_its_way",
        "later",
        """INSERT INTO posts_approval (post_id, workspace_id, status, stage, by, comment,
            created_by, edited_by, reminders)
        SELECT post_id, workspace_id, 'pending', 'internal', '', '', '', '', 0
        FROM destinations_destination WHERE id = %(id)s""",
    ),
]


def test_each_contradiction_is_found_by_its_check_alone(account):
    for name, state, sql in BROKEN:
        with apart(name, state, sql):
            destination = made(account, state)
            assert found() == {}

            run_sql(sql, destination)

            post = public_ids.encode(public_ids.POST, destination.post_id)
            shown = post if name.startswith("post_") else destination.public_id
            assert found() == {name: (1, [shown])}


def test_two_destinations_with_one_post_of_the_network_are_found(account):
    first, second = made(account, "published"), made(account, "published")

    shared = sorted([first, second], key=lambda row: row.pk)
    assert found() == {"platform_id_shared": (2, [row.public_id for row in shared])}


def test_a_published_row_without_id_is_proven_by_its_attempt(account):
    destination = made(account, "published")
    run_sql(SET + "platform_post_id = '' WHERE id = %(id)s", destination)

    assert found() == {}


def test_every_check_has_a_test_that_breaks_it():
    # Tallies are broken in analytics/test_consistency.py.
    elsewhere = {"platform_id_shared", *(check.name for check in of_tallies.CHECKS)}
    assert {name for name, _, _ in BROKEN} | elsewhere == {check.name for check in CHECKS}


def test_no_intermediate_state_is_a_false_alarm(account):
    for state in ("draft", "later", "queued", "publishing", "unconfirmed", "retrying", *ENDS):
        with apart(state):
            made(account, state)

            assert found() == {}


def test_a_claimed_row_that_is_not_started_is_no_false_alarm(account):
    made(account, "queued")
    assert len(claims.claim(10)) == 1

    assert found() == {}


def test_a_post_whose_time_has_come_may_still_be_called_scheduled(account):
    make_post(account.workspace, [account], scheduled_for=timezone.now() - timedelta(seconds=5))

    assert found() == {}


@pytest.mark.parametrize("held_for", [timedelta(hours=1), timedelta(seconds=-5)])
def test_waiting_rows_of_a_rate_limited_account_are_no_false_alarm(account, held_for):
    run_sql(SET + f"due_at = {OLD} WHERE id = %(id)s", made(account, "queued"))
    account.held_until = timezone.now() + held_for
    account.save()

    assert found() == {}


@pytest.mark.parametrize(
    ("state", "sql"),
    [
        ("publishing", SET + f"updated_at = {OLD} WHERE id = %(id)s"),
        ("published", SET + "updated_at = now() WHERE id = %(id)s"),
    ],
)
def test_rows_waiting_behind_others_are_no_false_alarm(account, state, sql):
    waiting = made(account, "queued")
    run_sql(sql, made(account, state))
    run_sql(SET + f"due_at = {OLD} WHERE id = %(id)s", waiting)

    assert found() == {}


def test_at_most_twenty_ids_are_shown_of_all_that_are_counted(account):
    for _ in range(21):
        made(account, "queued")
    Destination.objects.update(due_at=None)

    count, shown = found()["queued_without_clock"]
    assert (count, len(shown)) == (21, 20)


def test_a_row_without_clock_is_due_at_once(account):
    for state in ("publishing", "unconfirmed", "queued"):
        with apart(state):
            destination = made(account, state)
            run_sql(SET + "due_at = NULL WHERE id = %(id)s", destination)

            name = "queued_without_clock" if state == "queued" else "begun_without_clock"
            assert repair(name) == 1

            destination.refresh_from_db()
            assert abs((destination.due_at - timezone.now()).total_seconds()) < 5
            assert destination.status == state
            assert found() == {}


def test_a_row_without_clock_is_not_sent_before_its_time(account):
    destination = made(account, "later")
    wanted = destination.due_at
    run_sql(SET + "due_at = NULL WHERE id = %(id)s", destination)

    repair("queued_without_clock")

    destination.refresh_from_db()
    assert destination.due_at == wanted


def test_a_queued_row_that_was_begun_is_not_sent_by_a_repair(account):
    for state, sql in (
        ("publishing", SET + "status = 'queued', due_at = NULL WHERE id = %(id)s"),
        ("retrying", SET + "status = 'queued', due_at = NULL WHERE id = %(id)s"),
        ("queued", OPEN_ATTEMPT + "; " + SET + "due_at = NULL WHERE id = %(id)s"),
    ):
        with apart(state, sql):
            destination = made(account, state)
            run_sql(sql, destination)

            assert [repair("queued_without_clock"), repair("attempt_left_open")] == [0, 0]

            destination.refresh_from_db()
            assert destination.due_at is None
            assert "queued_without_clock" in found()


def test_the_open_attempt_of_a_failed_row_gets_the_rows_own_error(account):
    claimed = start(make_post(account.workspace, [account]))
    transitions.move("fail", claimed.id, by="a", claim=claimed.claim, error_code="account_removed")

    assert repair("attempt_left_open") == 1

    attempt = Attempt.objects.get()
    assert attempt.outcome == "account_removed"
    assert attempt.finished_at is not None
    assert found() == {}


def test_the_open_attempt_of_a_waiting_retry_is_reported_and_not_touched(account):
    made(account, "retrying")
    other = start(make_post(account.workspace, [account]))
    late = timezone.now() + timedelta(hours=1)
    fields = {"due_at": late, "next_retry_at": late}
    transitions.move("retry", other.id, by="a", claim=other.claim, **fields)

    assert repair("attempt_left_open") == 0

    assert found().keys() == {"attempt_left_open"}
