"""An application that answers with what it was sent, and waiting for what is to happen to it."""

import io
import threading

MEGABYTE = 1024 * 1024


class Echo:
    """Answers with what it was sent; `/file` with a file, `/large` with more than anyone reads."""

    def __init__(self, path) -> None:
        self.path = path
        self.bodies: list[bytes] = []
        self.environ: dict = {}
        self.go_on = threading.Event()
        self.go_on.set()

    def __call__(self, environ, start_response):
        self.environ = environ
        self.go_on.wait(30)
        if environ["PATH_INFO"] == "/broken":
            raise RuntimeError("secret words")
        if environ["PATH_INFO"] == "/file":
            start_response("200 OK", [("Content-Length", str(self.path.stat().st_size))])
            return environ["wsgi.file_wrapper"](self.path.open("rb"))
        if environ["PATH_INFO"] == "/stream":
            start_response("200 OK", [("Content-Length", "200000")])
            return environ["wsgi.file_wrapper"](io.BytesIO(b"z" * 200_000))
        body = environ["wsgi.input"].read()
        self.bodies.append(body)
        if environ["PATH_INFO"] == "/large":
            body = b"x" * MEGABYTE
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]


def ended(wire) -> int:
    """How many bytes came until the server closed the connection."""
    count = 0
    try:
        while piece := wire.socket.recv(65536):
            count += len(piece)
    except ConnectionResetError:
        pass
    return count
