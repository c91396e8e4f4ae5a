"""Connect by an app password: who the handle is, where its account lives, and what may be wrong."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from deploy.simulator.bluesky.sessions import GRACE_SECONDS
from platforms.bluesky.login import BlueskyLogin
from platforms.drafts import Credentials
from platforms.errors import PlatformError, Rejected, Unauthorized, Unavailable
from platforms.http.client import Client
from platforms.http.transport import Transport
from platforms.oauth import App, Profile, Tokens
from tests.conftest import Simulator
from tests.platforms.bluesky.account import PASSWORD, SERVER, new_did

T = TypeVar("T")
LOGIN, NO_APP = BlueskyLogin(), App("", "")
ELSEWHERE = "https://pds.pigeons.example"


@dataclass
class Person:
    """A person with an account, and what they enter."""

    simulator: Simulator
    did: str = field(default_factory=new_did)
    handle: str = ""
    pds: str = SERVER["pds"]
    password: str = PASSWORD

    def __post_init__(self) -> None:
        self.handle = self.handle or f"{self.did[-12:]}.bsky.social"
        self.put(pds=self.pds)

    def put(self, **extra: str) -> None:
        facts = {"password": PASSWORD, **extra}
        self.simulator.connect("bluesky", self.did, username=self.handle, extra=facts)

    def set(self, name: str, value: object) -> None:
        self.simulator.set("bluesky", name, value, self.did)

    def call(self, work: Callable[[Client], Awaitable[T]], gateway: str = "") -> T:
        async def run() -> T:
            transport = Transport(gateway=gateway or self.simulator.url, timeout_seconds=5)
            try:
                return await work(Client(transport, explain=LOGIN.explain))
            finally:
                await transport.close()

        return asyncio.run(run())

    def sign_in(self, handle: str = "", gateway: str = "") -> Profile:
        answers = {"handle": handle or self.handle, "app_password": self.password}
        [profile] = self.call(lambda http: LOGIN.sign_in(answers, http), gateway)
        return profile

    def refuses(self, handle: str = "", gateway: str = "") -> PlatformError:
        with pytest.raises(PlatformError) as caught:
            self.sign_in(handle, gateway)
        shown = f"{caught.value!r} {caught.value.message} {caught.value.body}"
        assert self.password not in shown
        return caught.value

    def refresh(self, profile: Profile, **changes: str) -> Tokens:
        extra = {**profile.extra, **changes}
        tokens = profile.tokens
        account = Credentials(self.did, self.handle, tokens.access, tokens.refresh, extra)
        assert LOGIN.can_refresh(account)
        return self.call(lambda http: LOGIN.refresh(NO_APP, account, http))


@pytest.fixture
def person(simulator: Simulator) -> Person:
    return Person(simulator)


def test_a_handle_and_an_app_password_become_a_profile(person: Person):
    profile = person.sign_in()
    assert profile.platform_account_id == person.did
    assert (profile.name, profile.username) == (f"@{person.handle}", person.handle)
    assert profile.display_name == "Acme"
    assert profile.extra == {"pds": person.pds, "password": PASSWORD}
    assert profile.tokens.expires_at is not None
    assert timedelta(0) < profile.tokens.expires_at - datetime.now(UTC) <= timedelta(hours=2)
    assert PASSWORD not in repr(profile)


@pytest.mark.parametrize("form", ["@{}", " {} ", "https://bsky.app/profile/{}", "at://{}"])
def test_a_handle_may_be_written_as_people_copy_it(person: Person, form: str):
    assert person.sign_in(form.format(person.handle.upper() if form == " {} " else person.handle))


def test_a_did_is_taken_instead_of_a_handle(person: Person):
    assert person.sign_in(person.did).username == person.handle


def test_an_account_on_a_server_of_its_own_is_found_there(simulator: Simulator):
    assert Person(simulator, pds=ELSEWHERE).sign_in().extra["pds"] == ELSEWHERE


def test_a_handle_that_the_app_has_not_seen_is_asked_for_at_its_own_host(simulator: Simulator):
    person = Person(simulator, handle="doves.example", pds=ELSEWHERE)
    person.set("unseen", True)
    assert person.sign_in().username == "doves.example"


@pytest.mark.parametrize(
    "handle", ["alice", "a b.example.com", "alice@example.com", "-a.b", "a..b"]
)
def test_what_is_no_handle_is_asked_of_no_one(person: Person, handle: str):
    error = person.refuses(handle, "http://127.0.0.1:9")
    assert (type(error), error.code, error.actor) == (Rejected, "handle_refused", "account owner")


def test_a_handle_without_an_account_says_so(person: Person):
    error = person.refuses("no-such.bsky.social")
    assert (error.code, "no account" in error.message) == ("handle_refused", True)


def test_a_handle_that_leads_to_anothers_account_is_not_believed(person: Person):
    other = Person(person.simulator)
    other.sign_in()
    person.set("handle_of", other.did)
    error = person.refuses()
    assert (error.code, "does not confirm" in error.message) == ("handle_refused", True)


@pytest.mark.parametrize(
    "pds", ["http://pds.example.com", "https://127.0.0.1", "https://10.0.0.8", "https://localhost"]
)
def test_a_server_at_a_private_address_is_sent_nothing(person: Person, pds: str):
    person.set("pds", pds)
    error = person.refuses()
    assert (type(error), error.code) == (Unavailable, "address_refused")
    assert error.actor == "account owner"


def test_a_wrong_app_password_says_where_to_get_one(person: Person):
    person.password = "abcd-abcd-abcd-abcd"
    error = person.refuses()
    assert (type(error), error.code) == (Unauthorized, "account_needs_reconnection")
    assert "Create a new one" in error.message


def test_the_accounts_own_password_is_not_kept(person: Person):
    person.set("full_access", True)
    error = person.refuses()
    assert (error.code, "own password" in error.message) == ("permission_missing", True)


def test_an_account_that_is_deactivated_is_its_owners_matter(person: Person):
    person.set("status", "deactivated")
    error = person.refuses()
    assert (type(error), error.code) == (Unauthorized, "account_restricted")


def test_an_account_that_moved_and_left_its_session_behind_is_followed(person: Person):
    profile = person.sign_in()
    person.simulator.fault(
        "bluesky",
        account=person.did,
        call="refresh_session",
        status=200,
        body=f'{{"accessJwt": "a", "refreshJwt": "b", "did": "{person.did}", "active": false}}',
        times=1,
    )
    assert person.refresh(profile).extra == {"pds": person.pds}


def test_an_unreachable_network_says_nothing_about_the_authorization(person: Person):
    assert isinstance(person.refuses(gateway="http://127.0.0.1:9"), Unavailable)


def test_a_refresh_gives_a_new_pair(person: Person):
    profile = person.sign_in()
    new = person.refresh(profile)
    assert new.access not in ("", profile.tokens.access)
    assert new.refresh not in ("", profile.tokens.refresh)


def test_a_renewal_whose_answer_was_lost_is_made_again(person: Person):
    profile = person.sign_in()
    person.refresh(profile)
    assert person.refresh(profile).access


def test_a_session_that_was_ended_is_opened_again_with_the_app_password(person: Person):
    profile = person.sign_in()
    person.refresh(profile)
    person.simulator.advance(GRACE_SECONDS + 1)
    assert person.refresh(profile).access


def test_an_app_password_that_was_revoked_ends_it(person: Person):
    profile = person.sign_in()
    person.refresh(profile)
    person.set("password", "revoked")
    with pytest.raises(Unauthorized) as caught:
        person.refresh(profile)
    assert caught.value.code == "account_needs_reconnection"


def test_an_account_that_moved_is_followed_to_its_new_server(person: Person):
    profile = person.sign_in()
    person.set("pds", ELSEWHERE)
    new = person.refresh(profile)
    assert new.extra == {"pds": ELSEWHERE}


def test_an_account_whose_new_server_knows_no_such_app_password_must_be_reconnected(person):
    profile = person.sign_in()
    person.set("pds", ELSEWHERE)
    person.set("password", "another")
    with pytest.raises(Unauthorized) as caught:
        person.refresh(profile)
    assert caught.value.code == "account_needs_reconnection"


@pytest.mark.parametrize("status", [500, 502, 429])
def test_trouble_of_the_server_says_nothing_about_the_authorization(person: Person, status: int):
    profile = person.sign_in()
    person.simulator.fault("bluesky", account=person.did, status=status)
    with pytest.raises(PlatformError) as caught:
        person.refresh(profile)
    assert not isinstance(caught.value, Unauthorized)
