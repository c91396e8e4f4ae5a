"""A POST goes to the addresses that were checked, and to no others."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from platforms.http import pinned_post
from platforms.http.failures import NoAnswer, NotSent
from platforms.http.pinned_post import Reply
from tests.tls import Authority
from tests.until import CONNECT_SECONDS


class Server:
    """Answers each request with `answer`, and closes or `hangs`; keeps what it was sent."""

    def __init__(
        self, answer: bytes, tls: ssl.SSLContext | None = None, *, hangs: bool = False
    ) -> None:
        self.answer, self.tls, self.hangs = answer, tls, hangs
        self.requests: list[bytes] = []
        self._handlers: list[asyncio.Task[None]] = []

    def post(self, url: str, *addresses: str, seconds: float = 5, most_bytes: int = 100) -> Reply:
        """POST to this URL with `{port}` filled in."""
        return asyncio.run(self._post(url, addresses or ("127.0.0.1",), seconds, most_bytes))

    async def _post(
        self, url: str, addresses: tuple[str, ...], seconds: float, most_bytes: int
    ) -> Reply:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
        try:
            return await pinned_post.post(
                url.format(port=server.sockets[0].getsockname()[1]),
                addresses,
                headers={"X-Test": "1"},
                body=b"body",
                seconds=seconds,
                most_bytes=most_bytes,
            )
        finally:
            server.close()
            await asyncio.gather(*self._handlers)

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._handlers.append(asyncio.create_task(self._answer(reader, writer)))

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.requests.append(await reader.readuntil(b"body"))
        writer.write(self.answer)
        if self.hangs:
            await reader.read()  # until the client has gone
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def answer(status: str = "200 OK", body: bytes = b"", *headers: str) -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers])
    return f"{head}\r\n\r\n".encode() + body


def test_the_name_is_not_resolved_again_and_stays_in_the_host_header() -> None:
    server = Server(answer(body=b"thanks"))
    reply = server.post("http://no-such-host.invalid:{port}/a%2Fb?c=%C3%BC&d=ü")
    assert (reply.status, reply.content) == (200, b"thanks")
    (request,) = server.requests
    assert request.startswith(b"POST /a%2Fb?c=%C3%BC&d=%C3%BC HTTP/1.1\r\n")
    assert b"Host: no-such-host.invalid:" in request
    assert b"X-Test: 1" in request


def test_the_next_address_is_tried_if_one_takes_no_connection() -> None:
    assert Server(answer()).post("http://receiver.test:{port}/", "127.0.0.9", "127.0.0.1")


def test_without_any_address_that_answers_nothing_was_sent() -> None:
    server = Server(answer())
    with pytest.raises(NotSent, match="could not be reached"):
        server.post("http://receiver.test:{port}/", "127.0.0.9")
    assert server.requests == []


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_redirects_are_not_followed(status: str) -> None:
    server = Server(answer(status, b"", "Location: http://127.0.0.1:1/"))
    assert server.post("http://receiver.test:{port}/").status == int(status[:3])
    assert len(server.requests) == 1


def test_the_answer_is_read_up_to_the_limit_and_not_decompressed() -> None:
    server = Server(answer("200 OK", b"x" * 5000, "Content-Encoding: gzip"))
    assert server.post("http://receiver.test:{port}/").content == b"x" * 100


@pytest.mark.parametrize("hangs", [False, True])
def test_a_status_counts_although_the_body_is_cut_or_does_not_end(hangs: bool) -> None:
    server = Server(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nthe start", hangs=hangs)
    reply = server.post("http://receiver.test:{port}/", seconds=CONNECT_SECONDS)
    assert (reply.status, reply.content) == (200, b"the start")


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 20"])
def test_an_answer_that_does_not_come_ends_at_the_time_limit(answer: bytes) -> None:
    with pytest.raises(NoAnswer, match="in time") as caught:
        Server(answer, hangs=True).post("http://receiver.test:{port}/", seconds=CONNECT_SECONDS)
    assert not isinstance(caught.value, NotSent)


def test_a_connection_that_is_closed_may_have_taken_the_body() -> None:
    with pytest.raises(NoAnswer, match="closed") as caught:
        Server(b"").post("http://receiver.test:{port}/")
    assert not isinstance(caught.value, NotSent)


@pytest.fixture
def trusting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ssl.SSLContext]:
    """The TLS of a server for `receiver.test`, whose authority this process trusts."""
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    pinned_post._tls.cache_clear()
    yield authority.server("receiver.test")
    pinned_post._tls.cache_clear()


def test_the_certificate_is_that_of_the_name_and_not_of_the_address(
    trusting: ssl.SSLContext,
) -> None:
    assert Server(answer(), trusting).post("https://receiver.test:{port}/").status == 200


def test_the_certificate_of_another_name_is_refused(trusting: ssl.SSLContext) -> None:
    server = Server(answer(), trusting)
    with pytest.raises(NotSent, match="certificate"):
        server.post("https://other.test:{port}/")
    assert server.requests == []


def test_a_certificate_that_no_authority_signed_is_refused(tmp_path: Path) -> None:
    server = Server(answer(), Authority(tmp_path).server("receiver.test"))
    with pytest.raises(NotSent, match="certificate"):
        server.post("https://receiver.test:{port}/")
    assert server.requests == []


def test_an_ipv6_address_is_written_in_brackets() -> None:
    with pytest.raises(NotSent):
        Server(answer()).post("http://receiver.test:{port}/", "::ffff:127.0.0.9")


@pytest.mark.parametrize("url", ["http://", "http://a:99999/", "http://" + "a" * 70 + "/"])
def test_an_invalid_url_is_not_sent(url: str) -> None:
    with pytest.raises(NotSent):
        Server(answer()).post(url)
