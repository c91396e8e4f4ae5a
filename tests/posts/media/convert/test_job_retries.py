"""Variants whose job is lost, late, broken or claimed twice, and their posts."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from destinations.jobs.leased_rows import LeaseLost
from destinations.runtime.worker import shutdown
from platforms import sandbox
from posts.media.convert import jobs
from posts.models import Media, Variant
from tests.destinations.run_command import run
from tests.posts.media import full_disk, videos
from tests.posts.media.file_posts import come_due, compose, files, row, stored

pytestmark = pytest.mark.usefixtures("only_jpeg")


def test_a_waiting_destination_sends_a_lost_message_again(
    ada, x, wide, django_capture_on_commit_callbacks, celery_messages
):
    compose(ada, x, wide)
    with django_capture_on_commit_callbacks(execute=True):
        run()
    assert celery_messages("media") == []

    Variant.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    for _ in range(2):
        come_due()
        with django_capture_on_commit_callbacks(execute=True):
            run()

    assert celery_messages("media") == [["image"]]
    assert Variant.objects.get().lease_until > timezone.now()


def test_a_later_manual_retry_makes_a_failed_variant_again(ada, x, wide, simulator):
    post = compose(ada, x, wide)
    before = timezone.now() - timedelta(seconds=1)
    Variant.objects.update(status="failed", error="it takes too long", lease_until=before)

    run()
    assert (row().status, Variant.objects.get().status) == ("queued", "waiting")
    jobs.work("image")
    come_due()
    run()

    assert row().status == "published"
    assert ada.post(f"/posts/{post}/retry").json()["data"]["retried_count"] == 0


def test_a_fresh_failure_answers_every_destination(ada, x, wide):
    compose(ada, x, wide)
    monday = timezone.now() + timedelta(seconds=60)
    Variant.objects.update(status="failed", error="it takes too long", lease_until=monday)

    run()

    assert row().status == "failed"
    assert Variant.objects.get().status == "failed"


def test_a_missing_variant_is_requested_when_it_is_needed(ada, x, wide):
    compose(ada, x, wide)
    Variant.objects.all().delete()

    run()

    assert Variant.objects.get().status == "waiting"
    assert row().status == "queued"


def test_a_deleted_file_is_refused(ada, x, wide):
    compose(ada, x, wide)
    Variant.objects.all().delete()
    Media.objects.update(storage_key="elsewhere")

    run()

    assert (row().status, row().error) == ("failed", "The file was deleted.")


def test_the_job_of_a_dead_worker_is_claimed_after_its_lease(ada, x, wide):
    compose(ada, x, wide)
    lost = jobs.LANES["image"].claim()
    assert jobs.LANES["image"].claim() is None
    Variant.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    again = jobs.LANES["image"].claim()

    assert (again.pk, again.tries) == (lost.pk, 2)
    with pytest.raises(LeaseLost):
        jobs.ROWS.release(lost, status="ready")
    assert Variant.objects.get().status == "making"


@pytest.mark.usefixtures("real_sandbox")
def test_a_file_that_always_crashes_the_sandbox_fails(ada, x, wide, monkeypatch):
    compose(ada, x, wide)
    monkeypatch.setattr(sandbox, "ROOT", sandbox.ROOT / "posts")  # where there is no such module

    jobs.work("image")

    variant = Variant.objects.get()
    assert (variant.status, variant.error) == ("failed", "it broke every worker that made it")
    assert variant.tries == sandbox.TRIES + 1


@pytest.mark.usefixtures("real_sandbox")
def test_a_variant_that_takes_too_long_fails_at_once(ada, x, wide, monkeypatch):
    compose(ada, x, wide)
    monkeypatch.setattr(jobs.LANES["image"], "limits", sandbox.ResourceLimits(0, 10, 10**9))

    jobs.work("image")

    variant = Variant.objects.get()
    assert (variant.status, variant.error, variant.tries) == ("failed", "it takes too long", 1)


def test_an_unavailable_storage_is_retried_later(ada, x, wide, settings):
    compose(ada, x, wide)
    folder = settings.MEDIA_ROOT / wide.workspace_id.hex
    folder.write_text("in the way")

    jobs.work("image")

    assert (Variant.objects.get().status, Variant.objects.get().tries) == ("waiting", 0)
    folder.unlink()
    jobs.work("image")
    assert Variant.objects.get().status == "ready"


def test_a_variant_of_missing_bytes_fails(ada, x, wide):
    compose(ada, x, wide)
    default_storage.delete(wide.storage_key)

    jobs.work("image")

    variant = Variant.objects.get()
    assert (variant.status, variant.error) == ("failed", "the file is gone")


def test_a_result_after_a_lost_lease_is_dropped(ada, x, wide, settings):
    compose(ada, x, wide)
    variant = jobs.LANES["image"].claim()
    Variant.objects.update(claim=None)
    key = default_storage.save("late.jpg", ContentFile(b"made"))
    answer = {"facts": {"content_type": "image/jpeg", "width": 1, "height": 1}, "bars": False}

    with pytest.raises(LeaseLost):
        jobs._finish(variant, key, answer)

    assert files(settings) == ["file"]


def test_remote_files_are_copied_here_for_conversion(ada, x, settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }
    far = stored(
        ada, videos.picture(640, 320, "PNG"), "image/png", "far.png", width=640, height=320
    )
    compose(ada, x, far)

    jobs.work("image")

    variant = Variant.objects.get()
    assert (variant.status, variant.error) == ("ready", "")
    assert default_storage.size(variant.storage_key) == variant.facts["media"]["size_bytes"]


def test_a_file_deleted_during_conversion_leaves_nothing(
    ada, x, wide, settings, django_capture_on_commit_callbacks
):
    compose(ada, x, wide)
    variant = jobs.LANES["image"].claim()
    Variant.objects.all().delete()

    jobs.LANES["image"].run(variant)

    assert files(settings) == ["file"]


def test_a_process_converts_only_a_few_files_at_once(ada, x, wide):
    compose(ada, x, wide)
    slots = jobs.LANES["image"].slots
    for _ in range(slots._initial_value):
        assert slots.acquire(blocking=False)
    try:
        jobs.work("image")
        assert Variant.objects.get().status == "waiting"
    finally:
        for _ in range(slots._initial_value):
            slots.release()


def test_a_full_disk_never_fails_the_file(ada, x, wide, settings, simulator):
    post = compose(ada, x, wide)
    before, with_room = files(settings), settings.STORAGES
    full_disk.fill(settings)
    for _ in range(sandbox.TRIES + 2):
        jobs.work("image")
        come_due()
        run()

    assert files(settings) == before
    assert Variant.objects.get().status == "waiting"
    settings.STORAGES = with_room
    jobs.work("image")
    come_due()
    run()
    (result,) = ada.get(f"/posts/{post}/results").json()["data"]
    assert (result["status"], result["attempts"]) == ("published", 1)


def test_a_stopping_worker_starts_no_variant(ada, x, wide):
    compose(ada, x, wide)
    shutdown.request()
    try:
        jobs.work("image")
    finally:
        shutdown.reset()

    assert Variant.objects.get().status == "waiting"


def test_a_lease_lost_while_a_failure_is_stored_changes_nothing(ada, x, wide):
    compose(ada, x, wide)
    default_storage.delete(wide.storage_key)
    variant = jobs.LANES["image"].claim()
    Variant.objects.update(claim=None)

    assert jobs.LANES["image"].run(variant)

    assert Variant.objects.get().status == "making"
