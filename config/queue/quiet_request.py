"""Tasks of the tick and of housekeeping: Flower hears of them only when something goes wrong.

There are several a second, thousands of times as many as there are tasks that publish, and each
event costs a worker as much as the task.
"""

from typing import Any

from celery.worker.request import Request

from config.queue.schedule import PERIODIC_TASKS

#: `destinations.dispatch.enqueue.WAKE`, whose module needs the tables.
WAKE = "destinations.dispatch"
#: What a task that is fine goes through.
FINE = {"task-started", "task-succeeded"}


class QuietRequest(Request):
    def send_event(self, type: str, **fields: Any) -> None:  # noqa: A002
        if type in FINE or not (self._eventer and self._eventer.enabled):
            return
        # Nothing was said of the task before.
        self._eventer.send(type, uuid=self.id, name=self.name, args=self.argsrepr, **fields)


def annotations() -> dict[str, dict[str, object]]:
    """Return what Celery sets on these tasks."""
    quiet = {"send_events": False, "Request": "config.queue.quiet_request:QuietRequest"}
    return dict.fromkeys((WAKE, *(each.task for each in PERIODIC_TASKS.values())), quiet)
