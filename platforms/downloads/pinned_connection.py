"""HTTP connections to checked addresses only, with a deadline."""

import http.client
import io
import socket
import ssl
import time
from dataclasses import dataclass

from platforms.downloads.addresses import Address

#: The longest single wait for a connection or for more bytes.
WAIT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Deadline:
    at: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        return cls(time.monotonic() + seconds)

    def wait_seconds(self) -> float:
        """Return how long the next wait may last. Raises TimeoutError at the deadline."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(left, WAIT_SECONDS)


class PinnedConnection(http.client.HTTPConnection):
    """A connection to one of the checked addresses; Host and TLS still use the host's name."""

    def __init__(
        self,
        host: str,
        port: int,
        addresses: list[Address],
        deadline: Deadline,
        *,
        is_tls: bool,
    ) -> None:
        super().__init__(host, port)
        self.default_port = 443 if is_tls else 80
        self._addresses, self._deadline, self._is_tls = addresses, deadline, is_tls
        self._socket: socket.socket | None = None

    def connect(self) -> None:
        self._socket = self._dial()
        if self._is_tls:
            self._socket.settimeout(self._deadline.wait_seconds())
            context = ssl.create_default_context()
            self._socket = context.wrap_socket(self._socket, server_hostname=self.host)
        self.sock = _TimedSocket(self._socket, self._deadline)

    def close(self) -> None:
        """Keep the socket open: http.client calls this before it reads the body of the last answer.
        `hang_up` closes the socket."""

    def hang_up(self) -> None:
        if self._socket:
            self._socket.close()

    def _dial(self) -> socket.socket:
        failure: OSError = OSError("no address")
        for each in self._addresses:
            opened = socket.socket(each.family, socket.SOCK_STREAM)
            try:
                opened.settimeout(self._deadline.wait_seconds())
                opened.connect(each.place)
            except OSError as error:
                opened.close()
                failure = error
            else:
                return opened
        raise failure


class _TimedSocket:
    """The part of a socket that http.client uses; no wait outlasts the deadline."""

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        self._socket, self._deadline = connected, deadline

    def sendall(self, content: bytes) -> None:
        self._socket.settimeout(self._deadline.wait_seconds())
        self._socket.sendall(content)

    def receive_into(self, buffer: memoryview) -> int:
        self._socket.settimeout(self._deadline.wait_seconds())
        return self._socket.recv_into(buffer)

    def makefile(self, *_: object) -> io.BufferedReader:
        return io.BufferedReader(_SocketReader(self))

    def close(self) -> None:
        """Keep the socket open, as PinnedConnection.close does."""


class _SocketReader(io.RawIOBase):
    def __init__(self, source: _TimedSocket) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        return self._source.receive_into(buffer)
