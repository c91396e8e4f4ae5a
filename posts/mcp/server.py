"""The server that the SDK runs: which tools a caller sees, and calling one."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from mcp import MCPError
from mcp.server import Server
from mcp.types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
)

from posts.errors import RequestRefused
from posts.mcp import call_tool, catalogue
from posts.mcp.api_calls import Caller

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


def build() -> Server[Any]:
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
