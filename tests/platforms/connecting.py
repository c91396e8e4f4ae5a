"""Connecting an account as a person and an installation do it together."""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest

from platforms import oauth
from platforms.drafts import Credentials
from platforms.errors import Unauthorized, Unavailable
from platforms.http.client import Answer, Client
from platforms.http.transport import Transport
from platforms.login_forms import ConsentAtServer, ServerLogin
from platforms.oauth import App, ConsentRequest, OAuth, Profile, Tokens
from platforms.registry import ADAPTERS
from tests.conftest import Simulator
from tests.platforms.facts import facts_of

T = TypeVar("T")
BACK = "https://dovecote.example/connect/return"
VERIFIER = "v" * 64
ASKED = ConsentRequest(BACK, "state-1", VERIFIER)


@dataclass
class Connecting:
    simulator: Simulator
    login: OAuth
    app: App
    #: Who logs in, by the network's id.
    account: str
    #: Who has the account, if people have several.
    person: str = ""
    #: What the login's form is told, where the consent page is asked for at a server first.
    named: str = ""

    def call(self, work: Callable[[Client], Awaitable[T]], url: str = "") -> T:
        async def run() -> T:
            transport = Transport(gateway=url or self.simulator.url, versions=self.app.versions)
            try:
                return await work(Client(transport, explain=self.login.explain))
            finally:
                await transport.close()

        return asyncio.run(run())

    def address(self, **changes: str) -> str:
        """The consent page, with some of its parameters changed."""
        address = self.asked_for() or self.login.authorize_url(self.app, ASKED)
        page, query = address.partition("?")[0], parse_qsl(urlsplit(address).query)
        changed = urlencode({**dict(query), **changes}, quote_via=quote)
        return Transport(gateway=self.simulator.url).resolve(f"{page}?{changed}")

    def asked_for(self, state: str = "state-1") -> str:
        """Ask a server for its consent page; empty for a login that asks none."""
        login, named = self.login, self.named
        if not named or not isinstance(login, ConsentAtServer):
            return ""
        asked = ConsentRequest(BACK, state, VERIFIER)
        self.app, address = self.call(lambda http: login.leave(self.app, named, asked, http))
        return address

    def location(self, *scopes: str, address: str = "", **answer: Any) -> str:
        """Where the consent page sends the browser."""
        page = address or self.address()
        return self.simulator.consent(page, self.account, *scopes, **answer)

    def returned(self, *scopes: str, **answer: Any) -> dict[str, str]:
        location = self.location(*scopes, **answer)
        assert location.startswith(BACK + "?")
        return dict(parse_qsl(urlsplit(location).query))

    def exchange(
        self, code: str, app: App | None = None, back: str = BACK, verifier: str = VERIFIER
    ) -> Tokens:
        return self.call(
            lambda http: self.login.exchange(app or self.app, code, back, verifier, http)
        )

    def tokens(self, *scopes: str, **answer: Any) -> Tokens:
        return self.exchange(self.returned(*scopes, **answer)["code"])

    def profiles(self, tokens: Tokens) -> list[Profile]:
        return list(self.call(lambda http: self.login.profiles(self.app, tokens, http)))

    def credentials(self, tokens: Tokens, app: App | None = None) -> Credentials:
        app = app or self.app
        known = {"client_id": app.client_id, "client_secret": app.client_secret}
        extra = {**known, "issuer": app.server, **app.extra} if app.extra else {}
        return Credentials(
            self.account, "acme", tokens.access, tokens.refresh, extra, scopes=tokens.scopes
        )

    def refresh(self, tokens: Tokens, url: str = "", app: App | None = None) -> Tokens:
        account = self.credentials(tokens, app)
        assert self.login.can_refresh(account)
        return self.call(lambda http: self.login.refresh(app or self.app, account, http), url)


def connecting(simulator: Simulator, network: str, login: str) -> Connecting:
    """Someone who may log in; in person a new one, because accounts outlive a test."""
    person = f"{secrets.randbelow(10**12):012}"
    facts = facts_of(network)
    account, fields = (
        facts.person(person, login) if facts.person else (facts.account.id_of(person), {})
    )
    simulator.connect(network, account, **fields)
    method = ADAPTERS[network].logins[login]
    if isinstance(method, ConsentAtServer) and not isinstance(method, ServerLogin):
        return _known_by_documents(simulator, network, method, account)
    server = ADAPTERS[network].origin if isinstance(method, ServerLogin) else ""
    app = App(*simulator.app("facebook" if login == "facebook" else network, BACK), server=server)
    assert isinstance(method, OAuth)
    return Connecting(simulator, method, app, account, person)


def _known_by_documents(
    simulator: Simulator, network: str, login: ConsentAtServer, account: str
) -> Connecting:
    """The same, at a network whose servers read about an installation at its own address."""
    key = login.new_key()
    app = login.own_app(BACK, lambda: key)
    assert app
    folder = BACK.removesuffix("/return")
    known = {
        folder + end: login.document(end, BACK, lambda: key)
        for end in ("/client-metadata.json", "/jwks.json")
    }
    simulator.set(network, "documents", known)
    extra = {"did": account, "dpop_key": login.new_key()}
    app = replace(app, server=ADAPTERS[network].origin, extra=extra)
    return Connecting(simulator, login, app, account, named=account)


class LongLivedPromises:
    """What the logins of Instagram and Threads promise; a fixture `c` is a Connecting."""

    def test_a_consent_becomes_a_token_of_sixty_days(self, c: Connecting):
        tokens = c.tokens()
        assert set(tokens.scopes) == {*c.login.scopes, *c.login.optional_scopes}
        assert tokens.expires_at is not None
        left = tokens.expires_at - datetime.now(UTC)
        assert timedelta(days=59) < left < timedelta(days=61)
        assert tokens.refresh == ""

    def test_a_person_becomes_a_profile(self, c: Connecting):
        [profile] = c.profiles(c.tokens())
        assert (profile.platform_account_id, profile.name) == (c.account, "@acme")
        assert profile.avatar_url.startswith("https://")

    def test_what_a_person_did_not_grant_is_known(self, c: Connecting):
        tokens = c.tokens(c.login.scopes[0])
        assert oauth.missing_scopes(c.login, tokens.scopes) == c.login.scopes[1:]

    def test_the_code_comes_with_a_suffix_that_is_not_its_own(self, c: Connecting):
        location = c.location()
        assert location.endswith("#_")
        query = location.partition("?")[2]
        code = re.search(r"code=([^&]+)", query)
        assert code is not None
        assert c.exchange(f"{code[1]}#_").access

    def test_a_token_is_renewed_after_a_day(self, c: Connecting):
        old = c.tokens()
        with pytest.raises(Unavailable):
            c.refresh(old)
        c.simulator.advance(25 * 3600)
        new = c.refresh(old)
        assert new.access != old.access
        assert (new.scopes, new.refresh) == (old.scopes, "")
        c.simulator.advance(59 * 24 * 3600)
        assert c.profiles(new)

    def test_a_withdrawn_token_that_is_refused_for_its_age_is_no_trouble(self, c: Connecting):
        tokens = c.tokens()
        c.simulator.fault(c.login.name.lower(), account=c.account, call="me", status=401, times=1)
        with pytest.raises(Unauthorized):
            c.refresh(tokens)

    def test_a_token_that_ended_is_not_renewed(self, c: Connecting):
        old = c.tokens()
        c.simulator.advance(61 * 24 * 3600)
        with pytest.raises(Unauthorized) as caught:
            c.refresh(old)
        assert caught.value.code == "account_needs_reconnection"
        with pytest.raises(Unauthorized):
            c.profiles(old)

    @pytest.mark.parametrize("status", [400, 500, 502])
    def test_trouble_says_nothing_about_the_authorization(self, c: Connecting, status: int):
        answer = Answer(status, {}, b'{"error":{"code":2,"message":"Trouble"}}')
        error = c.login.explain(answer)
        assert not isinstance(error, Unauthorized)
