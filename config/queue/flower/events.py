"""Events of the tick and of housekeeping are not shown unless something is wrong with them.

There are several a second, thousands of times as many as there are tasks that publish.
"""

from collections import OrderedDict
from typing import Any

from flower import events

from config.queue.schedule import PERIODIC_TASKS

#: `destinations.dispatch.enqueue.WAKE`, whose module needs the tables that Flower does without.
WAKE = "destinations.dispatch"
HIDDEN = {WAKE, *(periodic.task for periodic in PERIODIC_TASKS.values())}
#: What is remembered of hidden tasks that have not ended; the oldest are forgotten.
MOST = 1000
#: What a task that is fine goes through.
FINE = {"task-sent", "task-received", "task-started", "task-succeeded"}

Event = dict[str, Any]


class Hidden:
    """Which events wait, and what to show once a task turns out wrong."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, list[Event]] = OrderedDict()

    def shown(self, event: Event) -> list[Event]:
        """What to show now that this event has come: nothing, itself, or all of its task."""
        task = event.get("uuid")
        if task is None or (task not in self._waiting and event.get("name") not in HIDDEN):
            return [event]
        if event["type"] not in FINE:
            return [*self._waiting.pop(task, []), event]
        self._waiting.setdefault(task, []).append(event)
        if event["type"] == "task-succeeded" or len(self._waiting) > MOST:
            ended = task if event["type"] == "task-succeeded" else next(iter(self._waiting))
            del self._waiting[ended]
        return []


class FlowerEvents(events.Events):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.hidden = Hidden()

    def on_event(self, event: Event) -> None:
        for each in self.hidden.shown(event):
            super().on_event(each)
