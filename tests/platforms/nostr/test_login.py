"""Connecting an account by its key, with relays that are given or published."""

import asyncio

import pytest

from platforms.drafts import Draft
from platforms.errors import PlatformError, Rejected, Unauthorized, Unavailable
from platforms.nostr import nip19
from platforms.nostr.events import Key
from platforms.nostr.login import KeyLogin
from platforms.oauth import App
from tests.conftest import Simulator
from tests.platforms.driver import Drive, published
from tests.platforms.nostr.account import DIRECTORY, FIRST, MEDIA, SECOND, drive
from tests.platforms.nostr.steps import signed_in


@pytest.fixture
def known(simulator: Simulator) -> Drive:
    simulator.set("nostr", "away", [])
    return drive(simulator, FIRST, SECOND)


def test_a_key_alone_finds_the_accounts_profile_relays_and_media_server(known: Drive):
    profile = signed_in(known)
    code = nip19.npub(known.account.platform_account_id)
    assert profile.platform_account_id == known.account.platform_account_id
    assert (profile.name, profile.username) == ("Acme", code)
    assert profile.tokens.access == known.account.token
    assert profile.tokens.expires_at is None
    assert profile.extra == {"relays": f"{FIRST} {SECOND}", "media": MEDIA}


def test_what_is_entered_counts(known: Drive):
    nsec = nip19.encode("nsec", bytes.fromhex(known.account.token))
    profile = signed_in(
        known,
        private_key=f" {nsec} ",
        relays=f"{SECOND}/, {SECOND}",
        media_server="https://other.example/",
    )
    assert profile.tokens.access == known.account.token
    assert profile.extra == {"relays": SECOND, "media": "https://other.example"}


def test_a_new_key_is_connected_with_the_relays_that_are_entered(known: Drive):
    secret = "ab" * 32
    profile = signed_in(known, private_key=secret, relays=FIRST)
    assert profile.name == f"{nip19.npub(Key(secret).pubkey)[:16]}…"
    assert profile.extra == {"relays": FIRST, "media": ""}
    with pytest.raises(Rejected, match="published no list of relays"):
        signed_in(known, private_key=secret)


def test_what_was_connected_publishes(known: Drive):
    profile = signed_in(known)
    assert dict(known.account.extra) == profile.extra
    assert published(known.publish(Draft("Hello"))).id


@pytest.mark.parametrize("key", ["coo", "nsec1coo", "0" * 64])
def test_what_is_no_key_is_refused_without_a_call(known: Drive, key: str):
    with pytest.raises(Unauthorized) as caught:
        signed_in(known, private_key=key)
    assert key not in f"{caught.value!r} {caught.value.message}"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("relays", "ws://relay.example"),
        ("relays", "https://relay.example"),
        ("relays", "wss://user@relay.example"),
        ("relays", "relay.example"),
        ("relays", " ".join(f"wss://r{n}.example" for n in range(11))),
        ("media_server", "http://media.example"),
        ("media_server", "https://media.example/path"),
    ],
)
def test_an_address_that_may_not_be_called_is_refused(known: Drive, field: str, value: str):
    with pytest.raises(Rejected) as caught:
        signed_in(known, **{field: value})
    assert caught.value.code == "address_refused"


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "10.0.0.8", "relay.internal", "169.254.169.254"]
)
def test_a_relay_of_a_private_network_is_never_called(known: Drive, host: str):
    with pytest.raises(Unavailable) as caught:
        signed_in(known, relays=f"wss://{host} {FIRST}")
    assert caught.value.code == "address_refused"


def test_relays_that_are_away_are_told_of(known: Drive):
    away = [each.removeprefix("wss://") for each in (FIRST, SECOND, DIRECTORY)]
    known.simulator.set("nostr", "away", away[:1])
    assert signed_in(known, relays=f"{FIRST} {SECOND}").extra["relays"] == f"{FIRST} {SECOND}"
    known.simulator.set("nostr", "away", away)
    for relays in (f"{FIRST} {SECOND}", ""):
        with pytest.raises(PlatformError) as caught:
            signed_in(known, relays=relays)
        assert isinstance(caught.value, Unavailable)


def test_addresses_where_no_relay_is_are_refused(known: Drive):
    with pytest.raises(Rejected, match="no relay") as caught:
        signed_in(known, relays="wss://nowhere.example wss://nothing.example")
    assert caught.value.code == "address_refused"


def test_a_list_that_another_key_signed_is_not_believed(known: Drive):
    # The simulator signs an account's lists with its token.
    body = {"username": "acme", "token": "cd" * 32, "extra": dict(known.account.extra)}
    known.simulator.connect("nostr", known.account.platform_account_id, **body)
    with pytest.raises(Rejected, match="published no list"):
        signed_in(known)


def test_a_key_is_not_renewed(known: Drive):
    login = KeyLogin()
    assert not login.can_refresh(known.account)
    with pytest.raises(Unauthorized):
        asyncio.run(login.refresh(App("", ""), known.account, None))  # type: ignore[arg-type]
