"""Bodies without a length, on the web process as it really runs."""

import json
from collections.abc import Iterator

import pytest

from tests.acceptance.stack import Stack
from tests.acceptance.team import Team


@pytest.fixture
def team(stack: Stack) -> Team:
    return stack.team(x=1)


def chunks(value: object) -> Iterator[bytes]:
    """JSON without a length; a client sends it in chunks, of which there are several."""
    content = json.dumps(value).encode()
    size = 1 + len(content) // 20
    for start in range(0, len(content), size):
        yield content[start : start + size]


def sent(team: Team, method: str, path: str, value: object):
    headers = {"Content-Type": "application/json"}
    return team.http.request(method, path, content=chunks(value), headers=headers)


def test_what_a_retry_in_chunks_says_is_heeded(team: Team):
    post_id = team.post("Hi")
    team.published(post_id)

    answer = sent(team, "POST", f"posts/{post_id}/retry", {"account_ids": [424242]})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_accounts")


def test_what_an_edit_in_chunks_says_is_done(team: Team):
    post_id = team.post("Before", scheduled_at="2099-01-01T00:00:00Z")

    assert sent(team, "PATCH", f"posts/{post_id}", {"content": "After"}).status_code == 200

    assert team.http.get(f"posts/{post_id}").json()["data"]["content"] == "After"


def test_chunks_are_held_to_the_limit_of_any_body(team: Team):
    answer = sent(team, "POST", "posts", {"content": "a" * 1_000_001})

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "file_too_large")
