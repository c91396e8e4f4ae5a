"""Tools as agents see them: names, schemas, hints."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from posts.mcp import catalogue
from tests.posts.conftest import make_caller
from tests.posts.mcp.conftest import Agent

GUIDE = Path(catalogue.__file__).parent / "README.md"


@pytest.fixture
def tools(agent):
    return agent.tools()


def test_each_has_a_schema_that_is_valid_and_complete(tools):
    for name, tool in tools.items():
        schema = tool["inputSchema"]
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object", name
        text = str(schema)
        named = set(re.findall(r'"#/\$defs/(\w+)"', text.replace("'", '"')))
        assert named == set(schema.get("$defs", {})), name
        assert not re.search(r"'(nullable|readOnly|#/components)", text), name


def test_each_says_in_few_words_what_it_does(tools):
    # An agent reads all of it before its first call.
    assert len(json.dumps(list(tools.values()))) < 60_000
    for name, tool in tools.items():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)+", name)
        assert 30 < len(tool["description"]) < 800, name
        assert tool["title"], name
        for argument in tool["inputSchema"]["properties"].values():
            assert argument["description"], name


def test_what_only_reads_is_marked_and_what_destroys_asks_for_what_makes_it_safe(tools):
    hints = {name: tool["annotations"] for name, tool in tools.items()}
    reading = {name for name, each in hints.items() if each["readOnlyHint"]}
    destructive = {name for name, each in hints.items() if each["destructiveHint"]}

    assert {name.partition("_")[0] for name in reading} == {"get", "list", "validate", "preview"}
    assert {name for name in hints if name.startswith(("get_", "list_"))} - reading == {
        "get_reconnect_link"
    }
    assert destructive == {
        name for name in hints if name.startswith(("update_", "delete_", "set_"))
    } | {"retry_post", "resolve_destination", "decide_approval"}
    assert "revision" in tools["decide_approval"]["inputSchema"]["required"]
    for name in ("retry_post", "resolve_destination"):
        assert {"post_id", "seen_attempts"} <= set(tools[name]["inputSchema"]["required"])
    for name in set(tools) - reading:
        assert "idempotency_key" in tools[name]["inputSchema"]["properties"]


def test_each_scope_has_its_own_tools(ada):
    reads = Agent(make_caller(ada.workspace, "Reads", ("read",)))
    writes = Agent(make_caller(ada.workspace, "Writes", ("write",)))
    approves = Agent(make_caller(ada.workspace, "Approves", ("approve",)))
    neither = Agent(make_caller(ada.workspace, "Draws", ("ai",)))
    listed = [list(agent.tools()) for agent in (reads, writes, approves, neither)]

    assert sorted(name for names in listed for name in names) == sorted(catalogue.tools())
    assert listed[2:] == [["decide_approval"], []]
    assert "create_post" in writes.tools()
    assert "get_results" in reads.tools()


def test_the_guide_names_every_tool_and_no_other():
    table = GUIDE.read_text().partition("## The tools")[2].partition("\n- ")[0]

    assert sorted(re.findall(r"`(\w+)`", table)) == sorted(catalogue.tools())
