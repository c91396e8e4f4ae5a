import uuid

import pytest
from django.utils import timezone

from destinations.models import Destination, Event
from destinations.state import transitions
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db
S = Destination.Status


def make_destination(**fields):
    workspace = make_workspace()
    post = make_post(workspace, [make_account(workspace)], **fields)
    return post.destinations.get()


def test_a_move_needs_the_claim_and_changes_nothing_without_it():
    destination = make_destination(claim=uuid.uuid4())
    due_at = destination.due_at

    moved = transitions.move("start", destination.pk, by="worker", claim=uuid.uuid4())

    destination.refresh_from_db()
    assert moved is False
    assert (destination.status, destination.due_at) == (S.QUEUED, due_at)
    assert Event.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "before"),
    [(name, s) for name, (sources, _) in transitions.MOVES.items() for s in S if s not in sources],
)
def test_a_move_is_refused_from_any_other_status(name, before):
    destination = make_destination(status=before)

    assert transitions.move(name, destination.pk, by="worker") is False

    destination.refresh_from_db()
    assert destination.status == before


@pytest.mark.parametrize("name", transitions.FROM_WAITING)
def test_a_running_attempt_is_neither_started_again_nor_refused(name):
    """Only a row that waits for its next try is; any other may have been sent already."""
    destination = make_destination(status=S.PUBLISHING)

    assert transitions.move(name, destination.pk, by="worker") is False

    destination.refresh_from_db()
    assert (destination.status, Event.objects.count()) == (S.PUBLISHING, 0)


@pytest.mark.parametrize(
    ("name", "before"),
    [(name, s) for name, (sources, _) in transitions.MOVES.items() for s in sources],
)
def test_every_move_writes_its_status_and_one_event(name, before):
    claim = uuid.uuid4()
    waits = {"next_retry_at": timezone.now()} if name in transitions.FROM_WAITING else {}
    destination = make_destination(status=before, claim=claim, **waits)

    assert transitions.move(name, destination.pk, by="worker:a", claim=claim, reason="r")

    destination.refresh_from_db()
    event = Event.objects.get()
    assert destination.status == transitions.MOVES[name][1]
    assert (event.move, event.from_status, event.to_status, event.by, event.reason) == (
        name,
        before,
        destination.status,
        "worker:a",
        "r",
    )
