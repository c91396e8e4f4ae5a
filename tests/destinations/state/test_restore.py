"""After a restore, posts that may have been sent are marked as possibly published."""

from datetime import timedelta

import pytest

from destinations import manual_retry, resolve
from destinations.dispatch import claims, enqueue
from destinations.models import Attempt, Destination, Event
from destinations.publishing.complete import Complete
from destinations.runtime import clock
from destinations.state import consistency, restore
from platforms.errors import OutcomeUnknown
from platforms.outcomes import Absent, Published
from tests.destinations.run_command import begin, execute, send
from tests.factories import make_account, make_post, make_workspace

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tick_so_far")]
S = Destination.Status
HOUR = timedelta(hours=1)


@pytest.fixture
def row() -> Destination:
    """A due destination."""
    account = make_account(make_workspace())
    return make_post(account.workspace, [account]).destinations.get()


def finish(job, result):
    execute(Complete(job, result, {}, answered=False))


def wanted(row):
    """A due destination that was not started."""


def claimed(row):
    claims.claim(10)


def sent(row):
    send(row)


def unconfirmed(row):
    finish(send(row), OutcomeUnknown("No answer."))


def retrying(row):
    unconfirmed(row)
    finish(begin(row), Absent(proven=True))
    row.refresh_from_db()
    assert row.next_retry_at
    Destination.objects.update(wanted_at=clock.now() - HOUR)


@pytest.mark.parametrize("stands", [wanted, claimed, begin, sent, unconfirmed, retrying])
def test_after_a_restore_what_may_have_been_sent_may_be_live(row, stands):
    stands(row)

    restore.mark_possibly_published(by="beat")

    row.refresh_from_db()
    assert (row.status, row.error_code) == (S.FAILED, "outcome_unknown")
    assert (row.due_at, row.claim, row.next_retry_at) == (None, None, None)
    assert row.account_name in row.error
    row.post.refresh_from_db()
    assert row.post.status == "failed"
    last = Event.objects.latest("id")
    assert (last.move, last.by, last.reason) == ("mark_possibly_published", "beat", restore.REASON)
    assert not Attempt.objects.filter(finished_at=None).exists()
    assert consistency.find(consistency.CHECKS) == []


def later(row):
    Destination.objects.update(wanted_at=clock.now() + HOUR, due_at=clock.now() + HOUR)


def published(row):
    finish(send(row), Published("1876"))


def failed(row):
    Destination.objects.update(status=S.FAILED, due_at=None, error_code="content_rejected")


@pytest.mark.parametrize("stands", [later, published, failed])
def test_after_a_restore_future_and_final_destinations_are_left_alone(row, stands):
    stands(row)
    before = Destination.objects.values().get()

    restore.mark_possibly_published(by="beat")

    assert Destination.objects.values().get() == before


def test_a_person_who_finds_the_post_confirms_it(row):
    restore.mark_possibly_published(by="beat")

    found = resolve.confirm_published(
        row.pk, by="operator:ada", link="https://x.com/acme/status/1876"
    )

    assert found.status == S.PUBLISHED
    assert consistency.find(consistency.CHECKS) == []


def test_a_person_who_does_not_find_the_post_retries_it(row):
    restore.mark_possibly_published(by="beat")

    assert manual_retry.requeue([row.pk], by="operator:ada").moved == []
    manual_retry.requeue([row.pk], by="operator:ada", confirmed_not_published=True)
    enqueue.tick()

    finish(send(row), Published("1876"))
    row.refresh_from_db()
    assert row.status == S.PUBLISHED


def test_a_running_worker_with_the_networks_answer_is_believed(row):
    job = send(row)
    restore.mark_possibly_published(by="beat")

    finish(job, Published("1876"))

    row.refresh_from_db()
    assert (row.status, row.platform_post_id) == (S.PUBLISHED, "1876")
