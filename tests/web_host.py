"""Our own web host, as networks reach it: it goes away and comes back at the same address."""

from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIServer, make_server

from django.core.wsgi import get_wsgi_application

from tests import http_server


class _Server(ThreadingMixIn, WSGIServer):
    def handle_error(self, *_: Any) -> None:
        """A network that hangs up early is no error."""


@contextmanager
def serving(port: int) -> Iterator[None]:
    """The product's web host at this port while the block lasts."""
    application = get_wsgi_application()
    with http_server.answering(make_server("127.0.0.1", port, application, _Server)):
        yield
