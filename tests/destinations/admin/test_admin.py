"""Accounts and history in the admin: read-only, but for the actions."""

from datetime import timedelta

import pytest
from django.utils import timezone

from destinations.models import Account
from tests.destinations.admin.action_steps import ACCOUNTS, act
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
