"""Connecting an account as a person and an installation do it together."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import pytest

from platforms import oauth
from platforms.drafts import Credentials
from platforms.errors import PlatformError, Unauthorized, Unavailable
from platforms.http.client import Answer, Client
from platforms.http.transport import Transport
from platforms.oauth import App, OAuth, Profile, Tokens
from tests.conftest import Simulator

T = TypeVar("T")
BACK = "https://dovecote.example/connect/return"
VERIFIER = "v" * 64


@dataclass
class Connecting:
    simulator: Simulator
    login: OAuth
    app: App
    #: Who logs in, by the network's id.
    account: str

    def call(self, work: Callable[[Client], Awaitable[T]], url: str = "") -> T:
        async def run() -> T:
            transport = Transport(gateway=url or self.simulator.url, versions=self.app.versions)
            try:
                return await work(Client(transport, explain=self.login.explain))
            finally:
                await transport.close()

        return asyncio.run(run())

    def location(self, *scopes: str, **answer: Any) -> str:
        """Where the consent page sends the browser."""
        address = self.login.authorize_url(self.app, BACK, "state-1", VERIFIER)
        resolved = Transport(gateway=self.simulator.url).resolve(address)
        return self.simulator.consent(resolved, self.account, *scopes, **answer)

    def returned(self, *scopes: str, **answer: Any) -> dict[str, str]:
        found = parse_qs(urlsplit(self.location(*scopes, **answer)).query)
        return {name: values[0] for name, values in found.items()}

    def exchange(self, code: str, app: App | None = None) -> Tokens:
        return self.call(
            lambda http: self.login.exchange(app or self.app, code, BACK, VERIFIER, http)
        )

    def tokens(self, *scopes: str) -> Tokens:
        return self.exchange(self.returned(*scopes)["code"])

    def profiles(self, tokens: Tokens) -> list[Profile]:
        return list(self.call(lambda http: self.login.profiles(self.app, tokens, http)))

    def refresh(self, tokens: Tokens, url: str = "") -> Tokens:
        account = Credentials(self.account, "acme", tokens.access, scopes=tokens.scopes)
        assert self.login.can_refresh(account)
        return self.call(lambda http: self.login.refresh(self.app, account, http), url)


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
        assert oauth.missing(c.login, tokens.scopes) == c.login.scopes[1:]

    def test_the_code_comes_with_a_suffix_that_is_not_its_own(self, c: Connecting):
        location = c.location()
        assert location.endswith("#_")
        query = location.partition("?")[2]
        code = re.search(r"code=([^&]+)", query)
        assert code is not None
        assert c.exchange(f"{code[1]}#_").access

    def test_a_denial_comes_back_with_the_state(self, c: Connecting):
        returned = c.returned(answer="deny")
        assert (returned["error"], returned["error_reason"]) == ("access_denied", "user_denied")
        assert returned["state"] == "state-1"

    def test_a_code_works_once(self, c: Connecting):
        code = c.returned()["code"]
        c.exchange(code)
        with pytest.raises(Unauthorized):
            c.exchange(code)

    def test_a_wrong_secret_is_the_operators_fault(self, c: Connecting):
        code = c.returned()["code"]
        with pytest.raises(Unavailable) as caught:
            c.exchange(code, App(c.app.client_id, "wrong"))
        assert (caught.value.code, caught.value.actor) == ("app_refused", "operator")

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

    def test_a_token_that_ended_is_not_renewed(self, c: Connecting):
        old = c.tokens()
        c.simulator.advance(61 * 24 * 3600)
        with pytest.raises(Unauthorized) as caught:
            c.refresh(old)
        assert caught.value.code == "account_needs_reconnection"
        with pytest.raises(Unauthorized):
            c.profiles(old)

    def test_an_unreachable_network_says_nothing_about_the_authorization(self, c: Connecting):
        with pytest.raises(Unavailable):
            c.refresh(Tokens("token"), "http://127.0.0.1:9")

    @pytest.mark.parametrize("status", [400, 500, 502])
    def test_trouble_says_nothing_about_the_authorization(self, c: Connecting, status: int):
        answer = Answer(status, {}, b'{"error":{"code":2,"message":"Trouble"}}')
        error = c.login.explain(answer)
        assert not isinstance(error, Unauthorized)

    def test_no_secret_is_shown(self, c: Connecting):
        code = c.returned()["code"]
        with pytest.raises(PlatformError) as caught:
            c.exchange(code, App(c.app.client_id, "a-wrong-secret"))
        shown = f"{caught.value!r} {caught.value.body}"
        assert "a-wrong-secret" not in shown
        assert code not in shown
