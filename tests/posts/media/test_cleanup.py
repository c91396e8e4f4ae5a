"""Cleanup deletes abandoned files and nothing else."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from config.queue.schedule import PERIODIC_TASKS
from posts import tasks
from posts.media import delete, storage
from posts.models import Fetch, Media, StoredFile
from tests.posts.conftest import announce, put, refused, upload
from tests.posts.factories import make_media, png
from tests.posts.media.test_uploads import stored_files


def grow_old(**age) -> None:
    at = timezone.now() - timedelta(**age)
    Media.objects.update(created_at=at)
    StoredFile.objects.update(at=at)


@pytest.fixture
def clean(django_capture_on_commit_callbacks):
    """Runs the periodic task, and what it does after its commit."""

    def run() -> None:
        with django_capture_on_commit_callbacks(execute=True):
            tasks.clean_files()

    assert PERIODIC_TASKS["Clean files up"].task == tasks.clean_files.name
    return run


def test_an_abandoned_upload_is_deleted_after_a_day(ada, settings, clean):
    data = announce(ada, png(), "image/png")
    put(data, png(), "image/png")
    announce(ada, png(), "image/png")

    grow_old(hours=23)
    clean()
    assert (Media.objects.count(), len(stored_files(settings))) == (2, 1)

    grow_old(hours=25)
    clean()
    assert (Media.objects.count(), stored_files(settings)) == (0, [])
    refused(ada.post(f"/media/{data['media_id']}/complete"), 404, "not_found")


def test_a_failed_file_is_listed_for_a_week(ada, clean):
    make_media(ada.workspace, status="failed", error="broken")

    grow_old(days=6)
    clean()
    assert Media.objects.count() == 1

    grow_old(days=8)
    clean()
    assert Media.objects.count() == 0


def test_ready_and_fetching_files_stay(ada, settings, clean):
    upload(ada, png(), "image/png")
    coming = make_media(ada.workspace, kind="video", status="uploading")
    Fetch.objects.create(media=coming, url="http://files.example", due_at=timezone.now())

    grow_old(days=400)
    clean()

    assert Media.objects.count() == 2
    assert len(stored_files(settings)) == 2
    assert StoredFile.objects.count() == 0


def test_bytes_that_no_file_names_are_deleted_after_a_day(media, settings, clean):
    key = storage.keep(media, "png", ContentFile(b"written, and then its process died"))

    grow_old(hours=23)
    clean()
    assert default_storage.exists(key)

    grow_old(hours=25)
    clean()
    assert not default_storage.exists(key)
    assert default_storage.exists(media.storage_key)
    assert StoredFile.objects.count() == 0


def test_failed_deletions_are_repeated_later(ada, media, settings, clean):
    # Nothing runs after this commit, as if the process had died there.
    assert ada.delete(f"/media/{media.pk}").status_code == 200
    assert len(stored_files(settings)) == 1

    grow_old(hours=25)
    clean()

    assert stored_files(settings) == []


def test_bytes_that_cannot_be_deleted_do_not_block_others(ada, settings, clean):
    first, second = make_media(ada.workspace), make_media(ada.workspace)
    stuck, other = (storage.keep(each, "png", ContentFile(b"x")) for each in (first, second))
    default_storage.delete(stuck)
    (settings.MEDIA_ROOT / stuck).mkdir()
    (settings.MEDIA_ROOT / stuck / "in the way").write_text("x")

    grow_old(hours=25)
    clean()

    assert not default_storage.exists(other)
    assert StoredFile.objects.get().key == stuck


def test_one_run_deletes_at_most_a_batch(ada, monkeypatch, clean):
    monkeypatch.setattr(delete, "BATCH", 2)
    for _ in range(3):
        announce(ada, png(), "image/png")
    grow_old(days=2)

    clean()
    assert Media.objects.count() == 1
    clean()
    assert Media.objects.count() == 0
