"""Operators make connect links, retry missed posts and list unmapped answers."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from destinations.models import Attempt, Connection, Destination, Outage
from destinations.state import outages
from platforms.oauth import App
from platforms.registry import BY_FORM
from tests.destinations.admin import action_steps
from tests.destinations.admin.action_steps import ACCOUNTS, text
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _apps(settings):
    settings.PLATFORM_APPS = {"x": App("app", "secret")}


def act(client, action, *accounts, **fields):
    return action_steps.act(client, action, *accounts, path=ACCOUNTS, **fields)


def missed(account, code="account_needs_reconnection"):
    fields = {"status": "failed", "error_code": code, "due_at": None}
    return make_post(account.workspace, [account], **fields).destinations.get()


def test_an_operator_makes_a_link_for_a_workspace(admin_client, settings):
    workspace = make_workspace("Acme")
    assert "Connect account" in text(admin_client.get(ACCOUNTS))
    form = text(admin_client.get(f"{ACCOUNTS}connect/"))
    assert 'value="x/x"' in form

    page = admin_client.post(f"{ACCOUNTS}connect/", {"workspace": workspace.pk, "login": "x/x"})

    [address] = re.findall(rf"<code[^>]*>({settings.PUBLIC_URL}/connect/[\w-]+)</code>", text(page))
    assert "no-store" in page.headers["Cache-Control"]
    row = Connection.objects.get()
    assert (row.workspace_id, row.platform, row.by) == (workspace.pk, "x", "operator:admin")
    asks = text(admin_client.get(address.removeprefix(settings.PUBLIC_URL)))
    assert "<dd>Acme</dd>" in asks
    assert "<dd>operator admin</dd>" in asks


@pytest.mark.parametrize("body", [{}, {"login": "x/x"}, {"login": "tiktok/tiktok"}])
def test_a_link_needs_a_workspace_and_a_platform_that_is_set_up(admin_client, body):
    page = admin_client.post(f"{ACCOUNTS}connect/", body)

    assert page.status_code == 200
    assert not Connection.objects.exists()


def test_without_any_app_only_what_needs_none_is_listed(admin_client, settings):
    settings.PLATFORM_APPS = {}
    page = text(admin_client.get(f"{ACCOUNTS}connect/"))
    assert "X_CLIENT_ID and X_CLIENT_SECRET" in page
    listed = re.findall(r'<option value="(\w+)/', page)
    assert list(dict.fromkeys(listed)) == list(BY_FORM)


def test_a_read_only_operator_makes_no_links_and_retries_nothing(viewer):
    account = make_account(make_workspace())
    destination = missed(account)

    assert "Connect account" not in text(viewer.get(ACCOUNTS))
    assert viewer.get(f"{ACCOUNTS}connect/").status_code == 403
    page = text(viewer.get(f"{ACCOUNTS}{account.pk}/change/"))
    assert 'value="reconnect"' not in page
    act(viewer, "reconnect", account)
    act(viewer, "retry_missed", account)
    assert not Connection.objects.exists()
    destination.refresh_from_db()
    assert destination.status == "failed"


def test_an_account_is_reconnected_from_its_page(admin_client):
    account = make_account(make_workspace(), needs_reconnection_since=timezone.now())
    page = text(admin_client.get(f"{ACCOUNTS}{account.pk}/change/"))
    assert 'value="reconnect"' in page
    assert 'value="retry_missed"' not in page

    shown = text(act(admin_client, "reconnect", account, back="yes"))

    [address] = re.findall(r"<code[^>]*>[^<]*(/connect/[\w-]+)</code>", shown)
    link = Connection.objects.get()
    assert link.account_id == account.pk
    assert link.expires_at > timezone.now() + timedelta(days=6)
    page = text(admin_client.get(f"{ACCOUNTS}{account.pk}/change/"))
    assert f"works once until {link.expires_at:%Y-%m-%d %H:%M} UTC" in page
    assert address not in page
    assert "with their links revoked" in text(act(admin_client, "revoke_links", account))
    assert admin_client.get(address).status_code == 410
    assert "revoke_links" not in text(admin_client.get(f"{ACCOUNTS}{account.pk}/change/"))


def test_an_accounts_page_shows_its_posts_and_what_limits_them(admin_client):
    now = timezone.now()
    account = make_account(make_workspace(), held_until=now + timedelta(hours=1))
    waiting = make_post(account.workspace, [account], content="Waits")
    missed(account, "content_rejected")
    done = {"status": "published", "published_at": now, "due_at": None}
    for number in range(7):
        make_post(account.workspace, [account], content=f"Out {number}", **done)
    make_post(account.workspace, [make_account(account.workspace)], content="Of another")

    page = admin_client.get(f"{ACCOUNTS}{account.pk}/change/")

    groups = {each.title: each for each in page.context["groups"]}
    counts = {title: len(each.rows) for title, each in groups.items()}
    assert counts == {"Waiting": 1, "Failed": 1, "Published": 5}
    [(row, _, step)] = groups["Waiting"].rows
    assert row.post_id == waiting.pk
    assert "limits" in step.text
    for group in groups.values():
        [path] = re.findall(r'href="([^"]+)"', group.every)
        listed = admin_client.get(path.replace("&amp;", "&")).context["cl"].result_list
        assert {row.pk for row, *_ in group.rows} <= {row.pk for row in listed}
    facts = page.context["facts"]
    assert facts["Published in 24 hours"] == "7"
    assert "holds it until" in facts["The network's rate limit"]
    assert facts["Circuit breaker"].startswith("closed")
    outage = {"platform": "x", "name": "X", "error": "503", "opened_at": now, "probe_at": now}
    Outage.objects.create(scope="network", target="x", **outage)
    outages.forget()
    page = admin_client.get(f"{ACCOUNTS}{account.pk}/change/")
    assert page.context["facts"]["Circuit breaker"].startswith("open since")
    outages.forget()


def test_an_accounts_page_says_how_much_of_the_networks_quota_is_used(admin_client):
    account = make_account(make_workspace(), platform="threads")
    done = {"status": "published", "published_at": timezone.now(), "due_at": None}
    make_post(account.workspace, [account], **done)

    page = admin_client.get(f"{ACCOUNTS}{account.pk}/change/")

    assert page.context["facts"]["Published in 24 hours"] == "1 of 250 that the network takes"


def test_a_link_is_for_one_account(admin_client):
    workspace = make_workspace()
    two = [make_account(workspace), make_account(workspace)]

    assert "Choose exactly one account" in text(act(admin_client, "reconnect", *two))
    assert not Connection.objects.exists()


def test_a_platform_that_is_not_set_up_is_named_when_reconnecting(admin_client, settings):
    settings.PLATFORM_APPS = {}
    page = text(act(admin_client, "reconnect", make_account(make_workspace()), back="yes"))
    assert "X_CLIENT_ID" in page


def test_missed_posts_are_retried_from_the_accounts_page(admin_client):
    account = make_account(make_workspace())
    rows = [missed(account), missed(account, "permission_missing")]
    other = missed(account, "content_rejected")
    page = text(admin_client.get(f"{ACCOUNTS}{account.pk}/change/"))
    assert "Retry 2 posts that failed while it was disconnected" in page

    said = text(act(admin_client, "retry_missed", account, back="yes"))

    assert "2 destinations queued again." in said
    assert {Destination.objects.get(pk=row.pk).status for row in rows} == {"queued"}
    other.refresh_from_db()
    assert other.status == "failed"


def test_missed_posts_wait_until_their_account_can_post(admin_client):
    account = make_account(make_workspace(), needs_reconnection_since=timezone.now())
    destination = missed(account)

    assert "1 still cannot be posted to" in text(act(admin_client, "retry_missed", account))
    destination.refresh_from_db()
    assert destination.status == "failed"


def attempt(destination, number, **fields):
    now = timezone.now()
    values = {"wanted_at": now, "started_at": now, "finished_at": now, **fields}
    return Attempt.objects.create(destination=destination, number=number, **values)


def test_unmapped_answers_are_counted_by_kind_with_an_example(admin_client):
    destination = missed(make_account(make_workspace()))
    kind = {"http_status": 418, "platform_code": "teapot", "unmapped": True}
    attempt(destination, 1, response="older", **kind)
    newest = attempt(destination, 2, response="I am <b>short</b> and stout", **kind)
    attempt(destination, 3, http_status=400, response="known")
    assert "Unmapped answers" in text(admin_client.get("/admin/destinations/attempt/"))

    page = text(admin_client.get("/admin/destinations/attempt/unmapped/"))

    cells = re.findall(r"<td>(.*?)</td>", page, re.S)
    assert [cell.strip() for cell in cells[:4]] == ["X", "418", "teapot", "2"]
    assert f"/admin/destinations/attempt/{newest.pk}/change/" in cells[5]
    assert "I am &lt;b&gt;short&lt;/b&gt; and stout" in cells[5]
    assert "known" not in page


def test_without_unmapped_answers_the_page_says_so(admin_client):
    assert "every answer was understood" in text(
        admin_client.get("/admin/destinations/attempt/unmapped/")
    )


def test_pages_show_who_must_act_how_and_the_notes(admin_client):
    destination = missed(make_account(make_workspace()))
    Destination.objects.update(notes=["The first comment is missing.", "<i>private</i>"])
    row = attempt(destination, 1, outcome="app_refused")

    page = text(admin_client.get(f"/admin/destinations/destination/{destination.pk}/change/"))
    assert "Waits for the account&#x27;s owner: Reconnect the account." in page
    assert "The first comment is missing." in page
    assert "&lt;i&gt;private&lt;/i&gt;" in page
    page = text(admin_client.get(f"/admin/destinations/attempt/{row.pk}/change/"))
    assert "Operator: Check the app&#x27;s registration at the platform." in page


def test_accounts_whose_tokens_were_not_refreshed_in_time_can_be_listed(admin_client):
    workspace = make_workspace()
    make_account(workspace, name="Late", token_expires_at=timezone.now(), is_refreshable=True)
    make_account(workspace, name="Fine")

    page = text(admin_client.get(f"{ACCOUNTS}?health=token_ended"))

    assert "Late" in page
    assert "Token expired" in page
    assert "Fine" not in page
