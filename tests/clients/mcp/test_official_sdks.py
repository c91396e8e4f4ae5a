"""The protocol's own SDKs, in both languages: they take every answer, refusals included."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.agent import connected
from tests.acceptance.stack import Stack
from tests.clients.published.ground import Ground, ground
from tests.clients.published.lines import node
from tests.clients.published.npm import installed

CLIENT = Path(__file__).with_name("client.mjs")
FUTURE = "2099-01-01T00:00:00Z"
Ask = Callable[..., tuple[bool, Any, Any]]


@contextmanager
def _typescript(around: Ground, tmp: Path) -> Iterator[tuple[list[str], Ask]]:
    environ = {"SERVER": f"{around.stack.url}/mcp", "KEY": around.key}
    with node([str(CLIENT)], installed(), tmp / "mcp.log", **environ) as lines:
        tools = lines.hear()

        def ask(tool: str, **arguments: Any) -> tuple[bool, Any, Any]:
            lines.say({"name": tool, "arguments": arguments})
            said = lines.hear()
            assert "thrown" not in said, said
            result = said["result"]
            text = result["content"][0]["text"]
            return result.get("isError", False), text, result.get("structuredContent")

        yield tools, ask


@contextmanager
def _python(around: Ground, tmp: Path) -> Iterator[tuple[list[str], Ask]]:
    with connected(around.team) as agent:

        def ask(tool: str, **arguments: Any) -> tuple[bool, Any, Any]:
            result = agent.ask(tool, **arguments)
            return result.is_error, result.content[0].text, result.structured_content

        yield list(agent.tools()), ask


@pytest.mark.thorough
@pytest.mark.parametrize(
    "client",
    [
        pytest.param(_typescript, marks=pytest.mark.needs("node", "npm"), id="typescript"),
        pytest.param(_python, id="python"),
    ],
)
def test_it_takes_answers_and_tells_refusals(client: Any, stack: Stack, tmp_path: Path):
    with ground(stack) as around, client(around, tmp_path) as (tools, ask):
        x = around.of("x")
        post = {"content": "Hello", "account_ids": [x]}

        def answered(tool: str, **arguments: Any) -> Any:
            is_error, text, structured = ask(tool, **arguments)
            assert (is_error, json.loads(text)) == (False, structured)
            return structured["data"]

        def refused(tool: str, **arguments: Any) -> str:
            is_error, text, structured = ask(tool, **arguments)
            assert (is_error, structured) == (True, None)
            said = json.loads(text)
            assert said["error"]["message"]
            assert said["next_step"]
            return str(said["error"]["code"])

        assert {"create_post", "get_results"} <= set(tools)
        assert len(answered("list_accounts")["accounts"]) == 2
        made = answered("schedule_post", **post, scheduled_at=FUTURE)
        assert answered("get_post", post_id=made["post_id"])["content"] == "Hello"
        assert refused("get_post", post_id="post_0") == "not_found"
        assert refused("create_post", content="Hi", account_ids=[10**9]) == "invalid_accounts"
        assert refused("create_post", content="a" * 281, account_ids=[x]) == "content_too_long"
        assert refused("create_post", content="Hi") == "validation_error"
        assert refused("create_post", **post, colour="red") == "invalid_field_name"
        assert refused("schedule_post", **post) == "validation_error"
        assert refused("get_results", post_id="../me") == "validation_error"
        assert refused("publish_draft", post_id=made["post_id"], publish_now=True) == "conflict"
        assert answered("delete_post", post_id=made["post_id"])["deleted"] is True
