import uuid

import pytest

from destinations import manual_retry
from destinations.models import Destination, Event
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows() -> dict[str, Destination]:
    """One destination of each kind that a person may select."""
    workspace = make_workspace()
    kinds = {
        "failed": {"status": "failed", "error_code": "content_rejected"},
        "unknown": {"status": "failed", "error_code": "outcome_unknown", "attempts": 1},
        "at_work": {"status": "failed", "claim": uuid.uuid4()},
        "queued": {"status": "queued"},
    }
    return {
        kind: make_post(workspace, [make_account(workspace)], **fields).destinations.get()
        for kind, fields in kinds.items()
    }


def requeue(rows, **fields):
    return manual_retry.requeue([row.pk for row in rows.values()], by="operator:ada", **fields)


def test_every_chosen_destination_is_accounted_for(rows):
    requeued = requeue({**rows, "gone": Destination()})

    assert requeued.moved == [rows["failed"]]
    assert {(each.row.pk, each.reason) for each in requeued.skipped} == {
        (rows["unknown"].pk, "may_be_live"),
        (rows["at_work"].pk, "in_progress"),
        (rows["queued"].pk, "not_failed"),
    }
    assert requeued.gone == 1
    assert [event.destination for event in Event.objects.all()] == [rows["failed"]]


def test_a_confirmation_retries_what_may_be_public(rows):
    requeued = requeue(rows, confirmed_not_published=True)

    assert set(requeued.moved) == {rows["failed"], rows["unknown"]}
    assert requeued.count("may_be_live") == 0


def test_a_confirmation_about_an_earlier_try_does_not_count(rows):
    Destination.objects.filter(pk=rows["unknown"].pk).update(attempts=2)
    unknown = {"unknown": rows["unknown"]}

    requeued = requeue(unknown, confirmed_not_published=True, seen_attempts={rows["unknown"].pk: 1})

    assert (requeued.moved, requeued.count("tried_since")) == ([], 1)
    assert Event.objects.count() == 0
