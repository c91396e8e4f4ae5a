"""Whether our own web host answers."""

import asyncio
import time
from collections.abc import Iterator

import pytest

from deploy.local.embedded import free_port
from platforms.http import media_host
from platforms.http.media_host import MediaHost
from platforms.http.transport import Transport
from tests import strangers


@pytest.fixture
def web() -> Iterator[strangers.Stranger]:
    with strangers.stranger() as found:
        yield found


def answers(url: str, times: int = 1) -> list[bool]:
    async def ask() -> list[bool]:
        transport = Transport()
        host = MediaHost(transport)
        try:
            return list(await asyncio.gather(*(host.answers(url) for _ in range(times))))
        finally:
            await transport.close()

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("status", "is_there"),
    [(200, True), (206, True), (302, True), (403, True), (404, True), (500, False), (502, False)],
)
def test_any_answer_but_a_server_error_counts(web: strangers.Stranger, status, is_there):
    web.answers["/a"] = strangers.whole(b"x", status)

    assert answers(web.url("/a")) == [is_there]


def test_a_closed_port_is_no_answer():
    assert answers(f"http://127.0.0.1:{free_port()}/a") == [False]


def test_a_silent_host_times_out(web: strangers.Stranger, monkeypatch):
    monkeypatch.setattr(media_host, "TIMEOUT_SECONDS", 0.2)
    web.answers["/a"] = lambda to: web.over.wait()

    assert answers(web.url("/a")) == [False]


def test_simultaneous_callers_share_one_request(web: strangers.Stranger):
    web.gives("/a", b"x" * 1000)

    assert answers(web.url("/a"), times=50) == [True] * 50
    assert len(web.asked) == 1


def test_the_body_of_a_large_file_is_not_read(web: strangers.Stranger):
    sent = 0

    def endless(to) -> None:
        nonlocal sent
        to.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
        while not web.over.is_set():
            sent += to.wfile.write(bytes(1024 * 1024))

    web.answers["/a"] = endless

    assert answers(web.url("/a")) == [True]
    time.sleep(0.1)
    assert sent < 20 * 1024 * 1024
