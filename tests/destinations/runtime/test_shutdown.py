"""A worker that is asked to stop finishes what it started and releases the rest."""

import asyncio
import threading
import time

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from destinations.accounts import refresh
from destinations.models import Attempt, Destination, Event
from destinations.runtime import failpoints
from destinations.runtime.worker import shutdown
from platforms.drafts import Draft, Media
from platforms.errors import Unauthorized
from platforms.outcomes import Published
from platforms.registry import ADAPTERS
from tests.destinations import at_failpoint
from tests.destinations.connected import connect
from tests.destinations.run_command import run
from tests.factories import make_post
from tests.platforms.driver import video

pytestmark = pytest.mark.django_db
S = Destination.Status


@pytest.fixture(autouse=True)
def going_on():
    yield
    shutdown.reset()


def request_when(condition):
    """Request the shutdown from another thread, as a signal's handler would, when it holds."""

    def wait():
        while not condition():
            time.sleep(0.01)
        shutdown.request()

    threading.Thread(target=wait, daemon=True).start()


def statuses():
    rows = Destination.objects.order_by("created_at", "id")
    return [(row.status, row.attempts) for row in rows]


def test_started_jobs_are_finished_and_the_rest_is_released(simulator):
    account = connect(simulator, "x")
    simulator.fault("x", call="create_post", delay_seconds=1)
    for number in range(5):
        make_post(account.workspace, [account], content=f"Number {number}")
    request_when(lambda: len(simulator.posts()) == 1)

    run()

    assert statuses().count((S.PUBLISHED, 1)) == 1
    assert statuses().count((S.QUEUED, 0)) == 4
    rest = Destination.objects.filter(status=S.QUEUED)
    assert {row.claim for row in rest} == {None}
    assert all(row.due_at <= timezone.now() for row in rest)
    assert len(simulator.posts()) == 1

    shutdown.reset()
    simulator.http.delete("/control/faults")
    run()
    assert statuses() == [(S.PUBLISHED, 1)] * 5
    assert len(simulator.posts()) == 5


def test_what_was_started_gets_no_more_time_than_its_deadline(simulator, monkeypatch):
    """Each saved step, such as a part of a thread, would else grant a whole deadline again."""
    account = connect(simulator, "x")
    make_post(account.workspace, [account])

    async def publish(call):
        patience = time.monotonic() + 20
        shutdown.request()
        while time.monotonic() < patience:
            await call.checkpoint.save(step=time.monotonic())
        return Published("1", "https://x.com/acme/status/1")

    monkeypatch.setattr(ADAPTERS["x"], "publish", publish)
    monkeypatch.setattr(ADAPTERS["x"], "deadline_seconds", 0.5, raising=False)

    run()

    row = Destination.objects.get()
    assert (row.status, row.error_code, row.claim) == (S.PUBLISHING, "deadline", None)


def test_a_call_with_a_new_token_has_only_what_is_left_of_the_deadline(simulator, monkeypatch):
    account = connect(simulator, "x")
    make_post(account.workspace, [account])
    calls = []

    async def renewed(network, platform, account_id, credentials, execute):
        return credentials

    async def publish(call):
        calls.append(call)
        if len(calls) == 1:
            shutdown.request()
            await asyncio.sleep(0.4)
            raise Unauthorized("The token is refused.")
        await asyncio.sleep(20)
        return Published("1", "https://x.com/acme/status/1")

    monkeypatch.setattr(refresh, "refresh", renewed)
    monkeypatch.setattr(ADAPTERS["x"], "publish", publish)
    monkeypatch.setattr(ADAPTERS["x"], "deadline_seconds", 0.5, raising=False)

    run()

    row = Destination.objects.get()
    assert len(calls) == 2
    assert (row.status, row.error_code, row.claim) == (S.PUBLISHING, "deadline", None)


def test_a_list_that_arrives_during_shutdown_is_released(simulator):
    accounts = [connect(simulator, "x", str(number)) for number in range(70, 73)]
    for account in accounts:
        make_post(account.workspace, [account])
    shutdown.request()

    run()

    assert statuses() == [(S.QUEUED, 0)] * 3
    assert simulator.posts() == []
    assert not Attempt.objects.exists()
    assert not Event.objects.exists()
    assert set(Destination.objects.values_list("claim", flat=True)) == {None}


def test_a_stopping_worker_does_not_claim_what_it_released(simulator, settings):
    settings.CLAIM_PER_ACCOUNT = 1
    account = connect(simulator, "x")
    make_post(account.workspace, [account])
    shutdown.request()

    run()

    row = Destination.objects.get()
    assert (row.status, row.claim) == (S.QUEUED, None)


def test_a_long_upload_is_released_at_its_next_checkpoint(simulator, monkeypatch):
    account = connect(simulator, "youtube", "UCq3Wm7xK")
    key = default_storage.save("video.mp4", ContentFile(video()))
    file = Media(key, "video", "video/mp4", "video.mp4", default_storage.size(key))
    settings = {"privacyStatus": "public", "title": "Video"}
    post = make_post(account.workspace, [account], draft=Draft("Video", (file,), settings))
    at_failpoint.at(monkeypatch, failpoints.BEGUN, shutdown.request)

    run()

    destination = post.destinations.get()
    assert (destination.status, destination.claim) == (S.PUBLISHING, None)
    assert destination.due_at <= timezone.now()
    assert destination.checkpoint
    assert simulator.posts() == []

    shutdown.reset()
    run()
    assert statuses() == [(S.PUBLISHED, 1)]
    assert len(simulator.posts()) == 1
    assert Attempt.objects.get().outcome == "published"
