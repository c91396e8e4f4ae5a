"""Kept-alive connections to one network, and the last look before a request leaves on one.

Between "we said that it leaves" and the first byte lie a full pool, a name server, a connect and a
handshake, and the process may be stopped anywhere among them: by a signal, with its machine, with
the lid of a laptop. By then somebody else may have looked, found nothing public, and sent it again.
So a request may carry a question, `MAY_LEAVE`, which is put to its owner when the connection is
ready, right before anything is written to it. "No" before the first byte is `Withheld`: nothing has
left. "No" later cuts the connection in the middle of the body, which no server takes for a whole
one, and counts as an answer that was lost.

What remains is what no program can close: to be stopped after the last "yes" and before the
operating system has the bytes (a few instructions, or, while a large body drains, as long as the
network takes the piece before), and bytes that the operating system or the way delivers late.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import cast

import aiohttp
import httpx
import yarl

#: The extension of a request that holds the question, a function of nothing.
MAY_LEAVE = "may_leave"


class Withheld(httpx.TransportError):
    """Nothing was sent: the worker had been held up for too long."""


class _Stop(aiohttp.ClientError):
    """The owner of a request said no."""


@dataclass(slots=True)
class _Departure:
    """A request on its way out."""

    may_leave: Callable[[], bool]
    has_begun: bool = False
    is_withheld: bool = False

    def check(self) -> None:
        if not self.may_leave():
            self.is_withheld = not self.has_begun
            raise _Stop


async def _before_head(_: object, context: SimpleNamespace, __: object) -> None:
    """Called before the head is written, which waits for the first piece of a body."""
    if context.trace_request_ctx:
        context.trace_request_ctx.check()


async def _before_piece(_: object, context: SimpleNamespace, __: object) -> None:
    """Called before each piece of the body; nothing else runs between this and its write."""
    if context.trace_request_ctx:
        context.trace_request_ctx.check()
        context.trace_request_ctx.has_begun = True


def _watch() -> aiohttp.TraceConfig:
    watch = aiohttp.TraceConfig()
    watch.on_request_headers_sent.append(_before_head)
    watch.on_request_chunk_sent.append(_before_piece)
    return watch


class Connections(httpx.AsyncBaseTransport):
    """Kept-alive connections to one platform, carried by aiohttp.

    The client library's own connections cost six times the processor time per request, most of a
    worker's. What matters is told apart here: a failure to connect leaves as `ConnectError` or
    `ConnectTimeout`, anything later as `ReadError` or `ReadTimeout`, because bytes had left.
    """

    def __init__(self, count: int) -> None:
        self._count = count

    @cached_property
    def _session(self) -> aiohttp.ClientSession:
        """Made by the first request, because it belongs to the loop it is made on."""
        # Keep-alive is short, so that a connection the network has closed is seldom picked.
        connector = aiohttp.TCPConnector(limit=self._count, keepalive_timeout=2)
        session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            trace_configs=[_watch()],
        )
        # It would send a PUT or a GET a second time when a kept-alive connection breaks.
        session._retry_connection = False
        return session

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        limits = request.extensions["timeout"]
        may_leave = request.extensions.get(MAY_LEAVE)
        departure = _Departure(may_leave) if may_leave else None
        try:
            async with self._session.request(
                request.method,
                yarl.URL(str(request.url), encoded=True),
                headers=request.headers.multi_items(),
                data=_body(request),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    connect=limits["pool"],
                    sock_connect=limits["connect"],
                    sock_read=limits["read"],
                ),
                trace_request_ctx=departure,
            ) as answer:
                content = await answer.read()
        except aiohttp.ClientConnectorError as failure:
            raise httpx.ConnectError(str(failure)) from failure
        except aiohttp.ConnectionTimeoutError as failure:
            raise httpx.ConnectTimeout(str(failure)) from failure
        except aiohttp.SocketTimeoutError as failure:
            raise httpx.ReadTimeout(str(failure)) from failure
        except (aiohttp.ClientError, OSError) as failure:
            if departure and departure.is_withheld:
                raise Withheld(Withheld.__doc__ or "") from failure
            raise httpx.ReadError(str(failure)) from failure
        headers = [(k, v) for k, v in answer.headers.items() if k.lower() != "content-encoding"]
        return httpx.Response(answer.status, headers=headers, content=content)

    async def status_of(self, url: str, timeout_seconds: float) -> int | None:
        """The status of an answer whose body is not read; None if there was none in time."""
        try:
            async with self._session.get(
                yarl.URL(url, encoded=True),
                headers={"Range": "bytes=0-0"},
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=timeout_seconds),
            ) as answer:
                return answer.status
        except (aiohttp.ClientError, OSError, ValueError):
            return None

    async def aclose(self) -> None:
        if "_session" in self.__dict__:
            await self._session.close()


def _body(request: httpx.Request) -> bytes | AsyncIterator[bytes] | None:
    try:
        return request.content or None
    except httpx.RequestNotRead:
        return aiter(cast("httpx.AsyncByteStream", request.stream))
