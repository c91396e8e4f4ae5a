"""What the web server reads, what it refuses and what it says then."""

import errno
import os
import re
import tempfile

import pytest

from posts.api.parsers import BODY_BYTES
from tests.config.web.server.echoing import MEGABYTE, ended
from tests.config.web.server.serving import END, serving
from tests.until import until


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
#: Answered as a request of its own, where its length is not understood.
INNER = f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2{END}hi"
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
    "a length in a line that continues another header": (
        *(400, "validation_error"),
        f"POST / HTTP/1.1\r\nHost: a\r\n\tContent-Length: {len(INNER)}{END}{INNER}",
    ),
    "a length that goes on in the next line": (
        *(400, "validation_error"),
        f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n {len(INNER)}{END}{INNER}",
    ),
    "a tab before the colon of the length": (
        *(400, "validation_error"),
        f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length\t: {len(INNER)}{END}{INNER}",
    ),
    "a space before the colon of the length": (
        *(400, "validation_error"),
        f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length : {len(INNER)}{END}{INNER}",
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
    "a long address and its headers in one piece": (
        *(414, "uri_too_long"),
        "GET /" + "a" * 40_000 + f" HTTP/1.1\r\nHost: a{END}",
    ),
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
        until(lambda: not web.server.active_channels)

    assert len(web.ask(f"GET /large HTTP/1.1\r\nHost: a{END}").body) == MEGABYTE


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
def test_only_a_trusted_proxy_sets_the_clients_address(echo, settings, trusted, forwarded, address):
    from config.web import proxies as module

    settings.WEB_TRUSTED_PROXIES = module.networks(trusted)
    with serving(echo, settings) as web:
        head = f"GET / HTTP/1.1\r\nX-Forwarded-For: {forwarded}\r\nX-Forwarded-Proto: https"
        web.ask(head + END)

    assert echo.environ["REMOTE_ADDR"] == address
    believed = trusted.startswith("127")
    assert echo.environ.get("HTTP_X_FORWARDED_PROTO") == ("https" if believed else None)
