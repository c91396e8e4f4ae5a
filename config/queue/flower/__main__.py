"""`python -m config.queue.flower`: Flower, for the hosts it is meant for.

Flower answers to any Host and has no setting to restrict it. So a web page could read and steer it
by DNS rebinding, from the browser of a person on this machine.
"""

import logging
import sys
from typing import Any

import click
from celery.bin.base import CLIContext
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from flower import app as flower
from flower import command
from tornado.httputil import HTTPServerRequest
from tornado.options import options
from tornado.web import ErrorHandler

from config import memory
from config.celery import app
from config.queue.flower import events, pages

#: How an operator reaches it without a proxy.
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class Flower(flower.Flower):
    def find_handler(self, request: HTTPServerRequest, **options: Any) -> Any:
        """The usual handler; 400 for a host that is neither loopback nor in ALLOWED_HOSTS."""
        host, _ = split_domain_port(request.host)
        if validate_host(host, [*LOOPBACK, *settings.ALLOWED_HOSTS]):
            return super().find_handler(request, **options)
        return self.get_handler_delegate(request, ErrorHandler, {"status_code": 400})

    def get_handler_delegate(
        self, request: HTTPServerRequest, target_class: Any, *args: Any, **options: Any
    ) -> Any:
        """Our page in place of Flower's."""
        ours = pages.OURS.get(target_class, target_class)
        return super().get_handler_delegate(request, ours, *args, **options)


def main() -> None:
    command.Flower = Flower
    flower.Events = events.FlowerEvents
    # The environment and the command line may say otherwise.
    options.format_task = pages.format_task
    options.tasks_columns = pages.COLUMNS
    # It needs neither tasks nor tables, nor the rest of the `celery` program (__main__.py).
    app.loader.import_default_modules = lambda: None
    # Without a worker that answers, as before the first one is up, it would warn four times a look.
    logging.getLogger("flower.inspector").setLevel(logging.ERROR)
    context = CLIContext(app, no_color=False, workdir=None, quiet=True)
    program = click.Group(commands={"flower": command.flower})
    memory.trim()
    program.main(["flower", *sys.argv[1:]], obj=context)


if __name__ == "__main__":
    main()
