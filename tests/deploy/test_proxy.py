"""The reverse proxy of compose.yaml as it is shipped, really run, in front of our web server."""

import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from config.observability.probes import PROBES
from posts.api import parsers
from tests.config.web.server.echoing import Echo
from tests.config.web.server.serving import END, Answer, Serving, Wire, serving
from tests.deploy.proxying import SECOND_HOST, ask, proxying

pytestmark = pytest.mark.needs("caddy")


@pytest.fixture
def echo(tmp_path):
    (tmp_path / "file").write_bytes(b"y" * 5_000_000)
    return Echo(tmp_path / "file")


@pytest.fixture
def web(echo, settings) -> Iterator[Serving]:
    settings.WEB_THREADS = 2
    with serving(echo, settings) as running:
        yield running


@pytest.fixture
def proxy(web: Serving, tmp_path: Path) -> Iterator[int]:
    with proxying(tmp_path, web.port) as port:
        yield port


def test_requests_and_files_pass_through_the_proxy(proxy: int, echo: Echo):
    answer = ask(proxy, f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2{END}hi")
    file = ask(proxy, f"GET /file HTTP/1.1\r\nHost: 127.0.0.1{END}")

    assert (answer.status, answer.body) == (200, b"hi")
    assert (file.status, len(file.body)) == (200, 5_000_000)


def test_no_request_has_anothers_body_although_a_host_of_web_is_down(tmp_path: Path, web: Serving):
    """Debian's Caddy 2.6.2 mixed them up, and went on so when the host was back."""
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        down = f"127.0.0.1:{unheard.getsockname()[1]}"
        with proxying(tmp_path, web.port, down) as port, ThreadPoolExecutor(8) as callers:
            bodies = [f"body {number:04d}" for number in range(160)]
            answers = list(callers.map(partial(echoed, port), bodies))

    taken = [
        (body, got.body.decode())
        for body, got in zip(bodies, answers, strict=True)
        if got.status == 200
    ]
    assert taken
    assert [pair for pair in taken if pair[0] != pair[1]] == []


def echoed(port: int, body: str) -> Answer:
    return ask(
        port, f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}{END}{body}"
    )


def test_a_second_host_reaches_web_under_its_own_name(proxy: int, echo: Echo):
    assert ask(proxy, f"GET / HTTP/1.1\r\nHost: {SECOND_HOST}{END}").status == 200
    assert echo.environ["HTTP_HOST"] == SECOND_HOST


def test_web_learns_from_the_proxy_who_asks_and_how_and_from_no_one_else(proxy: int, echo: Echo):
    claims = "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https"
    ask(proxy, f"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n{claims}{END}")

    assert echo.environ["REMOTE_ADDR"] == "127.0.0.1"
    assert echo.environ["HTTP_X_FORWARDED_FOR"] == "127.0.0.1"
    assert echo.environ["HTTP_X_FORWARDED_PROTO"] == "http"


@pytest.mark.parametrize("given", ["", "nonsense", '{{env "HOME"}}', "req_abc123"])
def test_the_request_id_of_the_api_is_the_proxys_too(proxy: int, echo: Echo, given: str):
    ask(proxy, f"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Request-Id: {given}{END}")

    passed_on = echo.environ["HTTP_X_REQUEST_ID"]
    assert re.fullmatch(r"req_[a-z0-9]{6,32}", passed_on)
    assert (passed_on == given) is (given == "req_abc123")


@pytest.mark.parametrize("given", ["", '{{env "HOME"}}', "req_abc123"])
def test_while_web_is_away_the_proxy_answers_in_the_envelope(tmp_path: Path, given: str):
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        with proxying(tmp_path, unheard.getsockname()[1]) as port:
            head = f"POST /api/v1/posts HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Request-Id: {given}"
            answer = ask(port, f"{head}\r\nContent-Length: 2{END}{{}}")

    assert answer.status in (502, 503)
    assert answer.error["code"] == "service_unavailable"
    assert answer.error["retryable"] is True
    assert re.fullmatch(r"req_[a-z0-9]{6,32}", answer.headers["x-request-id"])
    assert given != "req_abc123" or answer.headers["x-request-id"] == given
    assert "/api/v1/posts" not in (tmp_path / "log").read_text()


def test_requests_wait_for_a_web_that_restarts(tmp_path: Path, echo: Echo, settings):
    with serving(echo, settings) as first:
        port = first.port
    with proxying(tmp_path, port) as proxied, closing(Wire(proxied)) as wire:
        wire.send(f"GET / HTTP/1.1\r\nHost: 127.0.0.1{END}")
        time.sleep(0.3)
        with serving(echo, settings, port):
            assert wire.answer().status == 200


def test_a_body_waits_too_or_its_sender_is_told_to_send_it_again(
    tmp_path: Path, echo: Echo, settings
):
    """Debian's Caddy 2.6.2 has no body left for a second try."""
    with serving(echo, settings) as first:
        port = first.port
    with proxying(tmp_path, port) as proxied, closing(Wire(proxied)) as wire:
        wire.send(f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2{END}hi")
        time.sleep(0.3)
        with serving(echo, settings, port):
            answer = wire.answer()
    if answer.status == 502:
        assert (answer.error["code"], answer.error["retryable"]) == ("service_unavailable", True)
    assert (answer.status, echo.bodies) in [(502, []), (200, [b"hi"])]


@pytest.mark.parametrize("length", [parsers.BODY_BYTES + 1, 1_999_999, 2_000_000, 10**8])
def test_a_body_that_is_too_long_is_refused_in_the_envelope(proxy: int, echo: Echo, length: int):
    head = f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}{END}"
    answer = ask(proxy, head.encode() + b"x" * min(length, 2_000_000))

    assert (answer.status, answer.error["code"]) == (413, "file_too_large")
    assert echo.bodies == []


@pytest.mark.parametrize("length", [parsers.BODY_BYTES + 1, 3_000_000])
def test_chunks_that_are_too_long_are_refused_in_the_envelope(proxy: int, echo: Echo, length: int):
    head = f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked{END}"
    answer = ask(proxy, f"{head}{length:x}\r\n{'x' * length}\r\n0\r\n\r\n")

    assert (answer.status, answer.error["code"]) == (413, "file_too_large")
    assert echo.bodies == []


def test_an_error_of_web_passes_the_proxy_as_it_is(proxy: int):
    answer = ask(
        proxy, f"PUT /uploads/forged HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3{END}abc"
    )

    assert (answer.status, answer.error["code"]) == (404, "not_found")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize(
    "target",
    ["/readyz", "/readyz?strict", "/metrics", "/%72eadyz", "/metric%73", "http://127.0.0.1/readyz"],
)
def test_what_tells_how_publishing_goes_is_not_there_from_outside(
    proxy: int, echo: Echo, method: str, target: str
):
    head = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Request-Id: req_abc123"
    answer = ask(proxy, f"{head}\r\nAuthorization: Bearer x\r\nContent-Length: 0{END}", method)

    assert echo.environ == {}
    assert answer.status == 404
    assert answer.headers["x-request-id"] == "req_abc123"
    if method != "HEAD":
        refusal = {"message": "There is no such endpoint.", "code": "not_found", "retryable": False}
        assert answer.error == refusal


@pytest.mark.parametrize(
    "target",
    ["//readyz", "/x/../readyz", "/./metrics", "/readyz/", "///%2Freadyz", "//127.0.0.1/readyz"],
)
def test_no_spelling_of_a_path_leads_to_it_from_outside(proxy: int, echo: Echo, target: str):
    answer = ask(proxy, f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1{END}")

    assert answer.status == 404 or echo.environ["PATH_INFO"] not in PROBES


@pytest.mark.parametrize("path", ["/healthz", "/readyz-of-ours", "/media/metrics", "/mcp"])
def test_other_paths_pass_the_proxy(proxy: int, echo: Echo, path: str):
    assert ask(proxy, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1{END}").status == 200
    assert echo.environ["PATH_INFO"] == path


def test_bodies_reach_web_whole(proxy: int, echo: Echo):
    with closing(Wire(proxy)) as wire:
        wire.send(f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5000{END}abc")
        time.sleep(0.5)

        assert echo.bodies == []
        wire.send("x" * 4997)
        assert wire.answer().status == 200
