"""Operators delete on the networks, and see what became of it."""

import pytest
from django.contrib.admin.models import LogEntry

from destinations.models import Deletion, Destination, Event
from tests.destinations.admin.action_steps import act, make, messages_of, text
from tests.destinations.deleting import working
from tests.destinations.deleting.conftest import live  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
DELETIONS = "/admin/destinations/deletion/"


def confirm(client, *rows):
    seen = [f"{row.pk}:{row.attempts}" for row in rows]
    return act(client, "delete_on_network", *rows, confirmed="yes", seen=seen)


def test_what_is_public_is_shown_before_it_is_deleted(admin_client, live, simulator):  # noqa: F811
    row, failed = live(), make(live().workspace, status="failed")

    page = act(admin_client, "delete_on_network", row, failed)

    assert "Delete on the network?" in text(page)
    assert row.public_id in text(page)
    assert failed.public_id not in text(page)
    assert not Deletion.objects.exists()


def test_a_confirmed_deletion_is_asked_for_logged_and_done(admin_client, live, simulator):  # noqa: F811
    row = live()

    page = confirm(admin_client, row)

    assert messages_of(page) == ["Deletion of 1 destination asked for: 1 waiting."]
    assert LogEntry.objects.get().get_change_message().startswith("Delete on the network")
    working.work()
    assert not simulator.posts("x")
    events = dict(Event.objects.filter(destination=row).values_list("move", "by"))
    assert events["ask_to_delete"] == "operator:admin"
    page = admin_client.get(f"/admin/destinations/destination/{row.pk}/change/")
    assert "The network no longer has it" in text(page)
    assert Destination.objects.filter(pk=row.pk).exists()


def test_what_changed_since_it_was_shown_is_left(admin_client, live, simulator):  # noqa: F811
    row = live()
    Destination.objects.filter(pk=row.pk).update(attempts=7)

    page = confirm(admin_client, row)

    assert "1 left as they were" in messages_of(page)[0]
    assert not Deletion.objects.exists()


def test_nothing_public_is_nothing_to_delete(admin_client, workspace):
    page = act(admin_client, "delete_on_network", make(workspace, status="failed"))

    assert messages_of(page) == ["Nothing was changed. None of them is public."]


def test_deletions_have_a_list_and_a_page_without_claims(admin_client, live, simulator):  # noqa: F811
    row = live()
    confirm(admin_client, row)
    deletion = Deletion.objects.get()

    page = text(admin_client.get(DELETIONS))
    assert row.public_id in page
    assert "operator:admin" in page
    assert admin_client.get(f"{DELETIONS}?q={row.pk}").status_code == 200
    assert admin_client.get(f"{DELETIONS}{deletion.pk}/change/").status_code == 200


def test_the_overview_says_what_could_not_be_deleted(admin_client, live, simulator):  # noqa: F811
    row = live()
    simulator.fault("x", call="delete_post", status=400)
    confirm(admin_client, row)
    working.work()

    page = text(admin_client.get("/admin/"))

    assert "Not deleted" in page
    assert f"“{row.account_name}” on X" in page
