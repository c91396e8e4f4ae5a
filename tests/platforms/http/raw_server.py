"""A server that sends exactly the bytes of a test, even those that no HTTP library sends."""

import socket
import threading
from contextlib import suppress

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class RawServer:
    """Answers each request with `response` and closes; if it `is_silent`, after three seconds."""

    def __init__(self) -> None:
        self.response = OK
        self.is_silent = False
        self.requests: list[str] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._closing = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.requests.append(connection.recv(65536).decode().partition("\r\n")[0])
            if self.is_silent:
                self._closing.wait(10)
            with suppress(OSError):  # who asked may be gone
                connection.sendall(self.response)
                connection.shutdown(socket.SHUT_WR)
                connection.recv(65536)
            connection.close()

    def close(self) -> None:
        # A blocked `accept` does not notice `close`.
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._closing.set()


def response_of(status: str, body: str = "{}", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return ("\r\n".join(lines) + f"\r\n\r\n{body}").encode()
