"""`python -m config.queue.flower`: Flower, for the hosts it is meant for.

Flower answers to any Host and has no setting to restrict it. So a web page could read and steer it
by DNS rebinding, from the browser of a person on this machine.
"""

import sys
from typing import Any

import click
from celery.bin.base import CLIContext
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from flower import app as flower
from flower import command
from tornado.httputil import HTTPServerRequest
from tornado.web import ErrorHandler

from config import memory
from config.celery import app

#: How an operator reaches it without a proxy.
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class Flower(flower.Flower):
    def find_handler(self, request: HTTPServerRequest, **options: Any) -> Any:
        """The usual handler; 400 for a host that is neither loopback nor in ALLOWED_HOSTS."""
        host, _ = split_domain_port(request.host)
        if validate_host(host, [*LOOPBACK, *settings.ALLOWED_HOSTS]):
            return super().find_handler(request, **options)
        return self.get_handler_delegate(request, ErrorHandler, {"status_code": 400})


def main() -> None:
    command.Flower = Flower
    # It needs neither tasks nor tables, nor the rest of the `celery` program (__main__.py).
    app.loader.import_default_modules = lambda: None
    context = CLIContext(app, no_color=False, workdir=None, quiet=True)
    program = click.Group(commands={"flower": command.flower})
    memory.trim()
    program.main(["flower", *sys.argv[1:]], obj=context)


if __name__ == "__main__":
    main()
