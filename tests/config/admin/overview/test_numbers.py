"""Each number of the overview is the number of rows that its definition names, in every table."""

import uuid
from collections import Counter
from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone

from destinations import pauses
from destinations.admin.lists.filters import attention, health
from destinations.dispatch import backlog
from destinations.models import Account, Destination, Outage
from destinations.statistics import network_now
from destinations.statistics.network_now import DEFINITIONS
from tests.config.admin.overview.overview_page import cells, look
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db
NETWORKS = ("x", "facebook", "threads", "linkedin")


@pytest.fixture
def rows():
    """Posts of every kind on networks of which one is paused and one is down, and accounts too."""
    now = timezone.now()
    past, future = now - timedelta(minutes=2), now + timedelta(hours=1)
    workspaces = [make_workspace("Acme"), make_workspace("Shop")]
    for network, workspace, held in product(NETWORKS, workspaces, (None, future)):
        lost = past if held and network == "x" else None
        account = make_account(workspace, network, held_until=held, needs_reconnection_since=lost)
        for wanted_at, due_at, claim in product((past, future), (past, future), (None, 1)):
            times = {"wanted_at": wanted_at, "due_at": due_at, "claim": claim and uuid.uuid4()}
            begun = {"begun_at": past, "status": "publishing"}
            retried = {"begun_at": past, "next_retry_at": due_at, "status": "failed"}
            for state in ({}, begun, {**retried, "error_code": "platform_unavailable"}):
                make_post(workspace, [account], **times, **state)
        ended = {"due_at": None, "status": "failed", "error_code": "outcome_unknown"}
        make_post(workspace, [account], **ended)
        make_post(workspace, [account], due_at=None, status="published")
    pauses.pause("network", "threads", by="operator:ada", reason="Look")
    pauses.pause("workspace", str(workspaces[1].pk), by="operator:ada", reason="Unpaid")
    Outage.objects.create(
        scope="network", target="facebook", platform="facebook", name="Facebook", error="503.",
        opened_at=past, probe_at=future,
    )  # fmt: skip
    return workspaces


def waits(row: Destination) -> str:
    """Say by the words of the definitions whether a row may begin or is on hold."""
    now = timezone.now()
    has_begun = row.begun_at is not None and row.next_retry_at is None
    if row.due_at is None or row.wanted_at > now or has_begun:
        return ""
    is_held = row.account.held_until is not None
    is_paused = row.platform in ("threads", "facebook") or row.workspace.name == "Shop"
    has_no_turn = row.claim is None and row.due_at > now
    return "on_hold" if is_held or is_paused or has_no_turn else "late"


def test_every_number_of_a_network_is_that_of_its_list_and_of_its_definition(admin_client, rows):
    posts = list(Destination.objects.select_related("account", "workspace"))
    expected = Counter((row.platform, waits(row)) for row in posts)
    lists = {
        name: Counter(Destination.objects.filter(query).values_list("platform", flat=True))
        for name, query in attention().items()
    }
    accounts = {
        name: Counter(Account.objects.filter(query).values_list("platform", flat=True))
        for name, query in health().items()
    }
    assert expected["facebook", "on_hold"] > 0

    for network in NETWORKS:
        shown = {each.definition: each.value for each in cells(admin_client, network).values()}
        assert set(shown) - {""} == set(DEFINITIONS.values())
        for name, definition in DEFINITIONS.items():
            of_list = accounts if name in ("held", "reconnect") and name in accounts else lists
            assert shown[definition] == str(of_list[name][network]), (network, name)
            if name in ("late", "on_hold"):
                assert shown[definition] == str(expected[network, name]), (network, name)


def test_networks_queues_and_workspaces_count_the_same_rows(admin_client, rows):
    posts = list(Destination.objects.select_related("account", "workspace"))
    expected = Counter((row.workspace.name, waits(row)) for row in posts)
    found = look(admin_client)["overview"]

    by_network = {each.platform: (each.due_now, each.on_hold) for each in found.networks}
    by_queue = {
        name.removeprefix("publish."): (each.count, each.on_hold)
        for name, each in found.backlog.queues.items()
    }
    assert by_queue == {key: by_network[key] for key in by_queue}
    assert sum(due for due, _ in by_network.values()) == sum(due for due, _ in by_queue.values())
    shown = {each.name: (each.due, each.on_hold) for each in found.workspaces}
    assert shown == {
        name: (str(expected[name, "late"]), str(expected[name, "on_hold"]))
        for name in ("Acme", "Shop")
    }


def test_what_a_network_that_is_down_holds_is_due_nowhere_and_has_no_age(admin_client, rows):
    shown = cells(admin_client, "facebook")

    assert (shown["Due now"].value, shown["Oldest"].value) == ("0", "-")
    assert int(shown["On hold"].value) > 0


def test_rows_on_hold_hide_none_that_may_begin(monkeypatch, rows):
    monkeypatch.setattr(backlog, "COUNTED_ROWS", 2)
    [account] = [make_account(make_workspace(), "facebook")]
    Outage.objects.all().delete()
    Account.objects.exclude(pk=account.pk).update(held_until=timezone.now() + timedelta(hours=1))
    make_post(account.workspace, [account], wanted_at=timezone.now() - timedelta(seconds=9))

    facebook = {each.platform: each for each in network_now.read()}["facebook"]

    assert facebook.due_now == 1
    assert 9 <= facebook.oldest_seconds < 60
