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


def test_a_move_is_refused_from_any_other_status():
    row = make_destination()
    for name, (sources, _) in transitions.MOVES.items():
        for before in set(S) - set(sources):
            Destination.objects.filter(pk=row.pk).update(status=before)
            assert transitions.move(name, row.pk, by="worker") is False, (name, before)
            row.refresh_from_db()
            assert row.status == before, name
    assert not Event.objects.exists()


def test_a_running_attempt_is_neither_started_again_nor_refused():
    """Only a row that waits for its next try is; any other may have been sent already."""
    row = make_destination(status=S.PUBLISHING)
    for name in transitions.FROM_WAITING:
        assert transitions.move(name, row.pk, by="worker") is False, name
        row.refresh_from_db()
        assert (name, row.status, Event.objects.count()) == (name, S.PUBLISHING, 0)


def test_every_move_writes_its_status_and_one_event():
    claim = uuid.uuid4()
    for name, (sources, target) in transitions.MOVES.items():
        waits = {"next_retry_at": timezone.now()} if name in transitions.FROM_WAITING else {}
        for before in sources:
            row = make_destination(status=before, claim=claim, **waits)

            moved = transitions.move(name, row.pk, by="worker:a", claim=claim, reason="r")

            row.refresh_from_db()
            [event] = row.events.all()
            written = (event.move, event.from_status, event.to_status, event.by, event.reason)
            assert (moved, row.status) == (True, target), name
            assert written == (name, before, target, "worker:a", "r")
