"""What Flower shows of our tasks."""

import uuid
from types import SimpleNamespace

import pytest
from flower.events import EventsState

from config.queue import flower
from config.queue.routing import ROUTES
from destinations import public_ids
from destinations.dispatch import enqueue


def event(kind: str, task: str, name: str | None = None) -> dict:
    return {"type": f"task-{kind}", "uuid": task, "hostname": "here", "name": name}


def test_the_tick_and_housekeeping_are_hidden_and_work_for_customers_is_not():
    assert enqueue.WAKE in flower.HIDDEN
    assert "destinations.enqueue_due" in flower.HIDDEN
    assert "posts.make_variants" not in flower.HIDDEN
    assert set(ROUTES) >= flower.HIDDEN - {"destinations.publish"}
    assert flower.PUBLISH not in flower.HIDDEN


def test_a_tick_that_is_fine_is_never_shown():
    hidden = flower.Hidden()
    come = [
        event("received", "a", "destinations.enqueue_due"),
        event("started", "a"),
        event("succeeded", "a"),
    ]

    assert [each for one in come for each in hidden.release(one)] == []
    assert hidden._waiting == {}


@pytest.mark.parametrize("end", ["failed", "retried", "revoked", "rejected"])
def test_a_tick_that_fails_is_shown_with_all_that_is_known_of_it(end):
    hidden = flower.Hidden()
    come = [event("received", "a", "destinations.enqueue_due"), event("started", "a")]
    assert [each for one in come for each in hidden.release(one)] == []

    failed = event(end, "a")

    assert hidden.release(failed) == [*come, failed]


def test_other_tasks_and_workers_are_shown_as_they_come():
    hidden = flower.Hidden()
    for each in (
        event("received", "b", "destinations.publish"),
        event("succeeded", "b"),
        {"type": "worker-heartbeat", "hostname": "here"},
    ):
        assert hidden.release(each) == [each]


def test_tasks_that_never_end_are_forgotten(monkeypatch):
    monkeypatch.setattr(flower, "MOST", 3)
    hidden = flower.Hidden()
    for number in range(10):
        hidden.release(event("received", str(number), "destinations.enqueue_due"))

    assert list(hidden._waiting) == ["7", "8", "9"]


def test_a_bounded_number_of_tasks_is_remembered(monkeypatch):
    monkeypatch.setattr(flower, "MOST_TASKS", 3)
    flower.set_defaults()
    state = EventsState(max_tasks_in_memory=flower.options.max_tasks)
    for number in range(10):
        come = event("received", str(number), flower.PUBLISH)
        state.event({**come, "timestamp": number, "local_received": number, "clock": number})

    assert list(state.tasks) == ["7", "8", "9"]


def test_a_public_id_leads_to_its_page_in_the_admin(settings):
    settings.PUBLIC_URL = "https://dovecote.example.com"
    key = uuid.uuid4()
    public_id = public_ids.encode(public_ids.DESTINATION, key)

    page = flower.linked(f"<code>{public_id} dest_zz{'z' * 40} worst_x</code>".encode()).decode()

    url = f"https://dovecote.example.com/admin/destinations/destination/{key}/change/"
    assert f'<a href="{url}">{public_id}</a>' in page
    # Too long for an id: left as it is.
    assert page.count("<a ") == 1


def test_a_list_that_was_handed_over_does_not_look_published():
    done = SimpleNamespace(name="destinations.publish", state="SUCCESS", result="None")
    running = SimpleNamespace(name="destinations.publish", state="STARTED", result=None)
    other = SimpleNamespace(name="posts.make_variants", state="SUCCESS", result="None")

    shown = [flower.format_task(task).result for task in (done, running, other)]

    assert shown == [flower.RESULT, None, "None"]
