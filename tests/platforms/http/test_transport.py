"""The connections below the client: TLS, proxies, cookies, the pool, cancellation."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from platforms.http.failures import NoAnswer, NotSent
from platforms.http.transport import Transport
from tests.platforms.http.raw_server import response_of
from tests.tls import Authority

COOKIE = response_of("200 OK", "{}", "Set-Cookie: session=1")


@dataclass
class Server:
    """Answers each request after `seconds`."""

    seconds: float = 0
    tls: ssl.SSLContext | None = None
    requests: list[bytes] = field(default_factory=list)
    url: str = ""
    _handlers: list[asyncio.Task[None]] = field(default_factory=list)

    def run(self, work: Callable[[Transport], Awaitable[None]], connections: int = 10) -> None:
        asyncio.run(self._run(work, connections))

    async def _run(self, work: Callable[[Transport], Awaitable[None]], connections: int) -> None:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
        scheme = "https" if self.tls else "http"
        self.url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        self.closed = asyncio.Event()
        transport = Transport(timeout_seconds=5, connections=connections)
        try:
            await work(transport)
        finally:
            await transport.close()
            server.close()
            await asyncio.gather(*self._handlers)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._handlers.append(asyncio.current_task())
        with suppress(ConnectionError):
            while request := await reader.read(65536):
                self.requests.append(request)
                await asyncio.sleep(self.seconds)
                writer.write(COOKIE)
            writer.close()
            await writer.wait_closed()
        self.closed.set()


def test_a_server_whose_certificate_no_authority_signed_is_not_called(tmp_path: Path):
    server = Server(tls=Authority(tmp_path).server())

    async def work(transport: Transport) -> None:
        with pytest.raises(NotSent) as caught:
            await transport.send("POST", server.url, headers={})
        assert caught.value.word == "ConnectError"

    server.run(work)
    assert server.requests == []


def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server = Server()

    async def work(transport: Transport) -> None:
        assert (await transport.send("GET", server.url, headers={})).status == 200

    server.run(work)


def test_a_connection_is_reused_and_cookies_are_not_sent_back():
    server = Server()

    async def work(transport: Transport) -> None:
        for _ in range(2):
            await transport.send("GET", server.url, headers={})
        assert not server.closed.is_set()

    server.run(work)
    assert [b"cookie" in request.lower() for request in server.requests] == [False, False]


def test_a_request_that_waits_for_the_pool_too_long_is_not_sent():
    server = Server(seconds=0.5)

    async def work(transport: Transport) -> None:
        first = asyncio.create_task(transport.send("POST", server.url, headers={}))
        await asyncio.sleep(0.1)
        with pytest.raises(NotSent) as caught:
            await transport.send("POST", server.url, headers={}, timeout_seconds=0.1)
        assert caught.value.word == "ConnectTimeout"
        assert (await first).status == 200

    server.run(work, connections=1)
    assert len(server.requests) == 1


def test_a_cancelled_request_closes_its_connection():
    server = Server(seconds=0.2)

    async def work(transport: Transport) -> None:
        task = asyncio.create_task(transport.send("POST", server.url, headers={}))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(server.closed.wait(), 5)
        server.seconds = 0
        assert (await transport.send("GET", server.url, headers={})).status == 200

    server.run(work)


def test_a_timeout_while_waiting_for_the_answer_may_have_sent_the_request():
    server = Server()

    async def work(transport: Transport) -> None:
        # It connects without a time-out that a busy machine may need longer for.
        await transport.send("GET", server.url, headers={})
        server.seconds = 1
        with pytest.raises(NoAnswer) as caught:
            await transport.send("POST", server.url, headers={}, timeout_seconds=0.2)
        assert (type(caught.value), caught.value.word) == (NoAnswer, "ReadTimeout")

    server.run(work)
