"""An agent of a running stack: what the protocol's own client lets it see and do, and no more."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult

from tests.acceptance.stack import Stack
from tests.acceptance.team import Team

UNDER_WAY = ("queued", "publishing")
#: As if the pauses between the lookups of what may be live had passed.
LOOK_NOW = """
UPDATE destinations_destination SET due_at = now()
WHERE status = 'unconfirmed' AND claim IS NULL AND due_at > now() RETURNING 1
"""


def refusal(result: CallToolResult) -> dict[str, Any]:
    """What a tool said that refused: JSON, as text only."""
    assert result.structured_content is None
    (said,) = result.content
    return dict(json.loads(said.text))


@dataclass
class Agent:
    stack: Stack
    portal: BlockingPortal
    client: Client

    def tools(self) -> dict[str, Any]:
        return {each.name: each for each in self.portal.call(self.client.list_tools).tools}

    def ask(self, tool: str, **arguments: Any) -> Any:
        """The tool's result, also if it refused."""
        return self.portal.call(self.client.call_tool, tool, arguments)

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """What the tool answered; fails if it refused."""
        result = self.ask(tool, **arguments)
        assert not result.is_error, result.content
        return dict(result.structured_content)

    def refused(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Why the tool refused."""
        result = self.ask(tool, **arguments)
        assert result.is_error, result.content
        return refusal(result)

    def results(self, post_id: str) -> dict[str, Any]:
        """Polls until nothing is under way any more."""

        def are_over() -> dict[str, Any]:
            found = self.call("get_results", post_id=post_id)
            waiting = any(each["status"] in UNDER_WAY for each in found["data"])
            if waiting:
                assert "call get_results again" in found["next_step"]
                self.stack.rows(LOOK_NOW)
            return {} if waiting else found

        found: dict[str, Any] = self.stack.wait("the results", are_over)
        return found


@contextmanager
def connected(
    team: Team, mode: str = "auto", headers: Mapping[str, str] | None = None
) -> Iterator[Agent]:
    """An agent with the team's key; `mode` as the SDK's Client has it."""
    told = {"Authorization": team.http.headers["Authorization"], **(headers or {})}
    with start_blocking_portal() as portal:
        http = httpx2.AsyncClient(headers=told, timeout=60, trust_env=False)
        server = streamable_http_client(f"{team.stack.url}/mcp", http_client=http)
        with (
            portal.wrap_async_context_manager(http),
            portal.wrap_async_context_manager(Client(server, mode=mode)) as client,
        ):
            yield Agent(team.stack, portal, client)
