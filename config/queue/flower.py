"""`python -m config.queue.flower`: Flower, for the hosts it is meant for.

Flower answers to any Host and has no setting to restrict it. So a web page could read and steer it
by DNS rebinding, from the browser of a person on this machine.

Its pages are about posts instead of ticks (`quiet_request`), with ways to the admin. Source of the
marks in its pages: flower/templates, version 2.2.
"""

import logging
import re
import sys
from typing import Any

import click
from celery.bin.base import CLIContext
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from flower import app as flower
from flower import command, events
from flower.views.tasks import TasksView, TaskView
from flower.views.workers import WorkersView
from tornado.httputil import HTTPServerRequest
from tornado.options import options
from tornado.web import ErrorHandler

from config import process
from config.celery import app
from destinations import public_ids

#: How many tasks are remembered, in about 25 MB. Flower's own 100,000 take 0.9 GB.
MOST_TASKS = 2000
PUBLISH = "destinations.publish"
COLUMNS = "name,args,state,received,runtime,worker,uuid"
RESULT = "handed over; what became of each destination is in the admin"
#: How an operator reaches it without a proxy.
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_ID = re.compile(rb"\bdest_[0-9a-z]+\b")
_CONTENT = b'<main class="app-content" id="main-content">'
#: It sets a variable that no script reads, and pages behind the admin's proxy run none inline.
_INLINE = re.compile(rb'<script type="text/javascript">.*?</script>', re.DOTALL)


class FlowerEvents(events.Events):
    #: In milliseconds. Workers send events from their start where an address of Flower is set; this
    #: is for others.
    events_enable_interval = 60_000


def format_task(task: Any) -> Any:
    """The task as it is shown: a list that was handed over has not been published yet."""
    if task.name == PUBLISH and task.state == "SUCCESS":
        task.result = RESULT
    return task


def linked(page: bytes) -> bytes:
    """The page, each public id of a destination leading to its page in the admin."""
    return _ID.sub(lambda found: _link(found.group().decode()).encode(), page)


def _link(public_id: str) -> str:
    key = public_ids.decode(public_ids.DESTINATION, public_id)
    url = f"{settings.PUBLIC_URL}/admin/destinations/destination/{key}/change/"
    return f'<a href="{url}">{public_id}</a>' if key else public_id


def noted(page: bytes) -> bytes:
    """The page, saying above its content where the outcomes are."""
    url = f"{settings.PUBLIC_URL}/admin/destinations/destination/?attention=failed_24h"
    note = (
        '<p class="px-3 pt-3 mb-0">A task that publishes ends once its list is handed over: its '
        f'state is not what became of the posts. <a href="{url}">Failed destinations</a></p>'
    )
    return page.replace(_CONTENT, _CONTENT + note.encode(), 1)


class TaskPage(TaskView):
    def render_string(self, template_name: str, **values: Any) -> bytes:
        return noted(linked(super().render_string(template_name, **values)))


class TasksPage(TasksView):
    def render_string(self, template_name: str, **values: Any) -> bytes:
        return noted(super().render_string(template_name, **values))


class WorkersPage(WorkersView):
    def render_string(self, template_name: str, **values: Any) -> bytes:
        return _INLINE.sub(b"", super().render_string(template_name, **values))


#: By the page that each replaces.
OURS = {TaskView: TaskPage, TasksView: TasksPage, WorkersView: WorkersPage}


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
        ours = OURS.get(target_class, target_class)
        return super().get_handler_delegate(request, ours, *args, **options)


def set_defaults() -> None:
    """Set what the environment and the command line may set otherwise."""
    options.format_task = format_task
    options.max_tasks = MOST_TASKS
    options.tasks_columns = COLUMNS


def main() -> None:
    command.Flower = Flower
    flower.Events = FlowerEvents
    set_defaults()
    # It needs neither tasks nor tables, nor the rest of the `celery` program (see __main__.py).
    app.loader.import_default_modules = lambda: None
    # Without a worker that answers, as before the first one is up, it would warn four times a look.
    logging.getLogger("flower.inspector").setLevel(logging.ERROR)
    context = CLIContext(app, no_color=False, workdir=None, quiet=True)
    program = click.Group(commands={"flower": command.flower})
    process.settle()
    program.main(["flower", *sys.argv[1:]], obj=context)


if __name__ == "__main__":
    main()
