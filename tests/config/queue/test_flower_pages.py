"""What Flower shows of our tasks."""

import uuid
from types import SimpleNamespace

from flower.events import EventsState

from config.queue import flower
from destinations import public_ids


def event(kind: str, task: str, name: str | None = None) -> dict:
    return {"type": f"task-{kind}", "uuid": task, "hostname": "here", "name": name}


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
