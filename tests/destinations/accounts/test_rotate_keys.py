"""A new key for what is kept encrypted, while everything runs."""

import io

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.utils import timezone

from destinations.accounts import connect_flow, encryption, links
from destinations.models import Account, Connection, Destination, Server
from platforms.oauth import App
from posts.features.webhooks.delivery import signatures
from posts.features.webhooks.models import Webhook
from posts.keys.keys import create
from posts.models import IdempotencyRecord
from tests.factories import make_account, make_post, make_workspace
from tests.posts.features.webhooks.webhook_factories import make_webhook

pytestmark = pytest.mark.django_db


def rotate() -> str:
    out = io.StringIO()
    call_command("rotate_credential_keys", stdout=out)
    return out.getvalue()


@pytest.fixture
def keys(settings):
    """The old key, and a new one in front of it once the rows are there."""
    old, new = settings.CREDENTIAL_KEYS[0], Fernet.generate_key().decode()
    settings.PLATFORM_APPS = {"x": App("app", "secret")}
    account = make_account(make_workspace(), "x", token="secret-token")
    make_post(account.workspace, [account], checkpoint=encryption.seal({"container": "7"}))
    _, url = links.create_link(account.workspace_id, "x", by="operator:ada")
    connect_flow.begin(url.rpartition("/")[2])
    Connection.objects.update(found=encryption.seal({"profiles": []}))
    Server.objects.create(
        platform="mastodon",
        host="mastodon.social",
        app=encryption.seal({"client_id": "7"}),
        read_due_at=timezone.now(),
    )
    api_key, _ = create(account.workspace, "Ada", ["write"])
    answer = {"api_key": api_key, "answer": encryption.seal({"status": 201})}
    IdempotencyRecord.objects.create(idempotency_key="one", expires_at=timezone.now(), **answer)
    make_webhook(account.workspace, secret="new", previous_secret=signatures.seal_secret("old"))
    settings.CREDENTIAL_KEYS = [new, old]
    return old, new


def test_everything_sealed_gets_the_newest_key_and_says_the_same(keys, settings):
    said = rotate()

    settings.CREDENTIAL_KEYS = [keys[1]]
    assert encryption.unseal(Account.objects.get().credentials)["token"] == "secret-token"
    assert encryption.unseal(Destination.objects.get().checkpoint) == {"container": "7"}
    assert encryption.unseal(Connection.objects.get().found) == {"profiles": []}
    assert encryption.unseal(Connection.objects.get().verifier)["verifier"]
    assert encryption.unseal(Server.objects.get().app) == {"client_id": "7"}
    assert encryption.unseal(IdempotencyRecord.objects.get().answer) == {"status": 201}
    webhook = Webhook.objects.get()
    assert encryption.unseal(webhook.secret) == {"secret": "new"}
    assert encryption.unseal(webhook.previous_secret) == {"secret": "old"}
    assert said.splitlines() == [
        f"{column}: 1 re-encrypted, 0 had the newest key, 0 unreadable"
        for column in (
            "account.credentials",
            "destination.checkpoint",
            "connection.verifier",
            "connection.found",
            "server.app",
            "idempotencyrecord.answer",
            "webhook.secret",
            "webhook.previous_secret",
        )
    ]


def test_a_second_run_changes_nothing(keys):
    rotate()
    before = Account.objects.get().credentials

    assert "account.credentials: 0 re-encrypted, 1 had the newest key" in rotate()
    assert Account.objects.get().credentials == before


def test_what_no_key_fits_is_counted_and_left_alone(keys, settings):
    before = Account.objects.get().credentials
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(CommandError, match="8 could not be read"):
        rotate()

    assert Account.objects.get().credentials == before


def test_a_row_that_changes_in_between_is_looked_at_again(keys, settings, monkeypatch):
    """A worker stores new tokens, with the old key, right after the row was read."""
    reseal = encryption.reseal
    old, new = keys

    def slowly(sealed: str) -> str:
        monkeypatch.setattr(encryption, "reseal", reseal)
        settings.CREDENTIAL_KEYS = [old]
        Account.objects.update(credentials=encryption.seal({"token": "newer"}))
        settings.CREDENTIAL_KEYS = [new, old]
        return reseal(sealed)

    monkeypatch.setattr(encryption, "reseal", slowly)
    rotate()

    settings.CREDENTIAL_KEYS = [new]
    assert encryption.unseal(Account.objects.get().credentials) == {"token": "newer"}
