"""Leads a request at /mcp through the protocol's SDK, which is asynchronous, and back.

One loop per process runs the SDK. The thread that has the request waits for the answer, and does
the tool's work meanwhile: it has the database connection, and Django's code runs on no loop.
"""

import asyncio
import threading
from collections.abc import MutableMapping
from functools import cache
from typing import Any

from asgiref.current_thread_executor import CurrentThreadExecutor
from django.http import HttpRequest, HttpResponse
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from posts.api import parsers
from posts.errors import RequestRefused
from posts.mcp import server
from posts.mcp.api_calls import Caller
from posts.mcp.server import EXCHANGE, Exchange
from posts.models import ApiKey

Message = MutableMapping[str, Any]
#: What the SDK has no use for, since who asks is known.
SECRET = ("Authorization", "Cookie")


def exchange(request: HttpRequest, key: ApiKey, refused: RequestRefused | None) -> HttpResponse:
    """The SDK's answer to the message in the request's body."""
    executor = CurrentThreadExecutor(None)
    scope = {**_scope(request), EXCHANGE: Exchange(Caller(request, key), executor, refused)}
    answer = _Answer(request.body)
    done = asyncio.run_coroutine_threadsafe(_sdk().handle(scope, answer), _sdk().loop)
    executor.run_until_future(done)
    done.result()
    return answer.response()


class _Answer:
    """A request's body, and what is sent in return."""

    def __init__(self, body: bytes) -> None:
        self._unread: list[bytes] = [body]
        self._status = 500
        self._headers: list[tuple[bytes, bytes]] = []
        self._sent = bytearray()

    async def receive(self) -> Message:
        if not self._unread:
            # Until the client hangs up, which it does for nothing here.
            await asyncio.Event().wait()
        return {"type": "http.request", "body": self._unread.pop(), "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status, self._headers = message["status"], list(message["headers"])
        else:
            self._sent += message.get("body", b"")

    def response(self) -> HttpResponse:
        response = HttpResponse(bytes(self._sent), status=self._status)
        del response["Content-Type"]
        for name, value in self._headers:
            response[name.decode("latin-1")] = value.decode("latin-1")
        return response


class _Sdk:
    """The SDK on a loop of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._manager = StreamableHTTPSessionManager(
            server.build(),
            json_response=True,
            stateless=True,
            max_request_body_size=parsers.BODY_BYTES,
        )
        self._is_ready = threading.Event()
        threading.Thread(target=self._run, name="mcp", daemon=True).start()
        self._is_ready.wait()

    async def handle(self, scope: Message, answer: _Answer) -> None:
        await self._manager.handle_request(scope, answer.receive, answer.send)

    def _run(self) -> None:
        self.loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        async with self._manager.run():
            self._is_ready.set()
            await asyncio.Event().wait()


_starting = threading.Lock()


@cache
def _started() -> _Sdk:
    return _Sdk()


def _sdk() -> _Sdk:
    with _starting:
        return _started()


def _scope(request: HttpRequest) -> Message:
    """The request as ASGI describes it. Source: https://asgi.readthedocs.io (read 2026-11-26)."""
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in request.headers.items()
        if name not in SECRET
    ]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.scheme,
        "path": request.path,
        "raw_path": request.path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": None,
        "server": None,
    }
