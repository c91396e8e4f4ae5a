"""What webhooks are told of accounts."""

import pytest
from django.db import transaction

from destinations.accounts import encryption, oauth_apps, store, tokens
from destinations.models import Account
from platforms.oauth import App, Profile, Tokens
from tests.factories import make_account
from tests.posts.features.webhooks.webhook_factories import make_webhook, told


@pytest.fixture(autouse=True)
def _webhook(ada):
    make_webhook(ada.workspace)


@pytest.fixture
def account(ada):
    return make_account(ada.workspace, "x", name="@acme")


def data(account: Account, reason: str) -> dict[str, object]:
    return {
        "account_id": account.pk,
        "platform": "x",
        "account_name": account.name,
        "reason": reason,
    }


def connect(ada, settings) -> Account:
    settings.PLATFORM_APPS = {"x": App("id", "secret")}
    profile = Profile(
        platform_account_id="77", name="@acme", username="acme", tokens=Tokens(access="a")
    )
    return store.connect(ada.workspace.pk, oauth_apps.usable("x"), profile)


def test_an_account_that_is_connected_and_one_that_is_repaired_are_told(ada, settings):
    first = connect(ada, settings)
    assert connect(ada, settings) == first

    assert told(ada.workspace) == [
        ("account.connected", data(first, "connected")),
        ("account.connected", data(first, "reconnected")),
    ]


def test_a_connection_that_is_rolled_back_is_not_told(ada, settings):
    with transaction.atomic():
        connect(ada, settings)
        transaction.set_rollback(True)

    assert not Account.objects.exists()
    assert told(ada.workspace) == []


def test_a_refused_authorization_is_told_once(ada, account):
    used = encryption.credentials(account)

    for _ in range(2):
        tokens.MarkUnauthorized(account.pk, used).execute()

    assert told(ada.workspace) == [
        ("account.reconnect_needed", data(account, "authorization_refused"))
    ]


def test_tokens_that_are_no_longer_used_tell_nothing(ada, account):
    used = encryption.credentials(account)
    Account.objects.update(credentials=encryption.seal({"token": "new", "refresh_token": ""}))

    tokens.MarkUnauthorized(account.pk, used).execute()

    assert told(ada.workspace) == []


def test_an_account_that_an_operator_switches_off_and_on_is_told(admin_client, ada, account):
    other = make_account(ada.workspace, "x", is_active=False)

    for action in ("mark_inactive", "mark_active"):
        admin_client.post(
            "/admin/destinations/account/",
            {"action": action, "_selected_action": [str(account.pk), str(other.pk)]},
        )

    off, *on = told(ada.workspace)
    assert off == ("account.disconnected", data(account, "switched_off"))
    assert sorted(on, key=lambda each: each[1]["account_id"]) == [
        ("account.connected", data(account, "switched_on")),
        ("account.connected", data(other, "switched_on")),
    ]
