"""Where a case is played: one side, a person with an account there, and what both said."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

import httpx

from platforms.drafts import Credentials, Draft
from platforms.errors import PlatformError
from platforms.http.client import Answer, Client
from platforms.http.transport import Transport
from platforms.mastodon import errors
from platforms.mastodon.adapter import Mastodon
from platforms.mastodon.login import MastodonLogin, TokenLogin
from platforms.mastodon.server import Server
from platforms.mastodon.text import fingerprint, plain
from platforms.oauth import ConsentRequest, LoginMethod, Profile
from platforms.outcomes import Absent, Published
from tests.acceptance.stack import NO_TLS
from tests.platforms.driver import Drive
from tests.platforms.mastodon.account import OLD
from tests.real.gateway import Gateway
from tests.real.mastodon.server import BACK, Person
from tests.real.mastodon.sides import Side

T = TypeVar("T")
LOGIN, BY_TOKEN = MastodonLogin(), TokenLogin()
Seen = dict[str, Any]
#: How old a send must seem for a list to prove an absence.
LATER = timedelta(minutes=6)


class Stage:
    def __init__(self, side: Side, gateway: Gateway) -> None:
        self.side, self.gateway = side, gateway
        self._http = httpx.Client(base_url=gateway.url, trust_env=False, verify=NO_TLS, timeout=60)

    @cached_property
    def person(self) -> Person:
        return self.side.person()

    @cached_property
    def profile(self) -> Profile:
        return self.sign_in(self.person.token)

    @cached_property
    def drive(self) -> Drive:
        """Return the adapter, with the account as the login left it."""
        found = self.profile
        account = Credentials(found.platform_account_id, found.username, found.tokens.access)
        drive = Drive(Mastodon(), account, self.side.simulator)
        drive.gateway = self.gateway.url
        return drive

    # The login

    def sign_in(self, token: str) -> Profile:
        answers = {"instance": OLD, "access_token": token}
        [profile] = self.run(BY_TOKEN, lambda http: BY_TOKEN.sign_in(answers, http))
        return profile

    def sign_in_by_consent(self) -> Profile:
        """Register an app, answer the consent page, and exchange its code."""
        server, verifier = f"https://{OLD}", "v" * 64
        app = self.run(LOGIN, lambda http: LOGIN.register(server, BACK, http))
        assert not self.run(LOGIN, lambda http: LOGIN.is_registered(app, http))
        address = LOGIN.authorize_url(app, ConsentRequest(BACK, "state-1", verifier))
        code = self.side.consent(self.person, address)
        tokens = self.run(LOGIN, lambda http: LOGIN.exchange(app, code, BACK, verifier, http))
        [profile] = self.run(LOGIN, lambda http: LOGIN.profiles(app, tokens, http))
        return profile

    def run(self, login: LoginMethod, work: Callable[[Client], Any]) -> Any:
        async def run() -> Any:
            transport = Transport(gateway=self.gateway.url, timeout_seconds=30)
            try:
                return await work(Client(transport, explain=login.explain))
            finally:
                await transport.close()

        return asyncio.run(run())

    # The adapter

    def publish(self, draft: Draft) -> Seen:
        """Return what publishing ended with."""
        return self._outcome(lambda: self.drive.finish(draft))

    def find(self, draft: Draft, *, later: bool = False) -> Seen:
        at = datetime.now(UTC) - LATER if later else None
        return self._outcome(lambda: self.drive.find(draft, at))

    def public(self) -> list[Seen]:
        """Return what the account's own list shows, newest first."""

        account = self.drive.account

        async def read(http: Client) -> list[dict[str, Any]]:
            return await Server(account, http).posts()

        posts = self.run(BY_TOKEN, read)
        places = {post["id"]: len(posts) - at for at, post in enumerate(posts)}
        return [
            {
                "text": fingerprint(plain(post["content"])),
                "warning": post["spoiler_text"],
                "visibility": post["visibility"],
                "files": [file["description"] or "" for file in post["media_attachments"]],
                "replies to": places.get(post["in_reply_to_id"]),
                "is sensitive": post["sensitive"],
                "has a poll": bool(post["poll"]),
            }
            for post in posts
        ]

    def _outcome(self, work: Callable[[], object]) -> Seen:
        return {**refused(work), "state": self.drive.state}

    # Plain calls

    def call(self, method: str, path: str, token: str | None = None, **options: Any) -> Seen:
        """Return the status of a call, and what our adapter takes from a refusal."""
        answer = self._send(method, path, token, options)
        seen: Seen = {"status": answer.status_code}
        if answer.status_code >= 400:
            known = Answer(answer.status_code, answer.headers, answer.content)
            seen["understood"] = error_name(errors.explain(known))
        return seen

    def sent(self, path: str, **options: Any) -> Seen:
        """Return what the server makes of what is posted, which it must take."""
        found: Seen = self._send("POST", path, None, options).raise_for_status().json()
        return found

    def _send(self, method: str, path: str, token: str | None, options: Seen) -> httpx.Response:
        token = self.person.token if token is None else token
        given = {"Authorization": f"Bearer {token}"} if token else {}
        headers = {**given, **options.pop("headers", {})}
        return self._http.request(method, f"/{OLD}/api/{path}", headers=headers, **options)

    def close(self) -> None:
        self._http.close()


def refused(work: Callable[[], object]) -> Seen:
    """Return what a call of the adapter ended with."""
    try:
        result = work()
    except PlatformError as error:
        return {"raised": error_name(error), "status": error.http_status}
    match result:
        case Published():
            return {"published": True, "notes": list(result.notes), "link": bool(result.url)}
        case Absent():
            return {"absent": True, "proven": result.proven}
    return {"result": result if isinstance(result, str | bool) else type(result).__name__}


def error_name(error: PlatformError) -> str:
    return f"{type(error).__name__} {error.code}"
