"""Accounts and history in the admin: read-only, but for the actions."""

from datetime import timedelta

import pytest
from django.utils import timezone

from destinations.models import Account, Deletion, Event
from tests.destinations.admin.action_steps import ACCOUNTS, LIST, act, make, status, text
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def held() -> Account:
    return make_account(make_workspace(), held_until=timezone.now() + timedelta(hours=1))


@pytest.mark.parametrize("model", ["destination", "attempt", "event"])
def test_history_cannot_be_added(admin_client, model):
    assert admin_client.get(f"/admin/destinations/{model}/add/").status_code == 403


def test_a_destination_is_shown_and_cannot_be_changed(admin_client, held):
    destination = make_post(held.workspace, [held]).destinations.get()
    page = f"/admin/destinations/destination/{destination.pk}/change/"

    assert admin_client.get(page).status_code == 200
    assert admin_client.post(page, {"status": "published"}).status_code == 403


def test_releasing_a_hold_reports_the_counts_and_logs_the_operator(admin_client, held):
    free = make_account(held.workspace)

    page = act(admin_client, "release_hold", held, free, path=ACCOUNTS)

    held.refresh_from_db()
    assert held.held_until is None
    assert b"1 released from their hold, 1 left as they were." in page.content


def test_a_read_only_operator_cannot_release_a_hold(viewer, held):
    act(viewer, "release_hold", held, path=ACCOUNTS)

    held.refresh_from_db()
    assert held.held_until is not None


DOUBTFUL = {"status": "failed", "error_code": "outcome_unknown"}
#: Each action on destinations, and one that it fits.
ACTIONS = {
    "retry": {"status": "failed", "error_code": "content_rejected"},
    "retry_confirmed": DOUBTFUL,
    "mark_published": DOUBTFUL,
    "mark_not_published": DOUBTFUL,
    "delete_on_network": {"status": "published", "platform_post_id": "1876"},
}


@pytest.mark.parametrize("action", ACTIONS)
def test_who_may_only_look_is_offered_no_action_and_does_none(
    viewer, admin_client, workspace, action
):
    row = make(workspace, attempts=1, **ACTIONS[action])
    given = {"confirmed": "yes", "seen": f"{row.pk}:1", "link": "https://x.com/acme/status/1876"}
    page = f"{LIST}{row.pk}/change/"

    act(viewer, action, row, **given)
    act(viewer, action, row.post, path="/admin/posts/post/", **given)

    assert f'value="{action}"' not in text(viewer.get(page))
    assert f'value="{action}"' in text(admin_client.get(page))
    assert status(row) == ACTIONS[action]["status"]
    assert (Event.objects.count(), Deletion.objects.count()) == (0, 0)
