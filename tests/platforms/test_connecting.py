"""Every login by consent keeps these promises, network by network."""

from dataclasses import replace

import pytest

from platforms.errors import Unauthorized, Unavailable
from platforms.oauth import OAuth, Tokens
from platforms.registry import ADAPTERS
from tests.conftest import Simulator
from tests.platforms.connecting import BACK, VERIFIER, Connecting, connecting
from tests.platforms.facts import facts_of

NOWHERE = "http://127.0.0.1:9"


LOGINS = {
    f"{key} by {name}": (key, name)
    for key, adapter in ADAPTERS.items()
    for name, login in adapter.logins.items()
    if isinstance(login, OAuth)
}


@pytest.fixture(params=LOGINS)
def names(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A network, and a login by consent there."""
    return LOGINS[request.param]


@pytest.fixture
def c(simulator: Simulator, names: tuple[str, str]) -> Connecting:
    return connecting(simulator, *names)


def test_a_denial_comes_back_with_the_state(c: Connecting, names: tuple[str, str]):
    returned = c.returned(answer="deny")
    returned.pop("error_description", None)
    network, login = names
    denied = facts_of(network).denied.get(login, {"error": "access_denied"})
    assert returned == {**denied, "state": "state-1"}


def test_a_code_works_once(c: Connecting):
    code = c.returned()["code"]
    c.exchange(code)
    with pytest.raises(Unauthorized):
        c.exchange(code)


def test_a_code_is_worth_nothing_without_its_verifier(c: Connecting):
    code = c.returned()["code"]
    if c.login.has_pkce:
        with pytest.raises(Unauthorized):
            c.exchange(code, verifier="w" * 64)
    else:
        assert c.exchange(code, verifier="").access


def test_a_wrong_app_is_the_operators_and_not_the_accounts_fault(c: Connecting):
    tokens, code = c.tokens(), c.returned()["code"]
    for wrong in (
        replace(c.app, client_secret="a-wrong-secret"),
        replace(c.app, client_id="unknown"),
    ):
        calls = [lambda wrong=wrong: c.exchange(code, wrong)]
        if tokens.refresh:
            calls.append(lambda wrong=wrong: c.refresh(tokens, app=wrong))
        for call in calls:
            with pytest.raises(Unavailable) as caught:
                call()
            error = caught.value
            assert (error.code, error.actor) == ("app_refused", "operator")
            shown = f"{error!r} {error.message} {error.body}"
            for secret in (wrong.client_secret, code, tokens.refresh or code):
                assert secret not in shown


@pytest.mark.parametrize(("key", "seconds"), [("x", 31), ("facebook", 601), ("linkedin", 1801)])
def test_a_code_ends_at_its_time(simulator: Simulator, key: str, seconds: int):
    c = connecting(simulator, key, key)
    code = c.returned()["code"]
    c.simulator.advance(seconds)
    with pytest.raises(Unauthorized):
        c.exchange(code)


@pytest.mark.parametrize(
    ("key", "login", "seconds"),
    [("x", "x", 7201), ("facebook", "facebook", 5183945), ("instagram", "facebook", 61 * 86400)],
)
def test_a_persons_token_ends_at_its_time(simulator: Simulator, key: str, login: str, seconds: int):
    c = connecting(simulator, key, login)
    tokens = c.tokens()
    c.simulator.advance(seconds)
    with pytest.raises(Unauthorized):
        c.profiles(tokens)


@pytest.mark.parametrize("key", ["x", "tiktok"])
def test_a_refresh_gives_a_new_pair_and_kills_the_old_refresh_token(simulator: Simulator, key: str):
    c = connecting(simulator, key, key)
    old = c.tokens()
    new = c.refresh(old)
    assert new.access != old.access
    assert new.refresh not in ("", old.refresh)
    assert new.scopes == old.scopes
    with pytest.raises(Unauthorized) as caught:
        c.refresh(old)
    assert caught.value.code == "account_needs_reconnection"
    assert c.refresh(new).access != new.access


def test_an_unreachable_network_says_nothing_about_the_authorization(c: Connecting):
    with pytest.raises(Unavailable):
        c.call(lambda http: c.login.exchange(c.app, "code", BACK, VERIFIER, http), NOWHERE)
    tokens = Tokens("access", "refresh")
    if c.login.can_refresh(c.credentials(tokens)):
        with pytest.raises(Unavailable):
            c.refresh(tokens, NOWHERE)
