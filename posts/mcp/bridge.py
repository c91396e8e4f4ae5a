"""Lead a request at /mcp through the protocol's SDK, which is asynchronous, and back.

One loop per process runs the SDK's server, which lists the tools that a caller sees and calls one.
The thread that has the request waits for the answer, and does the tool's work meanwhile: it has the
database connection, and Django's code runs on no loop.
"""

import asyncio
import threading
from collections.abc import Callable, MutableMapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from asgiref.current_thread_executor import CurrentThreadExecutor
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from mcp import MCPError
from mcp.server import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
)

from posts.api import parsers
from posts.errors import RequestRefused
from posts.mcp import call_tool, catalogue
from posts.mcp.api_calls import Caller
from posts.models import ApiKey

Message = MutableMapping[str, Any]
#: What the SDK has no use for, since who asks is known.
SECRET = ("Authorization", "Cookie")

#: Where a request's scope (ASGI) has its Exchange.
EXCHANGE = "dovecote.exchange"
INSTRUCTIONS = """
Dovecote publishes a post to many social accounts and reports for each account what really happened.

Begin with list_accounts. A post goes to accounts by their ids; validate_post says beforehand what
each network would refuse. create_post answers at once, before anything is public: poll get_results
with its post_id until no status is queued or publishing, then report each platform_post_url.

Nothing is ever published twice by itself. A failed destination says in meta.errors who must act. If
it may be live, look at the account first, then call resolve_destination; a retry skips it until
then. A workspace may want posts approved: those wait, and get_approval says for whom. Only people
decide. Each result has a next_step, each error who_must_act and next_step: follow them.
"""
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request: who asks, the thread that does its work, and why it is one too many."""

    caller: Caller
    thread: Executor
    refused: RequestRefused | None

    async def work(self, function: Callable[..., Result], *args: Any) -> Result:
        """Call the function in the request's own thread."""
        return await asyncio.wrap_future(self.thread.submit(function, *args))


def _build() -> Server[Any]:
    server: Server[Any] = Server(
        "dovecote",
        title="Dovecote",
        version=settings.VERSION,
        website_url=settings.PUBLIC_URL,
        instructions=INSTRUCTIONS.strip(),
        # No argument of ours travels in a header.
        get_tool_input_schema=lambda name: None,
        on_list_tools=_list_tools,
        on_call_tool=_call_tool,
    )
    # Its only one makes spans of OpenTelemetry; the request and the API call have theirs.
    server.middleware.clear()
    return server


async def _list_tools(context: Any, params: PaginatedRequestParams | None) -> ListToolsResult:
    if params and params.cursor is not None:
        raise MCPError(INVALID_PARAMS, "All tools are on one page; there is no cursor.")
    asked = _exchange(context)
    ready = (await asked.work(catalogue.tools)).values()
    scopes = asked.caller.key.scopes
    listed = [each.listed for each in ready if each.operation.scope in scopes]
    return ListToolsResult(tools=listed)


async def _call_tool(context: Any, params: CallToolRequestParams) -> CallToolResult:
    asked = _exchange(context)
    if asked.refused:
        return call_tool.refused(params.name, asked.refused)
    return await asked.work(call_tool.call, asked.caller, params.name, params.arguments or {})


def _exchange(context: Any) -> Exchange:
    found: Exchange = context.request.scope[EXCHANGE]
    return found


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
            _build(),
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
