"""An interrupted reading, which may not be the file's fault, is repeated a few times."""

from datetime import timedelta

import pytest

from destinations.runtime import clock
from platforms import sandbox
from posts.media.fetch import jobs
from posts.models import Fetch, Media
from tests.posts.conftest import announce, put, refused, upload
from tests.posts.media import videos
from tests.posts.media.fetch.test_fetch import asked, put_forward
from tests.posts.media.test_uploads import stored_files

VIDEO = videos.make(seconds=1)
#: The errors for a child that was stopped, killed by the kernel, or too slow.
KILLED = [sandbox.NoResult("exit -15"), sandbox.NoResult("exit -9"), sandbox.TimedOut()]


@pytest.fixture
def break_off(monkeypatch):
    """Make the next readings of a video end without an answer."""
    run, left = sandbox.run, []

    def broken(module, *args, **options):
        if left and module == "posts.media.inspection_sandboxed":
            raise left.pop()
        return run(module, *args, **options)

    monkeypatch.setattr(sandbox, "run", broken)
    return lambda times, failure=KILLED[0]: left.extend([failure] * times)


@pytest.mark.parametrize("failure", KILLED, ids=["stopped", "out of memory", "slow"])
def test_a_video_whose_reading_was_interrupted_can_be_completed_again(
    ada, settings, break_off, failure, django_capture_on_commit_callbacks
):
    break_off(1, failure)

    with django_capture_on_commit_callbacks(execute=True):
        error = refused(upload(ada, VIDEO, "video/mp4"), 503, "service_unavailable")

    assert "complete it again" in error["message"]
    media = Media.objects.get()
    assert (media.status, media.error, media.broken_count) == ("uploading", "", 1)
    assert len(stored_files(settings)) == 1
    assert ada.post(f"/media/{media.pk}/complete").status_code == 200
    media.refresh_from_db()
    assert media.status == "ready"


def test_a_video_that_always_crashes_its_reader_fails(
    ada, settings, break_off, django_capture_on_commit_callbacks
):
    break_off(sandbox.TRIES)
    refused(upload(ada, VIDEO, "video/mp4"), 503, "service_unavailable")
    complete = f"/media/{Media.objects.get().pk}/complete"
    for _ in range(sandbox.TRIES - 2):
        refused(ada.post(complete), 503, "service_unavailable")

    with django_capture_on_commit_callbacks(execute=True):
        refused(ada.post(complete), 400, "invalid_media")

    media = Media.objects.get()
    assert (media.status, media.storage_key) == ("failed", "")
    assert media.error == "The file cannot be read."
    assert stored_files(settings) == []
    refused(ada.post(complete), 400, "invalid_media")


def test_a_new_upload_starts_a_new_count_of_interruptions(ada, break_off):
    break_off(sandbox.TRIES)
    data = announce(ada, VIDEO, "video/mp4")
    complete = f"/media/{data['media_id']}/complete"
    put(data, VIDEO, "video/mp4")
    for _ in range(sandbox.TRIES - 1):
        refused(ada.post(complete), 503, "service_unavailable")

    put(data, VIDEO, "video/mp4")

    refused(ada.post(complete), 503, "service_unavailable")
    assert ada.post(complete).status_code == 200


def test_a_fetched_video_whose_reading_was_interrupted_is_fetched_again(
    ada, stranger, settings, break_off
):
    media = asked(ada, stranger.gives("/video.mp4", VIDEO))
    break_off(1)

    jobs.work()

    fetch = Fetch.objects.get(media=media)
    pause = timedelta(seconds=jobs.PAUSES_SECONDS[0])
    assert fetch.due_at - clock.now() == pytest.approx(pause, abs=timedelta(seconds=5))
    assert (fetch.claim, stored_files(settings)) == (None, [])
    put_forward(media)
    jobs.work()
    media.refresh_from_db()
    assert media.status == "ready"


def test_a_fetched_video_that_always_crashes_its_reader_fails(ada, stranger, settings, break_off):
    media = asked(ada, stranger.gives("/video.mp4", VIDEO))
    break_off(len(jobs.PAUSES_SECONDS) + 1)

    for _ in jobs.PAUSES_SECONDS:
        jobs.work()
        put_forward(media)
    jobs.work()

    media.refresh_from_db()
    assert (media.status, media.error) == ("failed", "The file cannot be read.")
    assert (Fetch.objects.count(), stored_files(settings)) == (0, [])
