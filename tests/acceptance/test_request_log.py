"""The log of API requests, written by a real web process."""

import httpx
import psycopg
import pytest

from tests.acceptance.stack import Stack

NAME = "logging"


@pytest.fixture
def key(stack: Stack) -> str:
    return stack.team(x=1).http.headers["Authorization"].removeprefix("Bearer ")


@pytest.fixture
def api(stack: Stack, key: str) -> httpx.Client:
    return stack.client(f"{stack.url}/api/v1/", key)


def call(api: httpx.Client, times: int = 1) -> list[str]:
    """The ids of so many requests that were answered."""
    answers = [api.get("me") for _ in range(times)]
    assert {each.status_code for each in answers} == {200}
    return [each.headers["X-Request-Id"] for each in answers]


def logged(stack: Stack, ids: list[str]) -> int:
    sql = "SELECT count(*) FROM posts_apirequest WHERE request_id = ANY (%s)"
    return int(stack.rows(sql, ids)[0][0])


def test_requests_are_in_the_log_within_a_moment(stack: Stack, api: httpx.Client):
    ids = call(api, 3)

    stack.wait("they are in the log", lambda: logged(stack, ids) == 3)


def test_the_last_requests_are_written_when_web_stops(stack: Stack, key: str):
    api = stack.client(f"{stack.start_web(NAME)}/api/v1/", key)
    ids = call(api, 5)
    refused = httpx.get(str(api.base_url.join("me")), trust_env=False)
    assert refused.status_code == 401

    assert stack.stop(NAME) == 0

    assert logged(stack, [*ids, refused.headers["X-Request-Id"]]) == 6


def test_a_log_that_cannot_be_written_delays_no_answer(stack: Stack, api: httpx.Client):
    with psycopg.connect(stack.database_url) as connection:
        connection.execute("LOCK TABLE posts_apirequest IN ACCESS EXCLUSIVE MODE")
        ids = call(api, 20)

    stack.wait("they are in the log", lambda: logged(stack, ids) == 20)
