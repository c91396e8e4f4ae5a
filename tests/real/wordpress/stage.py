"""Where a case is played: one side, a user of the site, and what both said."""

import asyncio
from collections.abc import Callable
from functools import cached_property
from typing import Any

import httpx

from deploy.simulator.wordpress.demo import HOST
from platforms.drafts import Credentials, Draft
from platforms.errors import PlatformError
from platforms.http.client import Answer, Client
from platforms.http.transport import Transport
from platforms.oauth import Profile
from platforms.outcomes import Absent, Published, RefusedLater
from platforms.wordpress import errors
from platforms.wordpress.adapter import WordPress
from platforms.wordpress.login import ApplicationPasswordLogin
from tests.acceptance.stack import NO_TLS
from tests.platforms.driver import Drive
from tests.real.gateway import Gateway
from tests.real.wordpress.server import Person
from tests.real.wordpress.sides import Side

LOGIN = ApplicationPasswordLogin()
Seen = dict[str, Any]


class Stage:
    def __init__(self, side: Side, gateway: Gateway) -> None:
        self.side, self.gateway, self.role, self.host = side, gateway, "editor", HOST
        self._http = httpx.Client(base_url=gateway.url, trust_env=False, verify=NO_TLS, timeout=60)

    @cached_property
    def person(self) -> Person:
        return self.side.person(self.role, self.host)

    @cached_property
    def drive(self) -> Drive:
        """Return the adapter, with the account as the login left it."""
        found = self.sign_in()
        account = Credentials(
            found.platform_account_id, found.username, found.tokens.access, extra=found.extra
        )
        drive = Drive(WordPress(), account, self.side.simulator)
        drive.gateway = self.gateway.url
        return drive

    def sign_in(self, password: str = "", name: str = "", site: str = "") -> Profile:
        answers = {
            "site_url": site or self.host,
            "username": name or self.person.name,
            "app_password": password or self.person.password,
        }

        async def run() -> Profile:
            transport = Transport(gateway=self.gateway.url, timeout_seconds=30)
            try:
                http = Client(transport, explain=LOGIN.explain)
                [profile] = await LOGIN.sign_in(answers, http)
            finally:
                await transport.close()
            return profile

        return asyncio.run(run())

    def publish(self, draft: Draft) -> Seen:
        """Return what publishing ended with."""
        return {**refused(lambda: self.drive.finish(draft)), "state": self.drive.state}

    def find(self, draft: Draft) -> Seen:
        return refused(lambda: self.drive.find(draft))

    def public(self) -> list[Seen]:
        return self.side.public(self.person)

    def call(self, method: str, path: str, *, is_known: bool = True, **options: Any) -> Seen:
        """Return the status of a call, and what our adapter takes from a refusal."""
        answer = self._send(method, path, options, is_known=is_known)
        seen: Seen = {"status": answer.status_code}
        if answer.status_code >= 400:
            known = Answer(answer.status_code, answer.headers, answer.content)
            seen["understood"] = error_name(errors.explain(known))
            seen["word"] = errors.said_code(known)
        return seen

    def sent(self, path: str, **options: Any) -> Seen:
        """Return what the site makes of what is posted, which it must take."""
        found: Seen = self._send("POST", path, options).raise_for_status().json()
        return found

    def _send(
        self, method: str, path: str, options: Seen, *, is_known: bool = True
    ) -> httpx.Response:
        auth = (self.person.name, self.person.password if is_known else "no such password")
        url = f"/{HOST}/wp-json/wp/v2/{path}"
        return self._http.request(method, url, auth=auth, **options)

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
        case RefusedLater():
            return {"refused": error_name(result.error)}
    return {"result": result if isinstance(result, str | bool) else type(result).__name__}


def error_name(error: PlatformError) -> str:
    return f"{type(error).__name__} {error.code}"
