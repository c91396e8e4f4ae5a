"""What webhooks are told of accounts."""

import pytest
from django.db import transaction

from destinations.accounts import encryption, oauth_apps, store
from destinations.accounts.tokens import commands
from destinations.models import Account
from platforms.oauth import App, Profile, Tokens
from posts.media import delete
from tests.factories import make_account
from tests.posts.conftest import announce, put, upload
from tests.posts.factories import make_media, png
from tests.posts.features.webhooks.webhook_factories import make_webhook, told


@pytest.fixture(autouse=True)
def _webhook(ada):
    make_webhook(ada.workspace)


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
        commands.MarkUnauthorized(account.pk, used).execute()

    assert told(ada.workspace) == [
        ("account.reconnect_needed", data(account, "authorization_refused"))
    ]


def test_tokens_that_are_no_longer_used_tell_nothing(ada, account):
    used = encryption.credentials(account)
    Account.objects.update(credentials=encryption.seal({"token": "new", "refresh_token": ""}))

    commands.MarkUnauthorized(account.pk, used).execute()

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


def test_a_file_is_told_once_when_it_is_ready(ada):
    made = announce(ada, png(), "image/png", filename="loft.png")
    put(made, png(), "image/png")
    assert told(ada.workspace) == []

    for _ in range(2):
        assert ada.post(f"/media/{made['media_id']}/complete").status_code == 200

    data = {
        "media_id": made["media_id"],
        "type": "image",
        "filename": "loft.png",
        "size": len(png()),
    }
    assert told(ada.workspace) == [("media.uploaded", data)]


def test_a_file_that_cannot_be_read_is_not_told(ada):
    made = announce(ada, b"no picture", "image/png")
    put(made, b"no picture", "image/png")

    assert ada.post(f"/media/{made['media_id']}/complete").status_code == 400

    assert told(ada.workspace) == []


def test_an_imported_file_is_told_too(ada, stranger, fetcher):
    url = stranger.gives("/loft.png", png())

    answer = ada.post("/media/upload-from-url", {"url": url})

    made = answer.json()["data"]
    [(event, data)] = told(ada.workspace)
    assert event == "media.uploaded"
    assert (data["media_id"], data["type"], data["size"]) == (made["media_id"], "image", len(png()))
    assert data["filename"] == made["filename"]


def test_a_deleted_file_is_told(ada, media):
    ada.delete(f"/media/{media.pk}")

    [(event, data)] = told(ada.workspace)
    assert (event, data["media_id"], data["filename"]) == (
        "media.deleted",
        str(media.pk),
        media.filename,
    )


def test_the_clean_up_of_files_that_never_became_ready_is_not_told(ada):
    make_media(ada.workspace, status="failed", storage_key="")

    delete.clean()

    assert told(ada.workspace) == []


def test_a_refused_deletion_is_not_told(ada, media, cy):
    assert cy.delete(f"/media/{media.pk}").status_code == 404

    assert told(ada.workspace) == []
    upload(cy, png(), "image/png")
    assert told(ada.workspace) == told(cy.workspace) == []
