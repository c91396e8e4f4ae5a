"""HTTP servers of a test's own, each on a thread while a block lasts."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from typing import Any

#: Ending waits for the next look, which is by default after half a second.
LOOK_SECONDS = 0.02


class Server(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """A client that hangs up early is no error."""


@contextmanager
def answering(server: BaseServer) -> Iterator[str]:
    """The address of this server, which answers until the block ends, and logs nothing."""
    silent = {"log_message": lambda *_: None}
    server.RequestHandlerClass = type("Silent", (server.RequestHandlerClass,), silent)
    thread = threading.Thread(target=server.serve_forever, args=(LOOK_SECONDS,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address of a server that answers with this handler."""
    with answering(Server(("127.0.0.1", 0), handler)) as url:
        yield url
