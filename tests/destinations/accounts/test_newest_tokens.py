"""Tokens that the database lost are taken from Redis; an older consent never replaces a newer."""

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as django_settings
from django.utils import timezone

from config.status import table
from destinations.accounts import encryption, refresh
from destinations.accounts.tokens import newest
from destinations.dispatch.restoring import lost_history
from destinations.models import Account, Heartbeat
from destinations.runtime.broker import CircuitBreaker
from destinations.runtime.redis_client import client
from platforms.oauth import App, Tokens
from tests.config.closed import closed_port
from tests.destinations.accounts.refreshed import S, soon, stored
from tests.destinations.accounts.token_server import token_server
from tests.destinations.run_command import run
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db
OLD = {"token": "access-0", "refresh_token": "refresh-0"}


@pytest.fixture
def account(settings) -> Account:
    settings.PLATFORM_APPS = {"x": App("app", "secret")}
    account = make_account(
        make_workspace(), "x", login="x", is_refreshable=True, token_expires_at=soon()
    )
    set_back(account)
    account.refresh_from_db()
    return account


@pytest.fixture
def network(account, settings):
    with token_server("refresh-0") as server:
        settings.SIMULATOR_URL = server.url
        yield server


def set_back(account: Account, pair: dict[str, str] = OLD) -> None:
    """As after a restore: the pair is stored, and what came of it is not."""
    Account.objects.filter(pk=account.pk).update(
        credentials=encryption.seal(pair),
        token_expires_at=soon(),
        token_refreshed_at=None,
        refresh_claim=None,
        refresh_until=None,
        needs_reconnection_since=None,
    )


def noted(account: Account) -> bytes:
    return client(django_settings.REDIS_URL).get(f"{newest.KEY}{account.pk}")


def test_a_database_set_back_by_two_refreshes_gets_the_newest_pair_and_spends_none(
    account, network
):
    for _ in range(2):
        refresh.tick()
        Account.objects.update(token_expires_at=soon())
    set_back(account)

    refresh.tick()

    assert network.asked == ["refresh-0", "refresh-1"]
    assert stored(account)["refresh_token"] == "refresh-2"
    assert account.token_expires_at > timezone.now() + timedelta(hours=1)
    assert account.needs_reconnection_since is None


def test_a_post_whose_token_was_replaced_in_the_lost_time_is_published(account, network):
    refresh.tick()
    set_back(account)
    Account.objects.update(token_expires_at=None)
    post = make_post(account.workspace, [account])

    run()

    assert (post.destinations.get().status, network.posts) == (S.PUBLISHED, ["Hello"])
    assert network.asked == ["refresh-0"]


def test_tokens_that_have_expired_in_redis_too_are_refreshed_at_once(account, network):
    refresh.tick()
    given = Tokens("access-1", "refresh-1", timezone.now() - timedelta(hours=1))
    set_back(account)
    account.refresh_from_db()
    newest.keep(account.pk, encryption.credentials(account), given)

    refresh.tick()

    assert network.asked == ["refresh-0", "refresh-1"]
    assert stored(account)["refresh_token"] == "refresh-2"


def test_a_reconnection_is_not_replaced_by_what_the_old_consent_was_given(account, network):
    refresh.tick()
    own = {"token": "mine", "refresh_token": "own"}
    set_back(account, own)

    refresh.tick()

    assert network.asked == ["refresh-0", "own"]
    assert stored(account) == own
    assert account.needs_reconnection_since is not None


def test_a_pair_that_another_process_was_given_meanwhile_is_found_after_the_refusal(
    account, network, monkeypatch
):
    network.good = "refresh-5"
    held, asked = encryption.credentials(account), network.redeem

    def redeem(token: str):
        later = timezone.now() + timedelta(hours=2)
        newest.keep(account.pk, held, Tokens("access-5", "refresh-5", later))
        return asked(token)

    monkeypatch.setattr(network, "redeem", redeem)

    refresh.tick()

    assert network.asked == ["refresh-0"]
    assert stored(account)["refresh_token"] == "refresh-5"
    assert account.needs_reconnection_since is None


@pytest.mark.parametrize("is_away", [True, False])
def test_without_redis_the_network_is_asked_with_what_is_stored(
    account, network, settings, monkeypatch, is_away
):
    monkeypatch.setattr(newest, "_breaker", CircuitBreaker())
    if is_away:
        settings.REDIS_URL = f"redis://127.0.0.1:{closed_port()}/0"
    refresh.tick()
    assert stored(account)["refresh_token"] == "refresh-1"
    if not is_away:
        client(settings.REDIS_URL).delete(f"{newest.KEY}{account.pk}")
    set_back(account)

    refresh.tick()

    assert network.asked == ["refresh-0", "refresh-0"]
    account.refresh_from_db()
    assert account.needs_reconnection_since is not None


def test_what_is_in_redis_is_sealed_for_its_account_and_ends_after_a_day(account, network):
    refresh.tick()

    sealed = noted(account)
    assert b"access-1" not in sealed
    assert b"refresh-1" not in sealed
    server = client(django_settings.REDIS_URL)
    assert 0 < server.ttl(f"{newest.KEY}{account.pk}") <= 24 * 3600
    other = make_account(make_workspace(), "x")
    set_back(other)
    other.refresh_from_db()
    server.set(f"{newest.KEY}{other.pk}", sealed)
    assert newest.after(other.pk, encryption.credentials(other)) is None


def test_a_note_of_keys_that_are_gone_is_no_note(account, network, settings):
    refresh.tick()
    set_back(account)
    held = encryption.credentials(Account.objects.get())
    assert newest.after(account.pk, held)
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]

    assert newest.after(account.pk, held) is None


def test_nothing_is_sent_once_the_lease_may_have_ended(account, network, monkeypatch):
    monkeypatch.setattr("destinations.accounts.tokens.commands.CERTAIN_SECONDS", 0)

    refresh.tick()

    assert network.asked == []
    assert stored(account) == OLD
    assert (account.needs_reconnection_since, account.refresh_claim) == (None, None)


@pytest.mark.parametrize("doubt", ["all", "claimed"])
def test_accounts_refreshed_in_the_lost_time_are_an_incident_until_they_have_their_tokens(
    account, network, doubt
):
    since = timezone.now()
    refresh.tick()
    heartbeat = Heartbeat(pk=1, at=since, count=1)
    if doubt == "all":
        lost_history.doubt(heartbeat, by="beat", redis_knows=True)
    else:
        lost_history.doubt_claimed(heartbeat, by="beat")
    assert found() == [], "nothing is lost"
    set_back(account)

    if doubt == "all":
        lost_history.doubt(heartbeat, by="beat", redis_knows=True)
    else:
        lost_history.doubt_claimed(heartbeat, by="beat")

    said = (
        f"1 account of 1 workspace was refreshed in the time that the database lost: “{account}”."
    )
    assert found() == [("warning", said)]
    refresh.tick()
    assert found() == []


def found() -> list[tuple[str, str]]:
    [measured] = table.measure(["lost tokens"])
    return [(each.level, each.said) for each in measured.findings]
