import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from destinations.models import Attempt, Destination, Event
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def destination() -> Destination:
    workspace = make_workspace()
    return make_post(workspace, [make_account(workspace)]).destinations.get()


@pytest.fixture
def event(destination: Destination) -> Event:
    return destination.events.create(at=NOW, move="start", to_status="publishing", by="worker:a")


@pytest.fixture
def attempt(destination: Destination) -> Attempt:
    return destination.attempt_rows.create(number=1, wanted_at=NOW, started_at=NOW)


def refused(message: str):
    return pytest.raises(IntegrityError, match=message)


def test_an_event_is_never_changed(event):
    with refused("destinations_event is append-only"), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(by="another")

    event.refresh_from_db()
    assert event.by == "worker:a"


def test_a_running_attempt_is_closed_once(attempt):
    closing = Attempt.objects.filter(pk=attempt.pk)
    closing.update(sent_at=NOW)
    closing.update(finished_at=NOW, outcome="published")

    with refused("of a finished attempt"), transaction.atomic():
        closing.update(outcome="rejected")

    attempt.refresh_from_db()
    assert attempt.outcome == "published"


def test_a_finished_attempt_is_never_reopened(attempt):
    Attempt.objects.filter(pk=attempt.pk).update(finished_at=NOW)

    with refused("of a finished attempt"), transaction.atomic():
        Attempt.objects.filter(pk=attempt.pk).update(finished_at=None)


@pytest.mark.parametrize(
    "change", [{"number": 2}, {"wanted_at": timezone.now()}, {"started_at": timezone.now()}]
)
def test_the_identity_of_an_attempt_never_changes(attempt, change):
    with refused("of what an attempt is"), transaction.atomic():
        Attempt.objects.filter(pk=attempt.pk).update(**change)


@pytest.mark.parametrize("model", [Attempt, Event])
def test_history_is_never_deleted_alone(model, attempt, event):
    with refused("may only go with its destination"), transaction.atomic():
        model.objects.all().delete()
        connection.check_constraints()

    assert model.objects.count() == 1


def test_history_goes_with_its_destination(destination, attempt, event):
    destination.post.delete()
    connection.check_constraints()

    assert (Destination.objects.count(), Attempt.objects.count(), Event.objects.count()) == (0,) * 3
