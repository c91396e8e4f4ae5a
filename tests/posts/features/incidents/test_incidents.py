"""Customers are told which networks are down for their accounts, and when they are back."""

from datetime import timedelta

from django.utils import timezone

from destinations.models import Outage
from destinations.state import outages
from posts.features.webhooks.models import WebhookEvent
from tests.factories import make_account, make_post
from tests.posts.conftest import data_of, refused
from tests.posts.features.webhooks.webhook_factories import make_webhook

HOUR = timedelta(hours=1)


def make(scope: str, target: object, platform: str = "x", **fields) -> Outage:
    now = timezone.now()
    values = {"name": "X", "error": "503", "opened_at": now - HOUR, "probe_at": now, **fields}
    return Outage.objects.create(scope=scope, target=str(target), platform=platform, **values)


def listed(caller, query: str = "") -> list[dict]:
    return data_of(caller.get(f"/incidents{query}"))["incidents"]


def test_a_network_that_is_down_is_listed_with_the_posts_that_wait(ada, x):
    outage = make("network", "x")
    at = timezone.now() - HOUR
    for _ in range(2):
        make_post(ada.workspace, [x], due_at=at, wanted_at=at)
    make_post(ada.workspace, [x], scheduled_for=timezone.now() + HOUR)

    (found,) = listed(ada)

    assert (found["id"], found["platform"], found["account_id"]) == (outage.pk, "x", None)
    assert (found["posts_waiting"], found["ended_at"]) == (2, None)
    assert found["message"].startswith("X has been down since ")
    assert found["next_probe_at"]


def test_each_sees_what_concerns_its_accounts_alone(ada, cy, x):
    make("network", "linkedin", "linkedin")
    make("account", make_account(cy.workspace, "x").pk)
    mine = make("account", x.pk)

    assert [(each["id"], each["account_id"]) for each in listed(ada)] == [(mine.pk, x.pk)]


def test_the_posts_of_others_are_not_counted(ada, cy, x):
    make("network", "x")
    at = timezone.now() - HOUR
    make_post(cy.workspace, [make_account(cy.workspace, "x")], due_at=at, wanted_at=at)

    assert [each["posts_waiting"] for each in listed(ada)] == [0]


def test_what_is_over_is_listed_if_it_is_asked_for(ada, x):
    over = make("network", "x", closed_at=timezone.now())

    assert listed(ada, "?state=open") == []
    for query in ("", "?state=over", "?state=all"):
        (found,) = listed(ada, query)
        assert (found["id"], found["next_probe_at"]) == (over.pk, None)
        assert found["message"].startswith("X was down from ")
    refused(ada.get("/incidents?state=odd"), 400, "validation_error")


def test_webhooks_are_told_when_it_begins_and_when_it_is_over(ada, cy, x):
    for caller in (ada, cy):
        make_webhook(caller.workspace)
    outage = make("network", "x")
    outages.tell(outages.OPENED, outage)

    outages.close(outage)

    told = list(WebhookEvent.objects.order_by("pk"))
    assert [(each.event, each.workspace_id) for each in told] == [
        ("incident.opened", ada.workspace.pk),
        ("incident.closed", ada.workspace.pk),
    ]
    assert '"account_id": null' in told[0].data
    assert '"ended_at": null' in told[0].data
    assert '"ended_at": "20' in told[1].data
