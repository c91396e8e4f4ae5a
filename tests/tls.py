"""TLS in front of servers whose wheels were built without it: a proxy that ends it, in a thread.

The certificates are made by an authority of the tests. What is tested is how clients connect and
what they verify, which a server of its own would decide in the same way.
"""

import asyncio
import ipaddress
import socket
import ssl
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

#: Source: https://www.postgresql.org/docs/18/protocol-message-formats.html, SSLRequest (read
#: 2026-11-26).
SSL_REQUEST = struct.pack("!II", 8, 80877103)
#: What a connection by TLS begins with.
HANDSHAKE = b"\x16"
#: What an authority's key may not do but for signing.
USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
    *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Target = Callable[[], Awaitable[Streams]]


class Authority:
    """Signs certificates; clients that trust `file` accept them."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._name = _name(f"Tests {folder.name}")
        can_sign = x509.BasicConstraints(ca=True, path_length=None)
        usage = x509.KeyUsage(
            **dict.fromkeys(USAGES, False) | {"key_cert_sign": True, "crl_sign": True}
        )
        made = self._builder(self._name, self._key).add_extension(can_sign, critical=True)
        made = made.add_extension(usage, critical=True)
        self.file = folder / "authority.pem"
        self.file.write_bytes(_pem(made.sign(self._key, hashes.SHA256())))

    def server(self, host: str = "127.0.0.1") -> ssl.SSLContext:
        """For a server that clients call by this name or address."""
        key = ec.generate_private_key(ec.SECP256R1())
        try:
            known: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
        except ValueError:
            known = x509.DNSName(host)
        names = x509.SubjectAlternativeName([known])
        made = self._builder(_name(host), key).add_extension(names, critical=False)
        secret = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        file = self._folder / f"{host}.pem"
        file.write_bytes(secret + _pem(made.sign(self._key, hashes.SHA256())))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            # Python 3.13 asks for it.
            .add_extension(self._key_identifier(), critical=False)
        )

    def _key_identifier(self) -> x509.AuthorityKeyIdentifier:
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())


class Proxy:
    """Listens on ports of this machine, on a loop of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listening: list[socket.socket] = []
        self._thread = threading.Thread(target=self._loop.run_forever, name="tls", daemon=True)
        self._thread.start()

    def redis(self, context: ssl.SSLContext, target_port: int) -> int:
        """The port at which that server speaks TLS, and as before with those who do not."""
        return self._listen(
            lambda: asyncio.open_connection("127.0.0.1", target_port),
            lambda client: self._by_first_byte(client, context),
        )

    def postgres(self, context: ssl.SSLContext, target: str) -> int:
        """The port at which PostgreSQL on that socket speaks TLS only."""
        return self._listen(
            lambda: asyncio.open_unix_connection(target),
            lambda client: self._when_asked(client, context),
        )

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)
        self._loop.close()

    def _listen(self, target: Target, begin: Callable[[socket.socket], Awaitable[Streams]]) -> int:
        listening = socket.create_server(("127.0.0.1", 0), backlog=100)
        listening.setblocking(False)
        self._listening.append(listening)

        async def accept() -> None:
            while True:
                client, _ = await self._loop.sock_accept(listening)
                client.setblocking(False)
                self._start(self._serve(client, target, begin))

        self._loop.call_soon_threadsafe(lambda: self._start(accept()))
        return int(listening.getsockname()[1])

    def _start(self, work: Awaitable[None]) -> None:
        task: asyncio.Task[None] = self._loop.create_task(work)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(
        self,
        client: socket.socket,
        target: Target,
        begin: Callable[[socket.socket], Awaitable[Streams]],
    ) -> None:
        writers = []
        try:
            # A handshake that fails, and a server that is away, are the client's to notice.
            with suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await begin(client)
                writers.append(writer)
                its_reader, its_writer = await target()
                writers.append(its_writer)
                await asyncio.wait(
                    [
                        self._loop.create_task(_pump(reader, its_writer)),
                        self._loop.create_task(_pump(its_reader, writer)),
                    ],
                    return_when=asyncio.FIRST_COMPLETED,
                )
        finally:
            for each in writers:
                each.transport.abort()
            client.close()

    async def _by_first_byte(self, client: socket.socket, context: ssl.SSLContext) -> Streams:
        while True:
            try:
                first = client.recv(1, socket.MSG_PEEK)
                break
            except BlockingIOError:
                await asyncio.sleep(0.001)
        return await self._streams(client, context if first == HANDSHAKE else None)

    async def _when_asked(self, client: socket.socket, context: ssl.SSLContext) -> Streams:
        if await self._loop.sock_recv(client, len(SSL_REQUEST)) != SSL_REQUEST:
            raise ConnectionAbortedError
        await self._loop.sock_sendall(client, b"S")
        return await self._streams(client, context)

    async def _streams(self, client: socket.socket, context: ssl.SSLContext | None) -> Streams:
        reader = asyncio.StreamReader(loop=self._loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=self._loop)
        transport, _ = await self._loop.connect_accepted_socket(
            lambda: protocol, client, ssl=context
        )
        return reader, asyncio.StreamWriter(transport, protocol, reader, self._loop)

    async def _end(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for listening in self._listening:
            listening.close()


async def _pump(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(65536):
            to.write(data)
            await to.drain()


@contextmanager
def proxy() -> Iterator[Proxy]:
    running = Proxy()
    try:
        yield running
    finally:
        running.close()


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
