"""Accounts that share the tokens of one consent, whose refresh tokens work once."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone

from destinations.accounts import encryption, exchange, oauth_apps, refresh, store
from destinations.accounts.tokens.commands import (
    Acquired,
    AcquireRefresh,
    AlreadyRefreshed,
    RefreshInProgress,
    ReleaseRefresh,
)
from destinations.models import Account
from platforms.oauth import App, ConsentRequest
from tests.conftest import Simulator
from tests.destinations.accounts.refreshed import soon, stored
from tests.factories import make_account, make_workspace
from tests.platforms.pinterest import steps

pytestmark = pytest.mark.django_db


@dataclass
class Person:
    """Who has two boards, which are connected."""

    simulator: Simulator
    number: str
    boards: tuple[Account, Account]

    def due(self, *boards: Account) -> None:
        numbers = [each.pk for each in boards or self.boards]
        Account.objects.filter(pk__in=numbers).update(token_expires_at=soon())

    def pairs(self) -> set[tuple[str, str]]:
        return {(kept["token"], kept["refresh_token"]) for kept in map(stored, self.boards)}


def connected(simulator: Simulator, workspace=None) -> Person:
    number, other = steps.new_number(), steps.new_number()
    simulator.connect("pinterest", number, username=f"doves{number}")
    simulator.connect(
        "pinterest", other, name="Feathers", username=f"doves{number}", extra={"owner": number}
    )
    login = oauth_apps.usable("pinterest")
    assert login.app is not None
    address = login.oauth.authorize_url(
        login.app, ConsentRequest(login.redirect_uri, "s", "v" * 64)
    )
    location = simulator.consent(oauth_apps.resolve(address), number)
    code = location.partition("code=")[2].partition("&")[0]
    profiles = exchange.redeem(login, code, "v" * 64)
    workspace = workspace or make_workspace()
    first, second = (store.connect(workspace.pk, login, each) for each in profiles)
    return Person(simulator, number, (first, second))


@pytest.fixture
def person(simulator: Simulator, settings) -> Person:
    settings.SIMULATOR_URL = simulator.url
    back = f"{settings.PUBLIC_URL}/connect/pinterest/return"
    settings.PLATFORM_APPS = {"pinterest": App(*simulator.app("pinterest", back))}
    return connected(simulator)


def acquire(account: Account):
    account.refresh_from_db()
    return AcquireRefresh(account.pk, encryption.credentials(account)).execute()


def test_two_boards_that_are_due_at_once_are_refreshed_by_one_call(person):
    before = person.pairs()
    person.due()

    assert refresh.tick() == 2

    [pair] = person.pairs() - before
    assert person.pairs() == {pair}
    for board in person.boards:
        assert (board.needs_reconnection_since, board.refresh_claim) == (None, None)
        assert board.token_expires_at > timezone.now() + timedelta(days=29)
        assert board.refresh_expires_at > timezone.now() + timedelta(days=59)


def test_a_board_that_is_due_later_takes_over_what_the_other_one_was_given(person):
    first, second = person.boards
    person.due(first)
    assert refresh.tick() == 1
    assert len(person.pairs()) == 2
    old = stored(second)

    person.simulator.fault("pinterest", call="token", status=500)
    person.due(second)
    assert refresh.tick() == 1

    assert len(person.pairs()) == 1
    assert stored(second)["previous"]["token"] == old["token"]
    second.refresh_from_db()
    assert second.refresh_claim is None


def test_a_board_whose_token_was_refreshed_twice_meanwhile_takes_over_the_last_one(person):
    first, second = person.boards
    for _ in range(2):
        person.due(first)
        assert refresh.tick() == 1
    found = acquire(second)
    assert isinstance(found, AlreadyRefreshed)
    assert (found.credentials.token, found.credentials.platform_account_id) == (
        stored(first)["token"],
        second.platform_account_id,
    )
    assert len(person.pairs()) == 1


def test_while_one_board_is_refreshed_the_other_one_waits(person):
    first, second = person.boards
    ours = acquire(first)
    assert isinstance(ours, Acquired)

    assert isinstance(acquire(second), RefreshInProgress)
    second.refresh_from_db()
    assert (second.refresh_claim, second.refresh_until) == (None, None)

    ReleaseRefresh(first.pk, ours.claim).execute()
    assert isinstance(acquire(second), Acquired)


def test_a_lease_that_is_over_holds_up_no_one(person):
    first, second = person.boards
    assert isinstance(acquire(first), Acquired)
    Account.objects.filter(pk=first.pk).update(refresh_until=timezone.now() - timedelta(hours=1))

    assert isinstance(acquire(second), Acquired)


def test_boards_of_another_consent_have_their_own_tokens(person):
    first, _ = person.boards
    other = connected(person.simulator, first.workspace)
    assert isinstance(acquire(first), Acquired)

    assert isinstance(acquire(other.boards[0]), Acquired)


def test_an_account_without_a_shared_consent_asks_no_other(person):
    first, _ = person.boards
    assert isinstance(acquire(first), Acquired)
    alone = make_account(first.workspace, "pinterest", username=first.username, is_refreshable=True)
    alone.credentials = encryption.seal({"token": "a", "refresh_token": "b"})
    alone.save()

    assert isinstance(acquire(alone), Acquired)


def test_a_refusal_marks_each_board_only_when_it_is_asked_for(person):
    person.simulator.fault(
        "pinterest", call="token", status=401, body='{"code": 283, "message": "Gone"}'
    )
    person.due(person.boards[0])
    refresh.tick()
    first, second = person.boards
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.needs_reconnection_since is not None
    assert second.needs_reconnection_since is None
