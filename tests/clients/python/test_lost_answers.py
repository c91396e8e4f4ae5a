"""A network between client and server that loses answers: everything is done once, and told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from types import ModuleType

import httpx
import pytest

from tests import http_server
from tests.clients.published.ground import Ground

#: What happens to a request: sent on, or sent on and its answer lost, or answered on the way.
PASS, LOSE = "pass", "lose"
BUSY = (429, {"Retry-After": "1"}, b"{}")
AWAY = (503, {}, b"<html>away</html>")


@dataclass
class Between:
    """A server in front of the real one; `happens` is used up, then everything passes."""

    url: str = ""
    happens: list = field(default_factory=list)
    keys: list = field(default_factory=list)


@pytest.fixture
def between(ground: Ground) -> Iterator[Between]:
    told = Between()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            told.keys.append(self.headers["Idempotency-Key"])
            happens = told.happens.pop(0) if told.happens else PASS
            if happens not in (PASS, LOSE):
                return answer(self, *happens)
            url, headers = ground.stack.url + self.path, dict(self.headers)
            done = httpx.request(
                self.command, url, content=body, headers=headers, trust_env=False, timeout=30
            )
            if happens == LOSE:
                self.close_connection = True
                return None
            return answer(self, done.status_code, {}, done.content)

        def do_GET(self) -> None:
            self.do_POST()

    with http_server.serving(Handler) as told.url:
        yield told


def answer(to: BaseHTTPRequestHandler, status: int, headers: dict, body: bytes):
    to.send_response(status)
    for name, value in {**headers, "Content-Length": str(len(body))}.items():
        to.send_header(name, value)
    to.end_headers()
    to.wfile.write(body)


@pytest.fixture
def connect(dovecote: ModuleType, ground: Ground, between: Between) -> Callable:
    def connect(**options):
        return dovecote.Client(between.url, ground.key, **options)

    return connect


def test_a_post_whose_answers_are_lost_is_made_once(connect, between: Between, ground: Ground):
    between.happens = [AWAY, LOSE, BUSY, LOSE]
    with connect() as client:
        post = client.posts.create("Only once", account_ids=ground.accounts)
        first, *others = between.keys
        assert post.wait().all_published
        assert [each.id for each in client.posts.list()] == [post.id]

    assert first
    assert others == [first] * 4
    assert ground.on_the_wall("Only once") == ground.places()


def test_what_stays_lost_says_so_and_can_be_asked_for_again(
    dovecote: ModuleType, connect, between: Between, ground: Ground
):
    between.happens = [LOSE] * 100
    with connect(patience=2) as client, pytest.raises(dovecote.NoAnswer) as error:
        client.posts.create("Perhaps", account_ids=ground.accounts)
    between.happens = []
    with connect() as client:
        again = client.posts.create(
            "Perhaps", account_ids=ground.accounts, idempotency_key=error.value.idempotency_key
        )
        assert [each.id for each in client.posts.list()] == [again.id]

    assert error.value.may_be_done
    assert error.value.idempotency_key in str(error.value)


def test_a_server_that_is_not_there_has_done_nothing(dovecote: ModuleType):
    with (
        dovecote.Client("http://127.0.0.1:9", "key", patience=1) as client,
        pytest.raises(dovecote.NoAnswer) as error,
    ):
        client.posts.create("Never", account_ids=[1])

    assert not error.value.may_be_done


def test_a_limit_that_ends_too_late_is_told_at_once(
    dovecote: ModuleType, connect, between: Between
):
    between.happens = [(429, {"Retry-After": "600"}, b"{}")]
    with connect(patience=30) as client, pytest.raises(dovecote.ApiError) as error:
        client.me.get()

    assert error.value.retry_after == 600
    assert len(between.keys) == 1


def test_a_refusal_carries_what_the_api_says_of_it(dovecote: ModuleType, connect):
    with connect() as client, pytest.raises(dovecote.errors.ValidationError) as error:
        client.posts.create("To no account", account_ids=[])

    refused = error.value
    assert (refused.status, refused.code, refused.actor) == (400, "validation_error", "customer")
    assert refused.message in str(refused)
    assert refused.details["validation_errors"]
    assert refused.request_id
    assert not refused.retryable


def test_a_code_that_is_not_known_yet_is_an_api_error(dovecote: ModuleType, connect, between):
    body = b'{"error": {"code": "quite_new", "message": "New.", "retryable": false}, "meta": {}}'
    between.happens = [(418, {}, body)]
    with connect() as client, pytest.raises(dovecote.ApiError, match="New") as error:
        client.me.get()

    assert error.value.code == "quite_new"


def test_address_and_key_come_from_the_environment(
    dovecote: ModuleType, ground: Ground, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DOVECOTE_URL", f"{ground.stack.url}/api/v1/")
    monkeypatch.setenv("DOVECOTE_API_KEY", ground.key)
    with dovecote.Client() as client:
        assert client.me.get().scopes
    monkeypatch.delenv("DOVECOTE_API_KEY")
    with pytest.raises(ValueError, match="DOVECOTE_API_KEY"):
        dovecote.Client()
