"""Fetching videos from URLs: requested, fetched by a worker, retried, reported."""

from datetime import timedelta

import pytest

from config.queue.schedule import PERIODIC_TASKS
from destinations.runtime import clock
from destinations.runtime.worker import shutdown
from posts.media.fetch import jobs
from posts.models import Fetch, Media
from tests import strangers
from tests.posts.cases import apart
from tests.posts.conftest import bring, refused
from tests.posts.media import full_disk, videos
from tests.posts.media.test_uploads import stored_files

VIDEO = videos.make(seconds=1)


@pytest.fixture
def stopped():
    """To tell this process to stop; it goes on after the test."""
    yield shutdown
    shutdown.reset()


def asked(ada, url: str) -> Media:
    """A video whose first bytes a worker has seen, so that it waits for the rest of it."""
    data = bring(ada, url).json()["data"]
    assert data["media_status"] == "uploading"
    Media.objects.filter(pk=data["media_id"]).update(kind="video", content_type="video/mp4")
    return Media.objects.get(pk=data["media_id"])


def put_forward(media: Media) -> None:
    """As if the pause before the next try, or the lease of its worker, were over."""
    assert Fetch.objects.filter(media=media, due_at__gt=clock.now()).update(due_at=clock.now())


def test_a_fetch_wakes_a_worker_up_after_commit(
    ada, stranger, monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr(
        "celery.current_app.send_task", lambda name, **how: sent.append((name, how))
    )
    with django_capture_on_commit_callbacks(execute=True):
        asked(ada, stranger.gives("/video.mp4", VIDEO))

    assert sent == [("posts.fetch_files", {"args": (), "expires": None, "retry": False})]
    assert PERIODIC_TASKS["Fetch files"].task == "posts.fetch_files"


def test_temporary_errors_are_retried_after_longer_pauses_then_reported(ada, stranger):
    media = asked(ada, stranger.gives("/video.mp4", VIDEO))
    stranger.answers["/video.mp4"] = strangers.whole(b"", 503)

    for pause in jobs.PAUSES_SECONDS:
        jobs.work()
        fetch = Fetch.objects.get(media=media)
        assert fetch.due_at - clock.now() == pytest.approx(
            timedelta(seconds=pause), abs=timedelta(seconds=5)
        )
        put_forward(media)
    jobs.work()

    failed = ada.get(f"/media/{media.pk}").json()["data"]
    assert failed["media_status"] == "failed"
    assert "127.0.0.1 answered 503" in failed["error_message"]
    assert Fetch.objects.count() == 0


def test_a_video_that_arrives_at_the_second_try_is_ready(ada, stranger):
    media = asked(ada, stranger.gives("/video.mp4", VIDEO))
    stranger.gives("/video.mp4", VIDEO[:200], Content_Length=str(len(VIDEO)))
    jobs.work()
    stranger.gives("/video.mp4", VIDEO)
    put_forward(media)

    jobs.work()

    media.refresh_from_db()
    assert media.status == "ready"


def test_permanent_errors_fail_at_once(ada, stranger, settings):
    for answer, says in (
        (strangers.whole(b"", 404), "answered 404"),
        (strangers.whole(b"", 302, Location="http://10.0.0.1/"), "private network"),
        (strangers.whole(VIDEO[:300]), "not a whole MP4"),
        (strangers.whole(b"<html>"), "does not lead to a JPEG"),
    ):
        with apart(answer, says):
            media = asked(ada, stranger.gives("/video.mp4", VIDEO))
            stranger.answers["/video.mp4"] = answer

            jobs.work()

            media.refresh_from_db()
            assert media.status == "failed"
            assert says in media.error
            assert stored_files(settings) == []
            refused(ada.post(f"/media/{media.pk}/complete"), 400, "invalid_media")


def test_a_full_disk_is_retried_then_reported_as_such(ada, stranger, settings):
    media = asked(ada, stranger.gives("/video.mp4", VIDEO))
    with_room = settings.STORAGES
    full_disk.fill(settings)
    jobs.work()
    assert Fetch.objects.get(media=media).tries == 1
    Fetch.objects.update(tries=len(jobs.PAUSES_SECONDS), due_at=clock.now())
    jobs.work()

    settings.STORAGES = with_room
    failed = ada.get(f"/media/{media.pk}").json()["data"]
    assert failed["media_status"] == "failed"
    assert "its operator must make room" in failed["error_message"]
    assert stored_files(settings) == []


def test_the_job_of_a_dead_worker_is_claimed_again_but_not_without_end(ada, stranger):
    media = asked(ada, stranger.gives("/video.mp4", VIDEO))

    for _ in range(len(jobs.PAUSES_SECONDS) + 1):
        assert jobs.VIDEOS.claim() is not None
        assert jobs.VIDEOS.claim() is None
        put_forward(media)
    jobs.work()

    media.refresh_from_db()
    assert (media.status, media.error) == ("failed", jobs._BROKE.message)


def test_a_stopping_worker_leaves_the_video_to_another(ada, stranger, settings, stopped):
    media = asked(ada, stranger.gives("/video.mp4", VIDEO))

    def told(to):
        stopped.request()
        strangers.whole(VIDEO)(to)

    stranger.answers["/video.mp4"] = told
    jobs.work()

    fetch = Fetch.objects.get(media=media)
    assert (fetch.claim, fetch.tries) == (None, 0)
    assert fetch.due_at <= clock.now()
    assert stored_files(settings) == []
    jobs.work()
    assert Fetch.objects.get(media=media).tries == 0


def test_a_worker_without_its_claim_stores_nothing(ada, stranger, settings):
    media = asked(ada, stranger.gives("/video.mp4", VIDEO))

    late = jobs.VIDEOS.claim()
    Fetch.objects.filter(media=media).update(claim=None)
    jobs.VIDEOS.run(late)

    media.refresh_from_db()
    assert media.status == "uploading"
    assert Fetch.objects.filter(media=media).exists()
    assert stored_files(settings) == []


def test_a_file_deleted_during_its_fetch_leaves_nothing(
    ada, stranger, settings, django_capture_on_commit_callbacks
):
    media = asked(ada, stranger.gives("/video.mp4", VIDEO))
    claimed = jobs.VIDEOS.claim()
    assert ada.delete(f"/media/{media.pk}").status_code == 200

    with django_capture_on_commit_callbacks(execute=True):
        jobs.VIDEOS.run(claimed)

    assert Media.objects.count() == 0
    assert stored_files(settings) == []
