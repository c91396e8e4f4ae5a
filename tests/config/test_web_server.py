"""The web server by itself: what it reads, what it refuses, whom it waits for and for how long."""

import errno
import io
import os
import re
import resource
import tempfile
import threading
import time
import uuid
from pathlib import Path

import pytest

from config.web.server import possible_connections
from config.web.watch import Pace, Phase, Watch
from posts import media
from posts.api.parsing import BODY_BYTES
from posts.models import Media
from tests.config.serving import END, Serving, serving

MEGABYTE = 1024 * 1024


class Echo:
    """Answers with what it was sent; `/file` with a file, `/large` with more than anyone reads."""

    def __init__(self, path) -> None:
        self.path = path
        self.bodies: list[bytes] = []
        self.environ: dict = {}
        self.go_on = threading.Event()
        self.go_on.set()

    def __call__(self, environ, start_response):
        self.environ = environ
        self.go_on.wait(30)
        if environ["PATH_INFO"] == "/broken":
            raise RuntimeError("secret words")
        if environ["PATH_INFO"] == "/file":
            start_response("200 OK", [("Content-Length", str(self.path.stat().st_size))])
            return environ["wsgi.file_wrapper"](self.path.open("rb"))
        if environ["PATH_INFO"] == "/stream":
            start_response("200 OK", [("Content-Length", "200000")])
            return environ["wsgi.file_wrapper"](io.BytesIO(b"z" * 200_000))
        body = environ["wsgi.input"].read()
        self.bodies.append(body)
        if environ["PATH_INFO"] == "/large":
            body = b"x" * MEGABYTE
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]


@pytest.fixture
def echo(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"y" * (30 * MEGABYTE))
    return Echo(path)


@pytest.fixture
def web(echo, settings):
    settings.WEB_THREADS = 2
    with serving(echo, settings) as running:
        yield running


@pytest.fixture
def hasty(echo, settings):
    """A server that waits for no client longer than a second or two."""
    settings.WEB_THREADS = 2
    settings.WEB_HEADER_SECONDS = settings.WEB_STALL_SECONDS = 1
    with serving(echo, settings) as running:
        yield running


def test_a_request_on_a_connection_that_is_kept(web, echo):
    with web.wire() as wire:
        for body in ("one", "two"):
            wire.send(f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3{END}{body}")
            assert wire.answer().body == body.encode()

    assert echo.bodies == [b"one", b"two"]


def test_chunks_are_read_as_the_body_they_are(web, echo):
    head = f"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked{END}"

    answer = web.ask(f"{head}5\r\nhello\r\n3;a=b\r\n, w\r\n0\r\n\r\n")

    assert (answer.status, answer.body) == (200, b"hello, w")
    assert echo.environ["CONTENT_LENGTH"] == "8"
    assert "HTTP_TRANSFER_ENCODING" not in echo.environ


def test_a_client_that_waits_for_leave_to_send_gets_it(web):
    with web.wire() as wire:
        wire.send(f"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2{END}")
        assert wire.answer().status == 100
        wire.send("hi")
        assert wire.answer().body == b"hi"


CHUNKED = f"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked{END}"
REFUSED = {
    "a line that ends with LF alone": (400, "validation_error", "GET / HTTP/1.1\nHost: a\n\n"),
    "LF in a header": (400, "validation_error", f"GET / HTTP/1.1\r\nA: b\nC: d{END}"),
    "no request": (400, "validation_error", f"hello{END}"),
    "a header without a name": (400, "validation_error", f"GET / HTTP/1.1\r\n: a{END}"),
    "a length that is none": (
        *(400, "validation_error"),
        f"POST / HTTP/1.1\r\nContent-Length: -1{END}",
    ),
    "two lengths": (
        *(400, "validation_error"),
        f"POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked{END}0\r\n\r\n",
    ),
    "chunks before HTTP had them": (
        *(400, "validation_error"),
        f"POST / HTTP/1.0\r\nTransfer-Encoding: chunked{END}0\r\n\r\n",
    ),
    "a chunk without a size": (400, "validation_error", f"{CHUNKED}none\r\n"),
    "a chunk size without an end": (400, "validation_error", CHUNKED + "0" * 5000),
    "chunks that weigh more than they carry": (
        *(400, "validation_error"),
        CHUNKED + "1;aaaaaaaaaaaaaaaa\r\na\r\n" * 6000,
    ),
    "a body that is too long": (
        *(413, "file_too_large"),
        f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {BODY_BYTES + 1}{END}",
    ),
    "chunks that are too long": (
        *(413, "file_too_large"),
        f"{CHUNKED}{BODY_BYTES + 1:x}\r\n" + "a" * (BODY_BYTES + 1),
    ),
    "an address that is too long": (414, "uri_too_long", "GET /" + "a" * 40_000),
    "headers that are too long": (
        *(431, "headers_too_large"),
        "GET / HTTP/1.1\r\nA: " + "a" * 40_000,
    ),
    "a coding that we do not know": (
        *(501, "not_implemented"),
        f"POST / HTTP/1.1\r\nTransfer-Encoding: gzip{END}",
    ),
    "an upload to an address that is not ours": (
        *(404, "not_found"),
        f"PUT /uploads/forged HTTP/1.1\r\nHost: a\r\nContent-Length: {30 * MEGABYTE}{END}",
    ),
}


@pytest.mark.parametrize("sent", REFUSED)
def test_what_the_server_refuses_is_answered_in_the_envelope(web, echo, sent):
    status, code, text = REFUSED[sent]

    with web.wire() as wire:
        wire.send(text)
        answer = wire.answer()
        assert (answer.status, answer.error["code"]) == (status, code)
        assert answer.error["retryable"] is False
        assert re.fullmatch(r"req_[a-z0-9]{12}", answer.headers["x-request-id"])
        assert wire.is_closed()

    assert echo.bodies == []
    assert web.server.spool.used_bytes == 0


def test_a_refusal_has_the_request_id_that_the_caller_gave(web):
    answer = web.ask(f"GET / HTTP/1.1\r\nX-Request-Id: req_abc123\r\nContent-Length: x{END}")

    assert answer.headers["x-request-id"] == "req_abc123"


def test_a_refusal_is_read_by_a_client_that_goes_on_sending(web):
    with web.wire() as wire:
        wire.send(f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {3 * MEGABYTE}{END}")
        wire.send(b"x" * 3 * MEGABYTE)

        assert wire.answer().error["code"] == "file_too_large"


def test_a_client_that_waits_for_leave_is_refused_before_it_sends(web):
    with web.wire() as wire:
        head = f"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: {10**7}"
        wire.send(head + END)

        assert wire.answer().error["code"] == "file_too_large"


def test_what_follows_a_refused_request_is_never_answered(web, echo):
    with web.wire() as wire:
        inner = f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2{END}hi"
        wire.send(f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {10**7}{END}{inner}")

        assert wire.answer().status == 413
        assert wire.is_closed()
    assert echo.bodies == []


def test_a_bug_of_ours_is_a_retryable_500_that_says_nothing(web):
    answer = web.ask(f"GET /broken HTTP/1.1\r\nHost: a{END}")

    assert (answer.status, answer.error["code"]) == (500, "internal_error")
    assert b"secret" not in answer.body


def test_a_full_disk_is_said_and_the_server_goes_on(web, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    head = f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500000{END}"
    with monkeypatch.context() as away:
        away.setattr(tempfile, "TemporaryFile", full)
        answer = web.ask(head + "x" * 500_000)
        assert (answer.status, answer.error["code"]) == (507, "storage_full")

    assert web.ask(head + "x" * 500_000).status == 200
    assert web.server.spool.used_bytes == 0


def test_an_answer_that_finds_no_room_ends_its_connection_alone(web, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as away, web.wire(4096) as wire:
        away.setattr(tempfile, "TemporaryFile", full)
        wire.send(f"GET /large HTTP/1.1\r\nHost: a{END}")
        assert ended(wire) <= MEGABYTE + 1000
        wait_until(lambda: not web.server.active_channels)

    assert len(web.ask(f"GET /large HTTP/1.1\r\nHost: a{END}").body) == MEGABYTE


# Files and readers


def test_a_file_is_sent_whole_and_its_descriptor_closed(web, echo):
    before = open_files()
    for _ in range(3):
        assert web.ask(f"GET /file HTTP/1.1\r\nHost: a{END}").body == echo.path.read_bytes()

    wait_until(lambda: open_files() <= before)


def test_an_empty_file_is_an_answer(web, echo):
    echo.path.write_bytes(b"")

    assert web.ask(f"GET /file HTTP/1.1\r\nHost: a{END}").body == b""


def test_what_is_no_file_on_this_machine_is_sent_too(web):
    assert web.ask(f"GET /stream HTTP/1.1\r\nHost: a{END}").body == b"z" * 200_000


def test_a_file_that_becomes_shorter_ends_its_connection_early(web, echo):
    with web.wire(4096) as wire:
        wire.send(f"GET /file HTTP/1.1\r\nHost: a{END}")
        wire.socket.recv(1)
        os.truncate(echo.path, 0)

        assert ended(wire) < 30 * MEGABYTE
    wait_until(lambda: not web.server.active_channels)


def test_readers_that_never_read_hold_no_thread(web):
    wires = []
    for path in ("/file", "/large") * 5:
        wires.append(opened := web.wire(4096))
        opened.__enter__().send(f"GET {path} HTTP/1.1\r\nHost: a{END}" * 3)

    answer = web.ask(f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2{END}hi")

    assert answer.body == b"hi"
    for each in wires:
        each.__exit__(None, None, None)


def test_answers_that_are_not_read_end_the_requests_sent_after_them(web, echo):
    with web.wire(4096) as wire:
        wire.send(f"GET /large HTTP/1.1\r\nHost: a{END}" * 500)
        wait_until(lambda: [c for c in web.server.active_channels.values() if not c.requests])

        (channel,) = web.server.active_channels.values()
        assert channel.pending_bytes < 2 * MEGABYTE
    assert len(echo.bodies) < 5


def test_unread_answers_together_are_bounded(web, monkeypatch):
    monkeypatch.setattr("config.web.server.PENDING_BYTES", MEGABYTE)
    wires = [web.wire(4096) for _ in range(4)]
    for each in wires:
        each.__enter__().send(f"GET /large HTTP/1.1\r\nHost: a{END}")

    wait_until(
        lambda: sum(c.pending_bytes for c in list(web.server.active_channels.values())) <= MEGABYTE
    )
    assert web.ask(f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2{END}hi").body == b"hi"
    for each in wires:
        each.__exit__(None, None, None)


# Deadlines


def test_a_header_that_comes_byte_by_byte_ends_at_its_deadline(hasty: Serving):
    assert_cut_while_dripping(hasty, "GET / HTTP/1.1\r\nA: ")


def test_a_body_that_comes_byte_by_byte_ends_at_its_deadline(hasty: Serving):
    assert_cut_while_dripping(hasty, f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000{END}")


def assert_cut_while_dripping(hasty: Serving, text: str) -> None:
    with hasty.wire() as wire:
        wire.send(text)
        wire.socket.settimeout(0.2)
        began = time.monotonic()
        answer = None
        while answer is None and time.monotonic() - began < 30:
            wire.send("a")
            try:
                answer = wire.answer()
            except TimeoutError:
                continue
        assert answer is not None
        assert (answer.status, answer.error["code"]) == (408, "request_timeout")
        assert answer.error["retryable"] is True
    assert hasty.server.spool.used_bytes == 0


def test_a_reader_who_takes_a_byte_now_and_then_is_cut(hasty: Serving):
    with hasty.wire(4096) as wire:
        wire.send(f"GET /file HTTP/1.1\r\nHost: a{END}")
        wire.socket.recv(1)
        wait_until(lambda: not hasty.server.active_channels)


def test_one_who_sends_and_reads_steadily_is_not_cut(hasty: Serving, echo):
    with hasty.wire(4096) as wire:
        wire.send(f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 40000{END}")
        for _ in range(40):
            time.sleep(0.1)
            wire.send("x" * 1000)
        assert wire.answer().body == b"x" * 40_000


def test_a_request_that_is_worked_on_has_no_deadline_here(hasty: Serving, echo):
    echo.go_on.clear()
    with hasty.wire() as wire:
        wire.send(f"GET / HTTP/1.1\r\nHost: a{END}")
        time.sleep(3)
        echo.go_on.set()
        assert wire.answer().status == 200


def test_a_connection_may_be_quiet_between_requests_until_it_is_idle_too_long(echo, settings):
    settings.WEB_IDLE_SECONDS = 1
    with serving(echo, settings) as web, web.wire() as wire:
        wire.send(f"GET / HTTP/1.1\r\nHost: a{END}")
        assert wire.answer().status == 200
        assert wire.is_closed()


PACE = Pace(
    header_seconds=10,
    idle_seconds=75,
    stall_seconds=30,
    bytes_per_second=1000,
    transfer_seconds=3600,
)


@pytest.mark.parametrize(
    ("phase", "rate", "seconds"),
    [
        (Phase.HEADER, 100, 11),
        (Phase.IDLE, 0, 76),
        (Phase.BODY, 999, 30),
        (Phase.BODY, 2000, 3601),
        (Phase.ANSWER, 0, 30),
        (Phase.ANSWER, 2000, 3601),
        (Phase.LINGER, 2000, 6),
        (Phase.WORK, 0, None),
    ],
)
def test_each_phase_of_a_connection_has_its_deadline(phase, rate, seconds):
    watch = Watch(PACE, 0)
    late = (now for now in range(1, 5000) if watch.is_late(phase, 1, rate * now, now))

    assert next(late, None) == (None if seconds is None else seconds + 1)


# Room


def upload_head(path: str, more: str) -> str:
    return f"PUT {path} HTTP/1.1\r\nHost: a\r\n{more}{END}"


@pytest.fixture
def upload_path() -> str:
    url = media.upload_url(Media(pk=uuid.uuid4(), size_bytes=300_000))
    return url.removeprefix("http://127.0.0.1:8000")


def test_an_upload_may_be_as_long_as_it_was_announced_and_no_longer(web, echo, upload_path):
    sent = upload_head(upload_path, "Content-Length: 300000") + "x" * 300_000
    assert web.ask(sent).status == 200

    head = upload_head(upload_path, "Transfer-Encoding: chunked")
    answer = web.ask(f"{head}493e1\r\n{'x' * 300_001}\r\n0\r\n\r\n")
    assert (answer.status, answer.error["code"]) == (413, "file_too_large")
    assert echo.bodies == [b"x" * 300_000]
    assert web.server.spool.used_bytes == 0


def test_an_upload_url_takes_one_upload_at_a_time(web, upload_path):
    head = upload_head(upload_path, "Content-Length: 300000")
    with web.wire() as first:
        first.send(head + "x")
        wait_until(lambda: web.server.spool.used_bytes == 1)

        answer = web.ask(head)
        assert (answer.status, answer.error["code"]) == (409, "conflict")
        assert (answer.error["retryable"], answer.headers["retry-after"]) == (True, "30")
        first.send("x" * 299_999)
        assert first.answer().status == 200
    assert web.ask(head + "x" * 300_000).status == 200


def test_uploads_together_take_no_more_than_their_room(echo, settings, upload_path):
    settings.WEB_SPOOL_BYTES = 200_000
    with serving(echo, settings) as web:
        answer = web.ask(upload_head(upload_path, "Content-Length: 300000") + "x" * 250_000)

        assert (answer.status, answer.error["code"]) == (503, "service_unavailable")
        assert web.ask(f"GET / HTTP/1.1\r\nHost: a{END}").status == 200
        assert web.server.spool.used_bytes == 0


@pytest.mark.parametrize(
    ("soft", "hard", "possible", "raised"),
    [
        (1024, 1024, 170, None),
        (1024, 1_000_000, 4000, 12_512),
        (1_000_000, 1_000_000, 4000, None),
        (100, 100, 1, None),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, 4000, None),
    ],
)
def test_connections_are_as_many_as_there_may_be_open_files(
    monkeypatch, soft, hard, possible, raised
):
    asked = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: asked.append(limits))

    assert possible_connections(4000) == possible
    assert asked == ([(raised, hard)] if raised else [])


def test_bodies_that_dawdle_make_room_for_new_ones(echo, settings, monkeypatch):
    monkeypatch.setattr("config.web.spool.SMALL_BYTES", MEGABYTE)
    with serving(echo, settings) as web, web.wire() as older, web.wire() as old:
        for wire in (older, old):
            wire.send(f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000{END}")
            wire.send("x" * 450_000)
        wait_until(lambda: web.server.spool.used_bytes == 900_000)

        head = f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000{END}"
        assert web.ask(head + "x" * 200_000).status == 200

        refused = older.answer()
        assert (refused.status, refused.error["code"]) == (503, "service_unavailable")
        assert refused.headers["retry-after"] == "30"


def test_a_new_connection_takes_the_place_of_the_oldest_silent_one(echo, settings):
    settings.WEB_CONNECTIONS = 5
    with serving(echo, settings) as web:
        silent = [web.wire() for _ in range(8)]
        for each in silent:
            each.__enter__()

        for _ in range(3):
            assert web.ask(f"GET / HTTP/1.1\r\nHost: a{END}").status == 200
        for each in silent:
            each.__exit__(None, None, None)


# Stopping


def test_what_has_begun_is_finished_when_the_server_stops(echo, settings):
    echo.go_on.clear()
    with serving(echo, settings) as web, web.wire() as idle, web.wire() as wire:
        wire.send(f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2{END}hi")
        wait_until(lambda: echo.environ)
        web.server.stop()
        assert idle.is_closed()
        echo.go_on.set()

        assert wire.answer().body == b"hi"


def test_a_server_that_has_stopped_can_be_told_again(echo, settings):
    with serving(echo, settings) as web:
        web.server.stop()
        web.thread.join(30)
        assert not web.thread.is_alive()

        web.server.stop()


# Who asks


@pytest.mark.parametrize(
    ("trusted", "forwarded", "address"),
    [
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1,10.0.0.0/8", "6.6.6.6, 203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("127.0.0.1", "6.6.6.6, unknown", "127.0.0.1"),
        ("10.0.0.0/8", "203.0.113.9", "127.0.0.1"),
    ],
)
def test_a_proxy_of_ours_tells_who_asks_and_nobody_else_does(
    echo, settings, trusted, forwarded, address
):
    from config.web import forwarded as module

    settings.WEB_TRUSTED_PROXIES = module.networks(trusted)
    with serving(echo, settings) as web:
        head = f"GET / HTTP/1.1\r\nX-Forwarded-For: {forwarded}\r\nX-Forwarded-Proto: https"
        web.ask(head + END)

    assert echo.environ["REMOTE_ADDR"] == address
    believed = trusted.startswith("127")
    assert echo.environ.get("HTTP_X_FORWARDED_PROTO") == ("https" if believed else None)


def ended(wire) -> int:
    """How many bytes came until the server closed the connection."""
    count = 0
    try:
        while piece := wire.socket.recv(65536):
            count += len(piece)
    except ConnectionResetError:
        pass
    return count


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def wait_until(condition) -> None:
    give_up_at = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < give_up_at
        time.sleep(0.02)
