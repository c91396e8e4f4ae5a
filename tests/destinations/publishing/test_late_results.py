"""A worker that comes back after its lease has ended, with the proof that its post is public."""

import pytest
from django.utils import timezone

from destinations import retry
from destinations.dispatch import claims
from destinations.models import Attempt, Destination
from destinations.publishing.commands import SaveCheckpoint, Start
from destinations.publishing.complete import Complete
from destinations.state import consistency
from platforms.outcomes import Absent, Published, Undeterminable
from tests.destinations.executing import execute
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db
S = Destination.Status


@pytest.fixture
def row() -> Destination:
    account = make_account(make_workspace())
    return make_post(account.workspace, [account]).destinations.get()


def begin(row):
    """The job of whoever claims it once its lease has ended."""
    Destination.objects.update(due_at=timezone.now())
    (claimed,) = claims.claim(10)
    return execute(Start(row.pk, claimed.claim))


def send(row):
    """Its worker has sent it, and is not heard of for a while."""
    job = begin(row)
    execute(SaveCheckpoint(job, {}, sending=True, answered=False))
    return job


def come_back(job):
    execute(Complete(job, Published("1876"), {}, answered=True))


def fail(row):
    """The look-up cannot tell."""
    execute(Complete(begin(row), Undeterminable(), {}, answered=False))


def fail_and_insist(row):
    """The look-up cannot tell, and a person asks for another try."""
    fail(row)
    retry.requeue([row.pk], by="operator:ada", confirmed_not_published=True)


def try_again_soon(row):
    """The network said that there was nothing, and the next try of the round waits."""
    execute(Complete(begin(row), Absent(proven=True), {}, answered=False))


def try_again_later(row):
    """The same at the end of a round: an automatic retry waits."""
    Destination.objects.update(failures=2)
    try_again_soon(row)


def test_its_proof_ends_the_look_up(row):
    late = send(row)
    begin(row)

    come_back(late)

    row.refresh_from_db()
    assert (row.status, row.platform_post_id) == (S.PUBLISHED, "1876")
    assert Attempt.objects.get().outcome == "published"


@pytest.mark.parametrize(
    ("again", "outcome"), [(begin, "not_published"), (send, "outcome_unknown")]
)
def test_its_proof_ends_another_try_that_a_person_asked_for(row, again, outcome):
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
def test_its_proof_ends_what_would_be_sent_again_or_asked_of_a_person(row, given_up, move):
    late = send(row)
    given_up(row)

    come_back(late)

    row.refresh_from_db()
    assert (row.status, row.platform_post_id) == (S.PUBLISHED, "1876")
    assert (row.error_code, row.next_retry_at, row.due_at, row.claim) == ("", None, None, None)
    assert row.events.first().move == move
    assert consistency.find(consistency.CHECKS) == []
