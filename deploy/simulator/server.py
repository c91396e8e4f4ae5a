"""Serves the simulator with uvicorn, and can reset a connection in the middle of a call."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from deploy.simulator.app import build
from deploy.simulator.network import Dropped

Message = MutableMapping[str, Any]
App = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]

_transports: dict[Any, asyncio.Transport] = {}


class Protocol(HttpToolsProtocol):
    """Registers its connection under the peer's address, which the app knows too."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        _transports[transport.get_extra_info("peername")] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        _transports.pop(self.client, None)
        super().connection_lost(exc)


def dropping(app: App) -> App:
    """The app; if it raises Dropped, the connection is reset without an answer."""

    async def run(
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        try:
            await app(scope, receive, send)
        except Dropped:
            transport = _transports.get(tuple(scope["client"]))
            # The caller may have disconnected while the answer was delayed.
            if transport is not None:
                transport.abort()
        finally:
            # The protocol above is not told when a websocket closes.
            if scope["type"] == "websocket":
                _transports.pop(tuple(scope["client"]), None)

    return run


class Server(uvicorn.Server):
    async def main_loop(self) -> None:
        """Look whether to end twice a second. uvicorn looks ten times, also at rest."""
        while not await self.on_tick(0):
            await asyncio.sleep(0.5)


def server(
    home: Path, port: int, host: str = "127.0.0.1", names: Sequence[str] = ()
) -> uvicorn.Server:
    """A server ready to `run()`. Port 0 picks a free port; `names` are host names it answers to."""
    config = uvicorn.Config(
        dropping(build(home, *names)),
        host=host,
        port=port,
        http=Protocol,
        ws="wsproto",
        lifespan="on",
        access_log=False,
        log_level="critical",
        timeout_graceful_shutdown=1,
        # Like real networks, it keeps connections open for longer than its callers do.
        timeout_keep_alive=60,
    )
    return Server(config)
