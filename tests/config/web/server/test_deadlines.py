"""Whom the web server waits for and for how long, also when it stops."""

import time

import pytest

from config.web.server import serve
from config.web.server.deadlines import Deadlines, Phase, TimeLimits
from tests.config.web.server.serving import END, Serving, serving
from tests.until import until


@pytest.fixture(autouse=True)
def _short_ticks(monkeypatch) -> None:
    monkeypatch.setattr(serve, "TICK_SECONDS", 0.1)


@pytest.fixture
def hasty(echo, settings):
    """A server that waits for no client longer than about a second."""
    settings.WEB_THREADS = 2
    settings.WEB_HEADER_SECONDS = settings.WEB_STALL_SECONDS = 0.7
    with serving(echo, settings) as running:
        yield running


# Deadlines


def test_a_header_that_comes_byte_by_byte_ends_at_its_deadline(hasty: Serving):
    assert_cut_while_dripping(hasty, "GET / HTTP/1.1\r\nA: ")


def test_a_body_that_comes_byte_by_byte_ends_at_its_deadline(hasty: Serving):
    assert_cut_while_dripping(hasty, f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000{END}")


def assert_cut_while_dripping(hasty: Serving, text: str) -> None:
    with hasty.wire() as wire:
        wire.send(text)
        wire.socket.settimeout(0.1)
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
        until(lambda: not hasty.server.active_channels)


def test_one_who_sends_and_reads_steadily_is_not_cut(hasty: Serving, echo):
    with hasty.wire(4096) as wire:
        wire.send(f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 25000{END}")
        for _ in range(25):
            time.sleep(0.1)
            wire.send("x" * 1000)
        assert wire.answer().body == b"x" * 25_000


def test_a_request_that_is_worked_on_has_no_deadline_here(hasty: Serving, echo):
    echo.go_on.clear()
    with hasty.wire() as wire:
        wire.send(f"GET / HTTP/1.1\r\nHost: a{END}")
        time.sleep(2)
        echo.go_on.set()
        assert wire.answer().status == 200


def test_a_connection_may_be_quiet_between_requests_until_it_is_idle_too_long(echo, settings):
    settings.WEB_IDLE_SECONDS = 0.5
    with serving(echo, settings) as web, web.wire() as wire:
        wire.send(f"GET / HTTP/1.1\r\nHost: a{END}")
        assert wire.answer().status == 200
        assert wire.is_closed()


LIMITS = TimeLimits(
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
    deadlines = Deadlines(LIMITS, 0)
    late = (now for now in range(1, 5000) if deadlines.is_late(phase, 1, rate * now, now))

    assert next(late, None) == (None if seconds is None else seconds + 1)


# Stopping


def test_what_has_begun_is_finished_when_the_server_stops(echo, settings):
    echo.go_on.clear()
    with serving(echo, settings) as web, web.wire() as idle, web.wire() as wire:
        wire.send(f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2{END}hi")
        until(lambda: echo.environ)
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


def test_a_server_that_ends_before_its_stop_has_woken_it_stops_cleanly(echo, settings, monkeypatch):
    with serving(echo, settings) as web:
        wake = web.server.pull_trigger

        def wake_late() -> None:
            web.thread.join(0.5)  # the loop has woken by itself by now
            wake()

        monkeypatch.setattr(web.server, "pull_trigger", wake_late)
        web.server.stop()
        web.thread.join(30)
        assert not web.thread.is_alive()
