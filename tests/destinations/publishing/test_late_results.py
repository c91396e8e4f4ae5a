"""A worker returns after its lease has ended, with proof that its post is public."""

import pytest

from destinations import manual_retry
from destinations.models import Attempt, Destination
from destinations.publishing.complete import Complete
from destinations.state import consistency
from platforms.outcomes import Absent, Published, Undeterminable
from tests.destinations.run_command import begin, execute, send
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db
S = Destination.Status


@pytest.fixture
def row() -> Destination:
    account = make_account(make_workspace())
    return make_post(account.workspace, [account]).destinations.get()


def come_back(job):
    execute(Complete(job, Published("1876"), {}, answered=True))


def fail(row):
    """The lookup cannot tell."""
    execute(Complete(begin(row), Undeterminable(), {}, answered=False))


def fail_and_insist(row):
    """The lookup cannot tell, and a person asks for another try."""
    fail(row)
    manual_retry.requeue([row.pk], by="operator:ada", confirmed_not_published=True)


def try_again_soon(row):
    """The network proved that nothing is public, and the next try of the round waits."""
    execute(Complete(begin(row), Absent(proven=True), {}, answered=False))


def try_again_later(row):
    """The same at the end of a round: an automatic retry waits."""
    Destination.objects.update(failures=2)
    try_again_soon(row)


def test_late_proof_ends_the_lookup(row):
    late = send(row)
    begin(row)

    come_back(late)

    row.refresh_from_db()
    assert (row.status, row.platform_post_id) == (S.PUBLISHED, "1876")
    assert Attempt.objects.get().outcome == "published"


@pytest.mark.parametrize(
    ("again", "outcome"), [(begin, "not_published"), (send, "outcome_unknown")]
)
def test_late_proof_ends_a_retry_in_progress(row, again, outcome):
    late = send(row)
    fail_and_insist(row)
    again(row)

    come_back(late)

    row.refresh_from_db()
    assert (row.status, row.platform_post_id) == (S.PUBLISHED, "1876")
    first, second = Attempt.objects.order_by("number")
    assert first.outcome == "outcome_unknown"
    assert (second.outcome, second.finished_at is None) == (outcome, False)
    assert consistency.find(consistency.CHECKS) == []


@pytest.mark.parametrize(
    ("given_up", "move"),
    [
        (fail, "confirm_late"),
        (fail_and_insist, "confirm_late"),
        (try_again_soon, "succeed"),
        (try_again_later, "confirm_late"),
    ],
)
def test_late_proof_ends_retries_and_questions_to_a_person(row, given_up, move):
    late = send(row)
    given_up(row)

    come_back(late)

    row.refresh_from_db()
    assert (row.status, row.platform_post_id) == (S.PUBLISHED, "1876")
    assert (row.error_code, row.next_retry_at, row.due_at, row.claim) == ("", None, None, None)
    assert row.events.first().move == move
    assert consistency.find(consistency.CHECKS) == []
