"""Hosts that customers or documents name are called only on the public internet, by https."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from platforms.downloads import addresses
from platforms.errors import OutcomeUnknown, PlatformError, Unavailable
from platforms.http.client import Client
from platforms.http.failures import NotSent
from platforms.http.refusals import explain_by_status
from platforms.http.transport import Response, Transport
from tests.platforms.http.raw_server import RawServer, response_of
from tests.tls import Authority

HOST = "pds.example.com"


def call(url: str, timeout_seconds: float = 5) -> Response:
    async def run() -> Response:
        transport = Transport(timeout_seconds=timeout_seconds)
        try:
            return await transport.send("GET", url, headers={}, is_foreign=True)
        finally:
            await transport.close()

    return asyncio.run(run())


@pytest.fixture
def leads_to(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Have every name resolve to this address."""

    def lead(address: str) -> None:
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

    return lead


@pytest.mark.parametrize(
    "url",
    [
        f"http://{HOST}/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.0.0.8/",
        "https://169.254.169.254/",
        "https://2130706433/",
        "https://localhost/",
        "https://redis/",
        "https://pds.internal/",
        f"https://user@{HOST}/",
        f"https://{HOST}:22/",
        "https:///nothing",
    ],
)
def test_an_address_that_is_not_public_is_refused_by_its_text(url: str) -> None:
    with pytest.raises(NotSent) as caught:
        call(url)
    assert caught.value.word == "ForbiddenAddress"


@pytest.mark.parametrize("url", ["https://[x/", "https://[::1/", "https://a.example:port/"])
def test_what_is_no_address_is_not_called(url: str) -> None:
    with pytest.raises(NotSent):
        call(url)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254"])
def test_a_name_that_leads_to_a_private_address_is_not_called(
    leads_to: Callable[[str], None], address: str
) -> None:
    leads_to(address)
    with pytest.raises(NotSent, match="private network") as caught:
        call(f"https://{HOST}/")
    assert caught.value.word == "ForbiddenAddress"


def test_who_gives_up_on_a_silent_name_server_waits_for_it_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers, resolve = threading.Event(), socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers.wait(60) and [])
    try:
        with pytest.raises(NotSent):
            call(f"https://{HOST}/", timeout_seconds=0.1)
        assert not answers.is_set()
    finally:
        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        answers.set()


class Served:
    """A TLS server on this machine that counts as public."""

    def __init__(self, answer: bytes, tls: ssl.SSLContext) -> None:
        self.answer, self.tls = answer, tls
        self.requests: list[bytes] = []

    def call(self, transport: Transport) -> Response:
        async def run() -> Response:
            server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
            port = server.sockets[0].getsockname()[1]
            try:
                url = f"https://{HOST}:{port}/"
                return await transport.send("GET", url, headers={}, is_foreign=True)
            finally:
                await transport.close()
                server.close()

        return asyncio.run(run())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.requests.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(self.answer)
        writer.close()


@pytest.fixture
def public_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "is_public", lambda text: text == "127.0.0.1")
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, port, **kw: real("127.0.0.1", port, **kw))


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    return authority


@pytest.mark.usefixtures("public_loopback")
def test_a_certificate_of_another_name_or_authority_is_refused_before_anything_is_sent(
    trusted: Authority, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    for tls in (trusted.server("another.example.com"), Authority(tmp_path / "other").server(HOST)):
        server = Served(response_of("200 OK"), tls)
        with pytest.raises(NotSent, match="certificate") as caught:
            server.call(Transport(timeout_seconds=5))
        assert caught.value.word == "ForbiddenAddress"
        assert server.requests == []


def through_gateway(server: RawServer, *, irreversible: bool = False) -> PlatformError | None:
    async def run() -> None:
        transport = Transport(timeout_seconds=5, gateway=server.url)
        client = Client(transport, explain=lambda answer: explain_by_status("Acme", answer))
        try:
            await client.post(f"https://{HOST}/", is_foreign=True, irreversible=irreversible)
        finally:
            await transport.close()

    try:
        asyncio.run(run())
    except PlatformError as error:
        return error
    return None


@pytest.fixture
def raw_server():
    server = RawServer()
    yield server
    server.close()


@pytest.mark.parametrize("irreversible", [False, True])
def test_an_answer_of_gigabytes_is_not_read_to_its_end(raw_server, irreversible: bool) -> None:
    raw_server.response = b"HTTP/1.1 200 OK\r\n\r\n" + bytes(6 * 1024 * 1024)
    error = through_gateway(raw_server, irreversible=irreversible)
    assert type(error) is (OutcomeUnknown if irreversible else Unavailable)
    assert (error.platform_code, "too large" in error.message) == ("TooLarge", True)


def test_a_compressed_answer_is_not_unpacked(raw_server) -> None:
    raw_server.response = response_of("200 OK", "{}", "Content-Encoding: gzip")
    error = through_gateway(raw_server)
    assert type(error) is Unavailable


def test_a_redirect_is_not_followed(raw_server) -> None:
    raw_server.response = response_of("302 Found", "", "Location: http://127.0.0.1:1/")
    assert through_gateway(raw_server) is not None
    assert len(raw_server.requests) == 1


def test_the_operator_decides_where_a_network_is_reached(raw_server) -> None:
    assert through_gateway(raw_server) is None
    assert raw_server.requests == [f"POST /{HOST}/ HTTP/1.1"]


def test_an_address_that_is_refused_is_the_account_owners_matter() -> None:
    async def run() -> None:
        transport = Transport(timeout_seconds=5)
        client = Client(transport, explain=lambda answer: explain_by_status("Acme", answer))
        try:
            await client.get("https://10.0.0.8/", is_foreign=True)
        finally:
            await transport.close()

    with pytest.raises(Unavailable) as caught:
        asyncio.run(run())
    assert (caught.value.code, caught.value.actor) == ("address_refused", "account owner")
