"""Ada's agent at /mcp, as its client writes each message."""

import itertools
import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jsonschema
import pytest

from config.web.documentation import REFERENCE, document
from posts.mcp import catalogue
from posts.models import Workspace
from tests.posts.api.walk.described import as_json_schema
from tests.posts.conftest import Caller
from tests.posts.mcp import world as worlds
from tests.posts.world import make_world

VERSION = "2025-11-25"
_ids = itertools.count(1)


@cache
def answers_of(tool: str) -> dict[str, Any]:
    """What the document says of the answers of the tool's operations, if they succeed."""
    ready = catalogue.tools()[tool]
    ids = {each.id for each in (ready.operation, *ready.operations.values())}
    whole = document(REFERENCE)
    schemas = [
        answer["content"]["application/json"]["schema"]
        for methods in whole["paths"].values()
        for operation in methods.values()
        if operation["operationId"] in ids
        for status, answer in operation["responses"].items()
        if status.startswith("2")
    ]
    components = {"schemas": as_json_schema(whole["components"]["schemas"])}
    return {"anyOf": schemas, "components": components}


@dataclass
class Agent:
    caller: Caller
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, message: Any, **headers: str) -> Any:
        """The HTTP answer to a message."""
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        sent = {
            "Authorization": f"Bearer {self.caller.secret}",
            "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": VERSION,
            **self.headers,
            **headers,
        }
        return self.caller.client.post(
            "/mcp", data=body, content_type="application/json", headers=sent
        )

    def ask(self, method: str, params: dict[str, Any] | None = None) -> Any:
        """The result of a request."""
        message = {"jsonrpc": "2.0", "id": next(_ids), "method": method, "params": params or {}}
        answer = self.send(message)
        assert answer.status_code == 200, answer.content
        assert answer.json()["id"] == message["id"]
        return answer.json()["result"]

    def tools(self) -> dict[str, Any]:
        return {tool["name"]: tool for tool in self.ask("tools/list")["tools"]}

    def call(self, tool: str, **arguments: Any) -> Any:
        """What the tool answered, as its schema says; fails if it refused."""
        result = self.ask("tools/call", {"name": tool, "arguments": arguments})
        assert not result["isError"], result["content"]
        found = result["structuredContent"]
        answer = {name: each for name, each in found.items() if name != "next_step"}
        assert isinstance(found.get("next_step", ""), str)
        jsonschema.validate(answer, answers_of(tool))
        return found

    def refused(self, tool: str, **arguments: Any) -> Any:
        """Why the tool refused."""
        result = self.ask("tools/call", {"name": tool, "arguments": arguments})
        assert result["isError"], result["content"]
        # Programs would take it for an answer.
        assert "structuredContent" not in result
        return json.loads(result["content"][0]["text"])


@pytest.fixture
def agent(ada) -> Agent:
    return Agent(ada)


@pytest.fixture
def world(ada, settings) -> dict[str, str]:
    """Something of everything of Ada's; its one destination may be live."""
    made = make_world(ada.workspace, settings)
    draft = ada.post(
        "/posts", {"content": "Draft", "draft": True, "account_ids": [int(made["account_id"])]}
    )
    draft_id = draft.json()["data"]["post_id"]
    worlds.may_be_live(made["destination_id"])
    return {**made, "draft_id": draft_id, **waiting(ada, int(made["account_id"]))}


def waiting(caller: Caller, account: int) -> dict[str, str]:
    """A post that waits for approval, and its revision."""
    Workspace.objects.filter(pk=caller.workspace.pk).update(approval_mode="optional")
    body = {"content": "Waits", "account_ids": [account], "scheduled_at": worlds.FUTURE}
    post_id = caller.post("/posts", body).json()["data"]["post_id"]
    asked = caller.post(f"/posts/{post_id}/request-approval", {})
    return {"waiting_id": post_id, "revision": asked.json()["data"]["revision"]}
