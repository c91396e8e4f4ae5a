"""Probes and the admin's login are answered while every other thread is busy."""

import sys
import threading
from contextlib import ExitStack

import pytest

from config.web.server.threads import RESERVED, SWITCH_SECONDS
from config.wsgi import application
from tests.config.web.server.serving import END, serving
from tests.until import until

THREADS = 8


@pytest.fixture
def _as_in_web():
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    yield
    sys.setswitchinterval(before)


class Busy:
    """Django, and requests that end only when they are told to: /wait, and /reckon by itself."""

    def __init__(self) -> None:
        self.over = threading.Event()

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] not in ("/wait", "/reckon"):
            return application(environ, start_response)
        while not self.over.is_set():
            if environ["PATH_INFO"] == "/wait":
                self.over.wait()
            sum(number * number for number in range(1_000))
        start_response("200 OK", [("Content-Length", "0")])
        return []


@pytest.mark.parametrize("reckoning", [0, 2])
@pytest.mark.usefixtures("transactional_db", "_as_in_web")
def test_they_are_answered_while_all_threads_are_busy(settings, reckoning):
    settings.WEB_THREADS, settings.ALLOWED_HOSTS = THREADS, ["*"]
    busy = Busy()
    with serving(busy, settings) as running, ExitStack() as held:
        held.callback(busy.over.set)
        # The first answer of a process imports much.
        for path in RESERVED:
            asked(running, path)
        # As many again are queued.
        for number in range(2 * THREADS):
            wire = held.enter_context(running.wire())
            path = "/reckon" if number < reckoning else "/wait"
            wire.send(f"GET {path} HTTP/1.1\r\nHost: a{END}")
        until(lambda: len(running.server.task_dispatcher.queue) == THREADS)

        for path in RESERVED:
            asked(running, path)

        assert not busy.over.is_set()


def asked(running, path: str) -> None:
    assert running.ask(f"GET {path} HTTP/1.1\r\nHost: a{END}").status in (200, 503)
