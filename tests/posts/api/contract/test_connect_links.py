"""Links by which an account's owner connects it, or repairs it."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from destinations.models import Connection
from platforms.oauth import App
from platforms.registry import ADAPTERS, APPS
from tests.factories import make_account
from tests.posts.conftest import refused


@pytest.fixture
def apps(settings) -> None:
    """An app at every network."""
    settings.PLATFORM_APPS = {name: App("id", "secret") for name in APPS}


@pytest.mark.usefixtures("apps")
@pytest.mark.parametrize("platform", ADAPTERS)
def test_connect_link_is_a_url_for_ten_minutes_and_names_its_platform(ada, platform, settings):
    answer = ada.post("/accounts/connect-link", {"platform": platform})

    made = answer.json()["data"]
    assert answer.status_code == 200
    assert set(made) == {"url", "expires_at", "platform"}
    assert made["platform"] == platform
    assert made["url"].startswith(f"{settings.PUBLIC_URL}/connect/")
    row = Connection.objects.get()
    assert timedelta(minutes=9) < row.expires_at - timezone.now() <= timedelta(minutes=10)
    assert made["expires_at"] == row.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert made["url"].rpartition("/")[2] not in str(row.__dict__)
    assert row.by == f"key:{ada.key.prefix}"


@pytest.mark.usefixtures("apps")
def test_connect_link_knows_twitter_as_x(ada):
    made = ada.post("/accounts/connect-link", {"platform": "twitter"}).json()["data"]

    assert made["platform"] == "x"


@pytest.mark.usefixtures("apps")
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"platform": "myspace"},
        {"platform": "x", "login": "y"},
        {"platform": "x", "a": 1},
        [1],
    ],
)
def test_connect_link_for_anything_else_is_refused(ada, body):
    refused(ada.post("/accounts/connect-link", body), 400, "validation_error")

    assert Connection.objects.count() == 0


@pytest.mark.usefixtures("apps")
def test_connect_link_names_its_networks(ada):
    error = refused(ada.post("/accounts/connect-link", {"platform": "my"}), 400, "validation_error")
    assert ", ".join(ADAPTERS) in error["message"]


def test_links_of_both_kinds_without_the_platforms_app_say_what_to_set(ada, settings):
    settings.PLATFORM_APPS = {}
    for path in ("/accounts/connect-link", "/auth/social-connect/start"):
        error = refused(ada.post(path, {"platform": "x"}), 400, "validation_error")
        assert "X_CLIENT_ID and X_CLIENT_SECRET" in error["message"]


@pytest.mark.usefixtures("apps")
def test_reconnect_is_a_url_for_ten_minutes_of_the_same_account(ada, cy, x):
    answer = ada.post(f"/accounts/{x.pk}/reconnect")

    made = answer.json()["data"]
    assert answer.status_code == 200
    assert set(made) == {"url", "expires_at", "platform"}
    assert made["platform"] == "x"
    row = Connection.objects.get()
    assert row.account == x
    assert timedelta(minutes=9) < row.expires_at - timezone.now() <= timedelta(minutes=10)
    refused(cy.post(f"/accounts/{x.pk}/reconnect"), 404, "not_found")


def test_reconnect_repairs_the_same_account_in_place(ada, simulator, settings):
    app = simulator.app("x", f"{settings.PUBLIC_URL}/connect/x/return")
    settings.PLATFORM_APPS = {"x": App(*app)}
    simulator.connect("x", "77", username="acme")
    lost = {"platform_account_id": "77", "needs_reconnection_since": timezone.now()}
    account = make_account(ada.workspace, "x", **lost)
    url = ada.post(f"/accounts/{account.pk}/reconnect").json()["data"]["url"]

    browser = Client()
    away = browser.post(urlsplit(url).path).headers["location"]
    back = urlsplit(simulator.consent(away, "77"))
    choice = browser.get(f"{back.path}?{back.query}").headers["location"]
    browser.post(choice, {"profile": "77"})

    [listed] = ada.get("/accounts").json()["data"]["accounts"]
    assert (listed["id"], listed["account_name"]) == (account.pk, "@acme")
    assert listed["health"] == {"status": "healthy", "can_post": True}
