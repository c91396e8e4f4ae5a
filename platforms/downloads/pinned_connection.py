"""HTTP connections that lead to addresses that were checked, and end at a deadline."""

import http.client
import io
import socket
import ssl
import time
from dataclasses import dataclass

from platforms.downloads.addresses import Address

#: The longest wait for one answer, byte or connection.
WAIT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Deadline:
    at: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        return cls(time.monotonic() + seconds)

    def wait_seconds(self) -> float:
        """How long the next wait may last. Raises TimeoutError when time is up."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(left, WAIT_SECONDS)


class Pinned(http.client.HTTPConnection):
    """A connection to the addresses that were checked, under the name that was asked for."""

    def __init__(
        self,
        host: str,
        port: int,
        places: list[Address],
        deadline: Deadline,
        *,
        is_tls: bool,
    ) -> None:
        super().__init__(host, port)
        self.default_port = 443 if is_tls else 80
        self._places, self._deadline, self._is_tls = places, deadline, is_tls
        self._line: socket.socket | None = None

    def connect(self) -> None:
        self._line = self._dial()
        if self._is_tls:
            self._line.settimeout(self._deadline.wait_seconds())
            context = ssl.create_default_context()
            self._line = context.wrap_socket(self._line, server_hostname=self.host)
        self.sock = _Timed(self._line, self._deadline)

    def close(self) -> None:
        """Called by http.client as soon as an answer says that it is the last one, before its body
        is read: the line stays for that. See `hang_up`."""

    def hang_up(self) -> None:
        if self._line:
            self._line.close()

    def _dial(self) -> socket.socket:
        failure: OSError = OSError("no address")
        for each in self._places:
            line = socket.socket(each.family, socket.SOCK_STREAM)
            try:
                line.settimeout(self._deadline.wait_seconds())
                line.connect(each.place)
            except OSError as error:
                line.close()
                failure = error
            else:
                return line
        raise failure


class _Timed:
    """A socket as http.client uses it, of which no wait outlasts the deadline."""

    def __init__(self, line: socket.socket, deadline: Deadline) -> None:
        self._line, self._deadline = line, deadline

    def sendall(self, content: bytes) -> None:
        self._line.settimeout(self._deadline.wait_seconds())
        self._line.sendall(content)

    def receive_into(self, buffer: memoryview) -> int:
        self._line.settimeout(self._deadline.wait_seconds())
        return self._line.recv_into(buffer)

    def makefile(self, *_: object) -> io.BufferedReader:
        return io.BufferedReader(_Incoming(self))

    def close(self) -> None:
        """As in Pinned."""


class _Incoming(io.RawIOBase):
    def __init__(self, timed: _Timed) -> None:
        self._timed = timed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        return self._timed.receive_into(buffer)
