"""What agents are told to do next names tools that exist, and arguments that are right."""

import re
from pathlib import Path

from posts.api.errors import RETRYABLE, STATUS
from posts.api.views import next_steps
from posts.mcp import bridge, catalogue, tool_errors
from tests.posts.api.cases import cases

POSTS = Path(bridge.__file__).parents[1]
#: Arguments that look like a tool's name.
NO_TOOLS = {"delete_on_platforms", "publish_now", "request_changes", "import_id"}


def row(**fields):
    usual = {
        "id": "dest_1",
        "platform": "x",
        "account_name": "@acme",
        "account_id": 7,
        "status": "failed",
        "attempts": 2,
        "next_retry_at": None,
    }
    return {**usual, **fields}


def step(*rows, meta=None, **error) -> str:
    usual = {
        "destination_id": "dest_1",
        "error_code": "content_rejected",
        "actor": "customer",
        "to_do": "Change the post.",
        "may_be_live": False,
    }
    errors = {"errors": [{**usual, **error}]} if error else {}
    answer = {"data": list(rows), "meta": {**errors, **(meta or {})}}
    return next_steps.of_results({"post_id": "post_1"}, answer)


RETRY = 'retry_post with post_id post_1 and seen_attempts {"dest_1": 2}'


def test_what_the_text_is_to_blame_for_is_not_retried():
    said = step(row(), error_code="content_rejected")

    assert "Change the post." in said
    assert "retry_post" not in said
    assert "for this account alone" in said


@cases(
    ("error", "parts"),
    [
        (
            {"actor": "account_owner", "to_do": "Reconnect the account."},
            ["Reconnect the account.", "get_reconnect_link for account_id 7", RETRY],
        ),
        ({"actor": "operator", "to_do": "Add credit."}, ["operator", "Add credit.", RETRY]),
        ({"actor": "nobody", "to_do": "Wait."}, [RETRY]),
        ({"error_code": "missed_schedule"}, ["still wanted", RETRY]),
        (
            {"may_be_live": True},
            [
                "look at the account itself",
                "resolve_destination with post_id post_1, destination_id dest_1, seen_attempts 2",
                RETRY,
            ],
        ),
    ],
)
def test_a_failure_says_who_acts_and_which_call_follows(error, parts):
    said = step(row(), **error)

    assert [part for part in parts if part not in said] == []


def test_what_is_retried_by_itself_is_waited_for():
    said = step(row(next_retry_at="2026-01-01T00:00:00Z"), actor="nobody")

    assert "at 2026-01-01T00:00:00Z" in said
    assert "retry_post" not in said


def test_what_is_paused_is_not_made_again():
    said = step(row(status="queued"), meta={"publishing_paused": [{"id": "dest_1"}]})

    assert "Do not make the post again" in said


def test_each_part_of_a_post_has_its_own_step():
    said = step(row(), row(id="dest_2", status="publishing"), error_code="text_too_long")

    assert "dest_1 (x, @acme)" in said
    assert "get_results again" in said
    assert step(row(status="published")).startswith("Everything is published")


@cases("code", sorted(STATUS))
def test_every_error_says_who_must_act_and_what_follows(code):
    told = tool_errors.told("create_post", {"code": code, "message": "…"})

    assert told["who_must_act"] in ("you", "key_owner", "operator", "wait")
    assert (told["who_must_act"] == "wait") == ("retry_after" in told)
    assert (code in RETRYABLE) <= (told["who_must_act"] in ("wait", "operator"))
    assert len(told["next_step"]) > 20
    assert "{" not in told["next_step"]


def test_a_conflict_that_passes_is_waited_for():
    told = tool_errors.told("create_post", {"code": "conflict", "message": "…"}, 1)

    assert (told["who_must_act"], told["retry_after"]) == ("wait", 1)


def test_only_tools_that_exist_are_named():
    names = set(catalogue.tools())
    verbs = {name.partition("_")[0] for name in names}
    texts = {path: path.read_text() for path in POSTS.rglob("*.py")}
    kit = {path for path in texts if path.parent == POSTS / "mcp"}
    words = [text for path, text in texts.items() if path in kit or "Arguments" in text]
    words += [bridge.INSTRUCTIONS]
    texts = re.findall(r'"[^"\n]*"', "\n".join(words))
    named = {
        word
        for text in texts
        if " " in text
        for word in re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", text)
        if word.partition("_")[0] in verbs
    }

    assert named - names - NO_TOOLS == set()
    assert len(named & names) > 15
