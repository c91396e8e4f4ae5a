"""Workers, beat and queues, as the overview shows them."""

import json
import uuid
from datetime import timedelta

import pytest
import redis
from django.conf import settings
from django.utils import timezone

from config.queue import heartbeats, routing
from destinations.dispatch import backlog
from tests.config.admin.overview.overview_page import look
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def broker():
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        yield client
        client.delete("publish.x")


def processes(client) -> dict:
    return {each.name: each for each in look(client)["overview"].processes.listed}


def queues(client) -> dict:
    return {each.name: each for each in look(client)["overview"].queues}


def test_each_process_tells_its_kind_version_and_what_it_runs(admin_client):
    said = heartbeats.Details("9.9", {"x": 12, "threads": 3}, 40, {"posts.make_variants": 1})
    heartbeats.record("worker@here", routing.SERVED["worker"], said)

    found = processes(admin_client)

    worker = found["worker@here"]
    assert (worker.kind, worker.is_alive, worker.version) == ("worker", True, "9.9")
    assert worker.is_other_version
    assert worker.runs == "12 X, 3 Threads; 40 wait in it; 1 posts.make_variants"
    assert (found["beat@here"].kind, found["beat@here"].queues) == ("beat", ())
    assert found["uploader@here"].runs == "nothing now"


def test_a_frozen_process_comes_first_with_what_it_told_last(admin_client, broker):
    said = heartbeats.Details(settings.VERSION, {"youtube": 2})
    heartbeats.record("uploader@here", routing.SERVED["uploader"], said)
    entry = json.dumps(["uploader@here", sorted(routing.SERVED["uploader"])])
    broker.zincrby(heartbeats.KEY, -200, entry)

    first = next(iter(processes(admin_client).values()))

    assert (first.name, first.is_alive, first.heard) == ("uploader@here", False, "3 min ago")
    assert first.runs == "2 YouTube"
    assert b"Missing: uploader" in admin_client.get("/admin/").content


def test_a_queue_tells_its_messages_and_what_has_not_begun(admin_client, broker):
    now, workspace = timezone.now(), make_workspace()
    broker.lpush("publish.x", "{}", "{}")
    late = {"wanted_at": now - timedelta(minutes=5)}
    claimed = {"due_at": now + timedelta(seconds=50), "claim": uuid.uuid4()}
    make_post(workspace, [make_account(workspace)], **late, **claimed)
    make_post(workspace, [make_account(workspace)], wanted_at=now)
    make_post(workspace, [make_account(workspace)], status="publishing", begun_at=now, **claimed)
    held = make_account(workspace, held_until=now + timedelta(hours=1))
    make_post(workspace, [held], **late)

    found = queues(admin_client)["publish.x"]

    assert (found.depth, found.waiting.unclaimed, found.waiting.claimed) == (2, 1, 1)
    assert (found.oldest, found.level) == ("5 min", "act")
    assert found.served_by == ("worker@here",)


def test_a_backlog_larger_than_is_counted_is_said_to_be(admin_client, monkeypatch):
    monkeypatch.setattr(backlog, "COUNTED_ROWS", 2)
    workspace = make_workspace()
    for _ in range(3):
        make_post(workspace, [make_account(workspace)])

    assert queues(admin_client)["publish.x"].waiting.unclaimed == 2
    assert b"More posts wait than are counted here" in admin_client.get("/admin/").content


def test_workspaces_with_most_due_are_named_however_long_it_waits(admin_client):
    now = timezone.now()
    for name, count, wanted_at in (("Small", 1, now - timedelta(hours=1)), ("Large", 3, now)):
        workspace = make_workspace(name)
        for _ in range(count):
            make_post(workspace, [make_account(workspace)], wanted_at=wanted_at)

    shown = look(admin_client)["overview"].workspaces

    assert [(each.name, each.due) for each in shown] == [("Large", "3"), ("Small", "1")]
    assert admin_client.get(shown[0].url).status_code == 200
