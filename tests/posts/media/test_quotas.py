"""Storage quotas of workspaces."""

from datetime import timedelta

import pytest
from django.utils import timezone

from posts.media.fetch import jobs
from posts.models import Media, Workspace
from tests.posts.conftest import announce, bring, put, refused, upload
from tests.posts.factories import make_media, png
from tests.posts.media import videos
from tests.posts.media.test_uploads import stored_files

SIZE = len(png())


def allow(caller, size_bytes: int | None) -> None:
    Workspace.objects.filter(pk=caller.workspace.pk).update(storage_quota_bytes=size_bytes)


def ask(caller, size: int = SIZE):
    body = {"filename": "a.png", "content_type": "image/png", "size": size}
    return caller.post("/media/upload", body)


def test_a_workspace_has_a_default_quota(ada):
    limit = ada.get("/me").json()["data"]["quota"]["storage_bytes"]["limit"]

    assert limit == 20 * 1024**3


def test_without_a_quota_everything_fits(ada, settings):
    settings.STORAGE_QUOTA_BYTES = 0
    assert ask(ada, 20 * 1024 * 1024).status_code == 201
    assert ada.get("/me").json()["data"]["quota"]["storage_bytes"]["limit"] is None


def test_a_file_that_does_not_fit_is_refused_before_the_upload(ada, cy):
    make_media(ada.workspace)
    allow(ada, 2 * SIZE)

    error = refused(ask(ada, SIZE + 1), 403, "storage_quota_exceeded")

    assert error["details"] == {"limit_bytes": 2 * SIZE}
    assert "delete files" in error["message"]
    assert Media.objects.count() == 1
    assert ask(ada, SIZE).status_code == 201
    assert ask(cy, 3 * SIZE).status_code == 201


def test_the_setting_applies_to_workspaces_without_their_own_quota(ada, cy, settings):
    settings.STORAGE_QUOTA_BYTES = SIZE
    allow(cy, 0)

    refused(ask(ada, SIZE + 1), 403, "storage_quota_exceeded")
    assert ask(cy, SIZE + 1).status_code == 201
    assert ada.get("/me").json()["data"]["quota"]["storage_bytes"]["limit"] == SIZE
    assert cy.get("/me").json()["data"]["quota"]["storage_bytes"]["limit"] is None


def test_pending_uploads_count_until_their_url_expires(ada):
    allow(ada, SIZE)
    announce(ada, png(), "image/png")

    refused(ask(ada), 403, "storage_quota_exceeded")

    Media.objects.update(created_at=timezone.now() - timedelta(seconds=901))
    assert put(announce(ada, png(), "image/png"), png(), "image/png").status_code == 200
    Media.objects.update(created_at=timezone.now() - timedelta(seconds=901))
    refused(ask(ada), 403, "storage_quota_exceeded")


def test_an_upload_whose_room_was_taken_is_not_kept(ada, settings):
    allow(ada, SIZE)
    late = announce(ada, png(), "image/png")
    Media.objects.update(created_at=timezone.now() - timedelta(seconds=901))
    upload(ada, png(), "image/png")
    kept = stored_files(settings)

    refused(put(late, png(), "image/png"), 403, "storage_quota_exceeded")

    assert stored_files(settings) == kept


def test_deleting_a_file_frees_its_room(ada):
    allow(ada, SIZE)
    media_id = upload(ada, png(), "image/png").json()["data"]["id"]
    refused(ask(ada), 403, "storage_quota_exceeded")

    assert ada.delete(f"/media/{media_id}").status_code == 200

    assert ask(ada).status_code == 201


def test_a_fetched_image_must_fit(ada, stranger, settings, fetcher):
    allow(ada, SIZE - 1)

    refused(bring(ada, stranger.gives("/a.png", png())), 403, "storage_quota_exceeded")

    assert (Media.objects.count(), stored_files(settings)) == (0, [])
    allow(ada, SIZE)
    assert bring(ada, stranger.url("/a.png")).status_code == 201


def test_a_fetched_video_that_does_not_fit_fails_with_a_reason(ada, stranger, settings):
    video = videos.make()
    allow(ada, len(video) - 1)
    media_id = bring(ada, stranger.gives("/a.mp4", video)).json()["data"]["media_id"]

    jobs.work()

    failed = ada.get(f"/media/{media_id}").json()["data"]
    assert failed["status"] == "failed"
    assert "no room for this file" in failed["error_message"]
    assert stored_files(settings) == []


def test_a_full_workspace_refuses_a_fetch_at_once(ada, stranger):
    allow(ada, SIZE)
    upload(ada, png(), "image/png")

    url = stranger.gives("/a.mp4", videos.make())

    refused(bring(ada, url), 403, "storage_quota_exceeded")
    assert Media.objects.count() == 1


def test_an_operator_sets_a_workspaces_quota(admin_client, ada):
    address = f"/admin/posts/workspace/{ada.workspace.pk}/change/"

    page = admin_client.post(
        address, {"name": "Acme", "storage_quota_bytes": "1000", "approval_mode": "none"}
    )

    assert page.status_code == 302
    assert Workspace.objects.get().storage_quota_bytes == 1000
    refused(ask(ada, 1001), 403, "storage_quota_exceeded")


@pytest.mark.parametrize("wrong", ["-1", "much"])
def test_an_invalid_quota_changes_nothing(admin_client, ada, wrong):
    address = f"/admin/posts/workspace/{ada.workspace.pk}/change/"

    page = admin_client.post(
        address, {"name": "Acme", "storage_quota_bytes": wrong, "approval_mode": "none"}
    )

    assert list(page.context["adminform"].form.errors) == ["storage_quota_bytes"]
    assert Workspace.objects.get().storage_quota_bytes is None
