"""A call is sent again while that can help, under one name, within the time allowed."""

import json
import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import httpx
import pytest

from tests.acceptance.stack import Stack
from tests.clients.published.ground import ground
from tests.clients.typescript.package import Program
from tests.strangers import Answer, Stranger, stranger, whole

pytestmark = pytest.mark.needs("node", "npm")
KEY = "pe_live_0123456789abcdef0123456789abcdef"


@pytest.fixture
def server() -> Iterator[Stranger]:
    with stranger() as found:
        yield found


@pytest.fixture
def play(program: Program, server: Stranger) -> Callable[..., dict[str, Any]]:
    def played(play: str, key: str = KEY, **given: Any) -> dict[str, Any]:
        url = server.url("")
        return dict(json.loads(program.play("calling", url=url, key=key, play=play, **given)))

    return played


def refusal(status: int, code: str, retryable: bool, **headers: str) -> Answer:
    error = {"code": code, "message": code, "retryable": retryable}
    body = json.dumps({"data": None, "error": error, "meta": {"request_id": "req_1"}})
    return whole(body.encode(), status, Content_Type="application/json", **headers)


def success(data: Any, **meta: Any) -> Answer:
    body = json.dumps({"data": data, "meta": meta})
    return whole(body.encode(), Content_Type="application/json")


def dropped(to: BaseHTTPRequestHandler) -> None:
    raise ConnectionResetError


def cut_short(to: BaseHTTPRequestHandler) -> None:
    whole(b'{"data": {"na', Content_Type="application/json", Content_Length="100")(to)
    raise ConnectionResetError


def in_turn(*answers: Answer) -> Answer:
    left = iter(answers)
    return lambda to: next(left)(to)


def keys(server: Stranger) -> list[str | None]:
    return [headers["Idempotency-Key"] for headers, _ in server.received]


def test_an_answer_that_is_dropped_after_the_post_was_made_leaves_one_post(
    stack: Stack, server: Stranger, play
):
    with ground(stack) as around:
        text, account = uuid.uuid4().hex, around.of("x")
        made: list[str] = []

        def forwards(to: BaseHTTPRequestHandler) -> None:
            headers, body = server.received[-1]
            names = ("Authorization", "Content-Type", "Idempotency-Key")
            sent = {name: headers[name] for name in names}
            found = httpx.post(f"{stack.url}{to.path}", content=body, headers=sent, trust_env=False)
            made.append(found.json()["data"]["post_id"])
            if len(made) < 3:
                raise ConnectionResetError
            whole(found.content, found.status_code, Content_Type="application/json")(to)

        server.answers["/api/v1/posts"] = forwards
        told = play("create", around.key, content=text, accounts=[account])

        assert set(made) == {told["answered"]["post_id"]}
        assert len(made) == 3
        assert len(set(keys(server))) == 1
        around.team.published(made[0])
        assert len(around.on_the_wall(text)) == 1


@pytest.mark.parametrize(
    "first",
    [
        dropped,
        cut_short,
        refusal(409, "conflict", True, Retry_After="1"),
        refusal(503, "service_unavailable", True),
        refusal(500, "internal_error", True),
        whole(b"<h1>Bad gateway</h1>", 502, Content_Type="text/html"),
        whole(b"{", 200, Content_Type="application/json"),
    ],
    ids=["dropped", "cut short", "in progress", "503", "500", "proxy", "no JSON"],
)
def test_what_may_pass_is_sent_again_with_the_same_name(server: Stranger, play, first):
    server.answers["/api/v1/posts"] = in_turn(first, success({"post_id": "post_1"}))

    told = play("create", content="Again", accounts=[1])

    assert told["answered"] == {"post_id": "post_1"}
    names = keys(server)
    assert len(names) == 2
    assert names[0]
    assert names[0] == names[1]


def test_it_waits_as_long_as_a_rate_limit_says(server: Stranger, play):
    limited = refusal(429, "rate_limit_exceeded", True, Retry_After="1")
    server.answers["/api/v1/me"] = in_turn(limited, success({"me": 1}))

    told = play("me")

    assert told["answered"] == {"me": 1}
    assert told["seconds"] >= 1


@pytest.mark.parametrize(
    ("answer", "actor"),
    [
        (refusal(400, "validation_error", False), "customer"),
        (refusal(403, "insufficient_scope", False), "operator"),
        (refusal(422, "idempotency_key_reused", False), "customer"),
        (refusal(500, "of_a_newer_server", False), "operator"),
        (whole(b"", 301, Location="https://elsewhere.example"), "customer"),
    ],
    ids=["400", "403", "422", "unknown", "redirect"],
)
def test_what_stays_as_it_is_is_sent_once(server: Stranger, play, answer, actor):
    server.answers["/api/v1/posts"] = answer

    told = play("create", content="Once", accounts=[1], options={"idempotencyKey": "mine"})

    assert (told["name"], told["actor"]) == ("ApiError", actor)
    assert keys(server) == ["mine"]


@pytest.mark.parametrize(
    ("retry", "wait", "attempts"),
    [({"retries": 2}, "0", 3), ({"totalMs": 1500}, "1", 2), ({"totalMs": 1500}, "60", 1)],
)
def test_retries_end(server: Stranger, play, retry, wait, attempts):
    server.answers["/api/v1/me"] = refusal(503, "service_unavailable", True, Retry_After=wait)

    told = play("me", retry=retry)

    assert told["code"] == "service_unavailable"
    assert len(server.asked) == attempts
    assert told["seconds"] < 20


def test_a_server_that_never_answers_is_given_up_and_its_name_is_told(server: Stranger, play):
    server.answers["/api/v1/posts"] = dropped

    told = play("create", content="Lost", accounts=[1], retry={"retries": 1})

    assert told["name"] == "ConnectionError"
    assert told["attempts"] == 2
    assert keys(server) == [told["idempotencyKey"]] * 2


def test_an_attempt_that_takes_too_long_is_made_again(server: Stranger, play):
    def hangs(_: BaseHTTPRequestHandler) -> None:
        server.over.wait(30)

    server.answers["/api/v1/me"] = in_turn(hangs, success({"me": 1}))

    assert play("me", options={"timeoutMs": 1500})["answered"] == {"me": 1}


def test_what_has_no_name_is_not_repeated_after_a_lost_answer(server: Stranger, play):
    server.answers["/api/v1/auth/device"] = dropped

    told = play("login")

    assert (told["name"], told["attempts"]) == ("ConnectionError", 1)
    assert len(server.received) == 1


def test_an_abort_ends_the_wait_for_the_next_attempt(server: Stranger, play):
    server.answers["/api/v1/me"] = refusal(503, "service_unavailable", True, Retry_After="30")

    told = play("abort")

    assert told["name"] == "TimeoutError"
    assert told["seconds"] < 20


def test_a_list_goes_on_until_its_end_and_names_nothing_twice(server: Stranger, play):
    def page(offset: int, *names: str, has_more: bool) -> None:
        posts = [{"id": name, "content": name} for name in names]
        path = f"/api/v1/posts?limit=2&offset={offset}"
        server.answers[path] = success(posts, pagination={"has_more": has_more})

    page(0, "a", "b", has_more=True)
    page(2, "b", "c", has_more=True)  # one was added meanwhile
    page(4, "d", has_more=False)

    assert play("list")["answered"] == ["a", "b", "c", "d"]


def test_an_upload_that_is_cut_off_is_sent_again_from_its_start(server: Stranger, play):
    place = {"media_id": "one", "upload_url": server.url("/uploads/one")}
    server.answers["/api/v1/media/upload"] = success(place)
    server.answers["/uploads/one"] = in_turn(dropped, success({"media_id": "one"}))
    server.answers["/api/v1/media/one/complete"] = success({"media_id": "one", "status": "ready"})

    told = play("upload", size=300_000)["answered"]

    first, second = [
        body for headers, body in server.received if headers["Content-Type"] == "image/png"
    ]
    assert first == second == bytes(300_000)
    assert told["file"]["status"] == "ready"
    assert told["sent"].count(0) == 2
    assert told["sent"][-1] == 300_000


def test_an_upload_that_is_refused_is_not_sent_again(server: Stranger, play):
    place = {"media_id": "one", "upload_url": server.url("/uploads/one")}
    server.answers["/api/v1/media/upload"] = success(place)
    server.answers["/uploads/one"] = refusal(413, "file_too_large", False)

    assert play("upload", size=1_000)["code"] == "file_too_large"
    assert len(server.received) == 2
