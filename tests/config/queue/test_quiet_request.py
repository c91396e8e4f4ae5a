"""Workers send Flower no events of ticks that succeed, and all events of customers' work."""

import uuid
from typing import Any

import pytest
from celery.utils.imports import symbol_by_name
from kombu.message import Message
from kombu.serialization import dumps

from config.celery import app
from config.queue.quiet_request import QuietRequest
from config.queue.schedule import PERIODIC_TASKS
from destinations.dispatch import enqueue

QUIET = [enqueue.WAKE.task, *(each.task for each in PERIODIC_TASKS.values())]


class Eventer:
    """Keeps what a worker would send."""

    enabled = True

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def send(self, kind: str, **fields: Any) -> None:
        self.sent.append({"type": kind, **fields})


@pytest.fixture(autouse=True, scope="module")
def _tasks() -> None:
    app.loader.import_default_modules()


@pytest.fixture
def eventer() -> Eventer:
    return Eventer()


def request_of(name: str, eventer: Eventer) -> Any:
    """The request of a message for a task, of the class that a worker uses for it."""
    task, key = app.tasks[name], str(uuid.uuid4())
    sent = app.amqp.as_task_v2(key, name, (), {}, argsrepr="()")
    kind, encoding, body = dumps(sent.body, "json")
    message = Message(
        body,
        content_type=kind,
        content_encoding=encoding,
        headers=sent.headers,
        properties=sent.properties,
    )
    return symbol_by_name(task.Request)(message, app=app, task=task, eventer=eventer)


def test_a_tick_and_housekeeping_say_nothing_while_all_is_well(eventer: Eventer) -> None:
    for name in QUIET:
        request = request_of(name, eventer)
        assert isinstance(request, QuietRequest), name
        assert not app.tasks[name].send_events, f"the worker would say that it received {name}"

        request.on_accepted(1, 0.0)
        request.on_success((False, None, 0.1))

        assert eventer.sent == [], name


@pytest.mark.parametrize("end", ["failed", "retried", "revoked", "rejected"])
def test_a_tick_that_goes_wrong_is_told_with_its_name(end: str, eventer: Eventer) -> None:
    request = request_of("destinations.enqueue_due", eventer)

    request.send_event(f"task-{end}", exception="what it was")

    assert eventer.sent == [
        {
            "type": f"task-{end}",
            "uuid": request.id,
            "name": "destinations.enqueue_due",
            "args": "()",
            "exception": "what it was",
        }
    ]


def test_a_worker_that_is_not_asked_for_events_sends_none(eventer: Eventer) -> None:
    eventer.enabled = False

    request_of(enqueue.WAKE.task, eventer).send_event("task-failed")

    assert eventer.sent == []


@pytest.mark.parametrize("name", ["destinations.publish", "posts.make_variants"])
def test_work_for_customers_is_told_from_its_beginning(name: str, eventer: Eventer) -> None:
    request = request_of(name, eventer)

    request.on_accepted(1, 0.0)
    request.on_success((False, None, 0.1))

    assert app.tasks[name].send_events
    assert [each["type"] for each in eventer.sent] == ["task-started", "task-succeeded"]
