"""The base of every simulated network: routes below its host names, and calls with faults."""

import asyncio
import functools
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from deploy.simulator.demo import Demo
from deploy.simulator.state import records
from deploy.simulator.state.faults import Faults
from deploy.simulator.state.records import Account, Numbers, Post, Token
from deploy.simulator.state.store import Store
from deploy.simulator.state.uploads import Uploads
from deploy.simulator.strict import media_type, once

#: The second is a request, or a message of a websocket.
Handler = Callable[[Any, Any, Account], Awaitable[Response]]
#: Drops that happen after the call has done its work.
LATE = ("after", "middle")


class Dropped(BaseException):
    """The connection is to be reset without an answer.

    Not an Exception, so that the framework makes no error page of it.
    """


class Refused(Exception):
    """The network does not accept a call; `answer` says so."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


class TruncatedResponse(Response):
    """An answer that breaks off: its headers, half of its body, and the connection is reset."""

    def __init__(self, whole: Response) -> None:
        super().__init__(whole.body, whole.status_code)
        self.raw_headers = list(whole.raw_headers)
        # Something must be missing, even if the whole answer is in its headers.
        self.headers["content-length"] = str(max(1, len(whole.body)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **headers})
        half = bytes(self.body[: len(self.body) // 2])
        await send({"type": "http.response.body", "body": half, "more_body": True})
        raise Dropped


class Network:
    """One network. Subclasses fill `hosts` and write their calls as methods marked by `call`."""

    key: ClassVar[str]
    #: As the wall calls it, and the colour of its posts there: white is read on it.
    name: ClassVar[str]
    colour: ClassVar[str]
    #: What `make up` and `make demo` make there.
    demo: ClassVar[Demo] = Demo()
    #: Query parameters that may come more than once.
    repeatable: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, store: Store, faults: Faults) -> None:
        self.store = store
        self.faults = faults
        self.uploads = Uploads(store)

    def hosts(self) -> Mapping[str, Sequence[BaseRoute]]:
        """Host name → routes, e.g. {"api.x.com": [Route("/2/tweets", self.create_post, …)]}."""
        raise NotImplementedError

    async def close(self) -> None:
        """Let go of what is open when the simulator stops."""

    def secret(self, request: Request) -> str:
        """The token of the request, or "". Override where a network reads it from elsewhere."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return token if scheme.lower() == "bearer" else ""

    def token(self, request: Request) -> Token | None:
        """The token of a call; None if it is unknown, revoked, expired or a refresh token."""
        token = self.store.token(self.key, self.secret(request))
        if token is None or token.kind == "refresh" or token.expires_at <= self.store.now():
            return None
        return token

    def account(self, request: Request) -> Account | None:
        """The owner of the token. Raises Refused where a network says more than `unauthorized`."""
        token = self.token(request)
        return self.store.account(self.key, token.account) if token else None

    def setting(self, account: str, name: str, default: Any) -> Any:
        """A value set for the account or the network by `/control/settings`."""
        return self.store.setting(self.key, account, name, default)

    async def receive(self, file_id: str, request: Request, account: Account, step: int) -> bool:
        """Append the body to an upload; False if it was cut off, then whole steps are kept.

        A fault of the call `store_piece` that drops resets the connection between two pieces.
        """

        def strike() -> None:
            fault = self.faults.strike(self.key, account.id, "store_piece")
            if fault and fault.drop:
                raise Dropped

        return await self.uploads.append(file_id, request, step=step, each_piece=strike)

    def numbers(self, post: Post) -> Numbers:
        """What the public has done with the post so far."""
        return records.of_post(post.id, self.store.now() - post.created_at)

    def recent(self, window: str, seconds: float) -> list[tuple[float, str]]:
        """(time, value) of what was noted in the last `seconds`."""
        since = self.store.now() - seconds
        found = self.store.get(self.key, "window", window) or {"entries": []}
        return [(at, value) for at, value in found["entries"] if at > since]

    def note(self, window: str, seconds: float, value: str = "") -> None:
        entries = [*self.recent(window, seconds), (self.store.now(), value)]
        self.store.put(self.key, "window", window, "", {"entries": entries})

    def tally(self, name: str, units: int = 1) -> int:
        """Add to a counter; returns its new value."""
        found = self.store.get(self.key, "tally", name) or {"units": 0}
        used = int(found["units"]) + units
        self.store.put(self.key, "tally", name, "", {"units": used})
        return used

    def unauthorized(self) -> Response:
        raise NotImplementedError

    def rate_limited(self, reset_seconds: int) -> Response:
        raise NotImplementedError

    def error(self, status: int) -> Response:
        """The network's usual body for a status. Overridden where its shape matters."""
        return JSONResponse({"error": {"code": status, "message": "simulated"}}, status)

    def stamp(self, answer: Response) -> None:
        """Add the headers that the network puts on every answer."""

    def public_url(self, request: Request, host: str, path: str) -> str:
        """An absolute URL of this simulator for a host it stands in for."""
        return f"{request.url.scheme}://{request.url.netloc}/{host}{path}"


def call(name: str) -> Callable[[Handler], Callable[[Any, Any], Awaitable[Response]]]:
    """Marks a method as a call: finds the account, applies faults, answers."""

    def decorate(handler: Handler) -> Callable[[Any, Any], Awaitable[Response]]:
        @functools.wraps(handler)
        async def run(network: Network, request: Any) -> Response:
            answer = await _answer(network, request, name, handler)
            network.stamp(answer)
            return answer

        return run

    return decorate


async def _answer(network: Network, request: Request, name: str, handler: Handler) -> Response:
    try:
        account = network.account(request)
    except Refused as refused:
        return refused.answer
    if account is None:
        return network.unauthorized()
    fault = network.faults.strike(network.key, account.id, name)
    if fault is None:
        return await _handled(network, request, account, handler)
    refused = fault.drop == "before" or fault.rate_limit_reset_seconds
    works = not refused and (fault.effect or fault.drop in LATE or not fault.status)
    answer = await _handled(network, request, account, handler) if works else None
    await asyncio.sleep(fault.delay_seconds)
    if fault.drop in ("before", "after"):
        raise Dropped
    if fault.rate_limit_reset_seconds:
        return network.rate_limited(fault.rate_limit_reset_seconds)
    if answer is None or fault.status:
        body = fault.body
        answer = replacement(fault.status, body) if body else network.error(fault.status)
    return TruncatedResponse(answer) if fault.drop == "middle" else answer


async def _handled(
    network: Network, request: Request, account: Account, handler: Handler
) -> Response:
    try:
        return await handler(network, request, account)
    except Refused as refused:
        return refused.answer


async def json_object(request: Request) -> dict[str, Any] | None:
    """The body, if it is a JSON object."""
    try:
        body = await json_value(request)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


async def json_value(request: Request) -> Any:
    """The body. Raises ValueError unless it is JSON that says nothing twice."""
    return json.loads(await request.body(), object_pairs_hook=once)


def is_json(request: Request) -> bool:
    return media_type(request.headers.get("content-type", "")) == "application/json"


def replacement(status: int, body: str) -> Response:
    """The answer that a fault gives instead of the network's own."""
    kind = "application/json" if body.startswith(("{", "[")) else "text/html"
    return Response(body, status, media_type=kind)
