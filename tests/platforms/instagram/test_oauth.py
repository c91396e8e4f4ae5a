"""Connecting Instagram accounts, by Instagram and by Facebook, against the consent pages."""

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from platforms.drafts import Credentials
from platforms.errors import Rejected, Unavailable
from platforms.instagram.adapter import Instagram
from platforms.meta.oauth import proof
from platforms.oauth import App, Profile
from platforms.outcomes import Published
from tests.conftest import Simulator
from tests.platforms.connecting import Connecting, LongLivedPromises, connecting
from tests.platforms.driver import Drive, published
from tests.platforms.meta.containers import clip, photos


@pytest.fixture
def c(simulator: Simulator) -> Connecting:
    return connecting(simulator, "instagram", "instagram")


class TestPromises(LongLivedPromises):
    pass


def test_answers_are_read_wrapped_too(c: Connecting):
    c.simulator.set("instagram", "wrapped", True)
    [profile] = c.profiles(c.tokens())
    assert profile.platform_account_id == c.account


def test_a_personal_account_cannot_be_posted_as(c: Connecting):
    c.simulator.connect("instagram", c.account, extra={"account_type": "PERSONAL"})
    assert c.profiles(c.tokens()) == []


def test_a_connected_account_publishes(c: Connecting):
    [profile] = c.profiles(c.tokens())
    account = Credentials(c.account, "acme", profile.tokens.access)
    drive = Drive(Instagram(), account, c.simulator)
    assert isinstance(drive.finish(photos(settings={"firstComment": "First!"})), Published)


# By Facebook


@pytest.fixture
def f(simulator: Simulator) -> Connecting:
    """A person of their own, with one account."""
    return connecting(simulator, "instagram", "facebook")


def second(f: Connecting) -> str:
    """Another account of the same person."""
    return f"{f.account[:-1]}7"


def connect(simulator: Simulator, account: str, **extra: Any) -> None:
    facts = {"login": "facebook", "person": account[4:-1], **extra}
    simulator.connect("instagram", account, username=f"acme{account[-1]}", extra=facts)


def credentials(profile: Profile) -> Credentials:
    return Credentials(
        profile.platform_account_id,
        profile.username,
        profile.tokens.access,
        extra=profile.extra,
        login="facebook",
        scopes=profile.tokens.scopes,
    )


def test_each_page_with_an_account_becomes_a_profile(f: Connecting):
    connect(f.simulator, second(f))
    tokens = f.tokens()
    assert tokens.expires_at is not None
    assert tokens.expires_at - datetime.now(UTC) > timedelta(days=59)
    profiles = f.profiles(tokens)
    assert {p.platform_account_id: p.name for p in profiles} == {
        f.account: "@acme6",
        second(f): "@acme7",
    }
    assert all(p.tokens.expires_at is None for p in profiles)
    assert len({p.tokens.access for p in profiles} | {tokens.access}) == 3


def test_all_pages_of_a_long_list_are_read(f: Connecting):
    many = [f"178414000084{number:05}" for number in range(103)]
    for account in many:
        connect(f.simulator, account, person="7654321")
    connected = dataclasses.replace(f, account=many[0])
    assert len(connected.profiles(connected.tokens())) == 103


@pytest.mark.parametrize(
    "extra", [{"tasks": ["ANALYZE"]}, {"linked": False}, {"linked": False, "portfolio": True}]
)
def test_pages_that_cannot_be_posted_to_are_left_out(f: Connecting, extra: dict[str, Any]):
    connect(f.simulator, second(f), **extra)
    assert [p.platform_account_id for p in f.profiles(f.tokens())] == [f.account]


def test_a_page_of_a_business_is_found_by_what_was_granted(f: Connecting):
    connect(f.simulator, second(f), portfolio=True)
    assert {p.platform_account_id for p in f.profiles(f.tokens())} == {f.account, second(f)}


def test_an_account_connected_by_facebook_publishes_with_its_proofs(f: Connecting):
    [profile] = f.profiles(f.tokens())
    f.simulator.set("instagram", "proof_required", True)
    drive = Drive(Instagram(), credentials(profile), f.simulator)
    draft = dataclasses.replace(photos(settings={"firstComment": "First!"}), media=(clip(),))
    assert published(drive.finish(draft)).notes == ()
    bare = dataclasses.replace(credentials(profile), extra={})
    with pytest.raises(Rejected):
        Drive(Instagram(), bare, f.simulator).finish(photos())


def test_a_proof_is_of_the_token_and_the_app():
    assert proof(App("id", "key"), "The quick brown fox jumps over the lazy dog") == (
        "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
    )


def test_what_the_pages_token_cannot_see_is_read_with_the_persons(f: Connecting):
    [profile] = f.profiles(f.tokens())
    f.simulator.set("instagram", "page_token_blind", True)
    drive = Drive(Instagram(), credentials(profile), f.simulator)
    assert isinstance(drive.finish(photos()), Published)


def test_a_persons_token_that_ended_changes_nothing_for_the_page(f: Connecting):
    [profile] = f.profiles(f.tokens())
    f.simulator.advance(61 * 24 * 3600)
    drive = Drive(Instagram(), credentials(profile), f.simulator)
    f.simulator.set("instagram", "page_token_blind", True)
    with pytest.raises(Unavailable):
        drive.finish(photos())
    f.simulator.set("instagram", "page_token_blind", False)
    # The networks' clock has moved and ours has not, so the container is of their time.
    assert isinstance(drive.finish(photos()), Published)


def test_there_is_nothing_to_refresh(f: Connecting):
    [profile] = f.profiles(f.tokens())
    assert not f.login.can_refresh(credentials(profile))
