"""What an agent may ask, and how often."""

import json
import random
from typing import Any

import pytest

from posts import rate_windows
from posts.mcp import catalogue
from posts.models import Post
from tests.factories import make_account
from tests.posts.api.walk.judged import every
from tests.posts.mcp.world import arguments

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
CALL = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "get_me"}}


@pytest.fixture
def limit(settings):
    def set_to(text: str, bucket: str = "requests") -> None:
        settings.RATE_LIMITS = {**settings.RATE_LIMITS, bucket: rate_windows.parse(text)}

    return set_to


def left(answer) -> int:
    return int(answer["X-RateLimit-Remaining"])


def test_each_message_costs_one_request_also_if_it_calls_the_api(agent, limit):
    limit("10/h")

    assert [left(agent.send(each)) for each in (LIST, CALL, CALL, {**LIST, "id": []})] == [
        *(9, 8, 7, 6)
    ]
    assert left(agent.caller.get("/me")) == 5


def test_beyond_the_limit_a_tool_says_how_long_to_wait(agent, limit):
    limit("1/h")
    agent.call("get_me")

    refused = agent.refused("get_me")
    listed = agent.send(LIST)

    assert refused["error"]["code"] == "rate_limit_exceeded"
    assert refused["error"]["retryable"] is True
    assert 3500 < refused["retry_after"] <= 3600
    assert refused["who_must_act"] == "wait"
    assert listed.status_code == 429
    assert int(listed["Retry-After"]) > 3500


def test_posts_have_their_own_limit(agent, ada, limit):
    limit("1/h", "posts")
    post = {"content": "One", "account_ids": [make_account(ada.workspace).pk]}
    agent.call("create_post", **post)

    refused = agent.refused("create_post", **post | {"content": "Two"})

    assert (refused["error"]["details"]["bucket"], refused["retry_after"] > 3500) == ("posts", True)


def test_a_path_in_place_of_an_id_leads_nowhere_else(agent, world):
    for wrong in (f"{world['post_id']}/results", "..", "post_a?x=1", "", "a b", None, True, 1.5):
        assert agent.refused("get_post", post_id=wrong)["error"]["code"] in (
            "validation_error",
            "not_found",
        )


#: What no argument is meant to be, and some of it looks as if it were.
ODD = [
    *(None, True, False, 0, -1, 10**30, -(10**18), 1.5, "", " ", "x", "null", "9" * 400),
    *("\u202e", "é" * 50, "2099-13-45T99:99", "2020-01-01T00:00:00Z", "http://127.0.0.1/", "%00"),
    *([], [[]], [None], [1, "1", {}], ["x"] * 600, {}, {"x": {"x": {}}}, {"": None}),
    {"dest_1": -1},
    {"a" * 300: "b"},
]


def break_tools(agent, world, calls: int) -> None:
    """So many calls of each tool with arguments of any kind; each answers as a tool does."""
    every([*catalogue.tools()], lambda name: break_tool(agent, name, arguments(world)[name], calls))


def break_tool(agent, name: str, known: dict[str, Any], calls: int) -> None:
    chosen = random.Random(name)
    schema = catalogue.tools()[name].listed.input_schema["properties"]
    at_once = Post.objects.filter(scheduled_for=None).exclude(status="draft")
    before = at_once.count()
    for _ in range(calls):
        given = dict(known) if chosen.random() < 0.7 else {}
        for argument in chosen.sample(sorted(schema), k=min(len(schema), chosen.randint(1, 3))):
            given[argument] = chosen.choice(ODD)
        if chosen.random() < 0.1:
            given[chosen.choice(["x", "Content", "__proto__", "a" * 200])] = chosen.choice(ODD)

        params = {"name": name, "arguments": given}
        answer = agent.send({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})

        assert answer.status_code == 200, (given, answer.content[:300])
        result = answer.json()["result"]
        content = json.loads(result["content"][0]["text"])
        assert result.get("structuredContent") == (None if result["isError"] else content)
        if result["isError"]:
            code = content["error"]["code"]
            assert code not in ("internal_error", "unauthorized"), (given, content)
            assert content["error"]["message"]
            assert content["next_step"]
        assert b"Traceback" not in answer.content
    if name == "schedule_post":
        assert at_once.count() == before


@pytest.fixture
def unlimited_agent(agent, settings):
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, ())
    settings.KEY_CACHE_SECONDS = 60
    return agent


def test_a_few_odd_arguments_break_no_tool(unlimited_agent, world):
    break_tools(unlimited_agent, world, calls=6)


@pytest.mark.thorough
def test_no_argument_breaks_a_tool(unlimited_agent, world):
    break_tools(unlimited_agent, world, calls=25)
