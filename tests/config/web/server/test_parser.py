"""Files, readers and uploads, and the room that the web server gives to each."""

import os
import resource
import uuid
from pathlib import Path

import pytest

from config.web.server.serve import possible_connections
from posts.media import uploads
from posts.models import Media
from tests.config.web.server.echoing import MEGABYTE, ended
from tests.config.web.server.serving import END, serving
from tests.until import until

# Files and readers


def test_a_file_is_sent_whole_and_its_descriptor_closed(web, echo):
    before = open_files()
    for _ in range(3):
        assert web.ask(f"GET /file HTTP/1.1\r\nHost: a{END}").body == echo.path.read_bytes()

    until(lambda: open_files() <= before)


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
    until(lambda: not web.server.active_channels)


def test_readers_that_never_read_hold_no_thread(web):
    wires = []
    for path in ("/file", "/large") * 5:
        wires.append(opened := web.wire(4096))
        opened.__enter__().send(f"GET {path} HTTP/1.1\r\nHost: a{END}" * 3)

    assert web.ask(f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2{END}hi").body == b"hi"
    for each in wires:
        each.__exit__(None, None, None)


def test_answers_that_are_not_read_end_the_requests_sent_after_them(web, echo):
    with web.wire(4096) as wire:
        wire.send(f"GET /large HTTP/1.1\r\nHost: a{END}" * 500)
        until(lambda: [c for c in web.server.active_channels.values() if not c.requests])

        (channel,) = web.server.active_channels.values()
        assert channel.pending_bytes < 2 * MEGABYTE
    assert len(echo.bodies) < 5


def test_unread_answers_together_are_bounded(web, monkeypatch):
    monkeypatch.setattr("config.web.server.serve.PENDING_BYTES", MEGABYTE)
    wires = [web.wire(4096) for _ in range(4)]
    for each in wires:
        each.__enter__().send(f"GET /large HTTP/1.1\r\nHost: a{END}")

    until(
        lambda: sum(c.pending_bytes for c in list(web.server.active_channels.values())) <= MEGABYTE
    )
    assert web.ask(f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2{END}hi").body == b"hi"
    for each in wires:
        each.__exit__(None, None, None)


# Room


def upload_head(path: str, more: str) -> str:
    return f"PUT {path} HTTP/1.1\r\nHost: a\r\n{more}{END}"


@pytest.fixture
def upload_path() -> str:
    url = uploads.upload_url(Media(pk=uuid.uuid4(), size_bytes=300_000))
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
        until(lambda: web.server.spool.used_bytes == 1)

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
    monkeypatch.setattr("config.web.server.parser.SMALL_BYTES", MEGABYTE)
    with serving(echo, settings) as web, web.wire() as older, web.wire() as old:
        for wire in (older, old):
            wire.send(f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000{END}")
            wire.send("x" * 450_000)
        until(lambda: web.server.spool.used_bytes == 900_000)

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


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
