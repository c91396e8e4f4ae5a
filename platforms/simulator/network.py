"""What every simulated network is made of: routes below its host names, and calls with faults."""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from platforms.simulator.faults import Faults
from platforms.simulator.store import Account, Store

Handler = Callable[[Any, Request, Account], Awaitable[Response]]


class Dropped(BaseException):
    """The connection is to be reset without an answer.

    Not an Exception, so that no error page is made of it on the way out.
    """


class Network:
    """One network. Subclasses fill `hosts` and write their calls as methods marked by `call`."""

    key: ClassVar[str]

    def __init__(self, store: Store, faults: Faults) -> None:
        self.store = store
        self.faults = faults

    def hosts(self) -> Mapping[str, list[Route]]:
        """Host name → routes, e.g. {"api.x.com": [Route("/2/tweets", self.create_post, …)]}."""
        raise NotImplementedError

    def account(self, request: Request) -> Account | None:
        """Who is calling: the owner of the bearer token. Override where tokens travel elsewhere."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        return self.store.account_by_token(self.key, token)

    def unauthorized(self) -> Response:
        raise NotImplementedError

    def rate_limited(self, reset_seconds: int) -> Response:
        raise NotImplementedError

    def error(self, status: int) -> Response:
        """The network's usual body for a status. Overridden where its shape matters."""
        return JSONResponse({"error": {"code": status, "message": "simulated"}}, status)

    def public_url(self, request: Request, host: str, path: str) -> str:
        """An absolute URL of this simulator for a host it stands in for."""
        return f"{request.url.scheme}://{request.url.netloc}/{host}{path}"


def call(name: str) -> Callable[[Handler], Callable[[Any, Request], Awaitable[Response]]]:
    """Marks a method as a call: finds the account, lets faults strike, answers."""

    def decorate(handler: Handler) -> Callable[[Any, Request], Awaitable[Response]]:
        @functools.wraps(handler)
        async def run(network: Network, request: Request) -> Response:
            account = network.account(request)
            if account is None:
                return network.unauthorized()
            fault = network.faults.strike(network.key, account.id, name)
            if fault is None:
                return await handler(network, request, account)
            if fault.drop == "before":
                raise Dropped
            if fault.rate_limit_reset_seconds:
                return network.rate_limited(fault.rate_limit_reset_seconds)
            if fault.status and not fault.effect:
                await asyncio.sleep(fault.delay_seconds)
                return _replaced(network, fault.status, fault.body)
            answer = await handler(network, request, account)
            await asyncio.sleep(fault.delay_seconds)
            if fault.drop == "after":
                raise Dropped
            return _replaced(network, fault.status, fault.body) if fault.status else answer

        return run

    return decorate


def _replaced(network: Network, status: int, body: str) -> Response:
    return Response(body, status, media_type="text/html") if body else network.error(status)
