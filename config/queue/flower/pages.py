"""Flower's pages, with ways back to the admin, and with what a task's state does not say.

Source of the marks in its pages: flower/templates, version 2.2.
"""

import re
from typing import Any

from django.conf import settings
from flower.views.tasks import TasksView, TaskView
from flower.views.workers import WorkersView

from destinations import public_ids

PUBLISH = "destinations.publish"
COLUMNS = "name,args,state,received,runtime,worker,uuid"
RESULT = "handed over; what became of each destination is in the admin"
_ID = re.compile(rb"\bdest_[0-9a-z]+\b")
_CONTENT = b'<main class="app-content" id="main-content">'
#: It sets a variable that no script reads, and pages behind the admin's proxy run none inline.
_INLINE = re.compile(rb'<script type="text/javascript">.*?</script>', re.DOTALL)


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
