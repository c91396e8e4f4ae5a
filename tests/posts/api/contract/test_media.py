"""Files that were sent: completed, listed, read, deleted."""

import pytest

from posts.models import Media, PostMedia
from tests.factories import make_account, make_post
from tests.posts.api.cases import cases
from tests.posts.conftest import announce, data_of, put, refused, upload
from tests.posts.factories import make_media, png
from tests.posts.media.test_uploads import PDF, stored_files, video

STAMP = "%Y-%m-%dT%H:%M:%SZ"


def test_complete_answers_with_exactly_the_documented_fields(ada):
    response = upload(ada, png(32, 16), "image/png")

    media = Media.objects.get()
    data = response.json()["data"]
    assert data.pop("url").startswith("http://127.0.0.1:8000/media/")
    assert data.pop("thumbnail_url").startswith("http://127.0.0.1:8000/media/")
    assert data.pop("message")
    assert data == {
        "id": str(media.pk),
        "media_id": str(media.pk),
        "media_ids": [str(media.pk)],
        "status": "ready",
        "type": "image",
        "filename": "a",
        "content_type": "image/png",
        "size": len(png(32, 16)),
        "width": 32,
        "height": 16,
        "duration": None,
        "created_at": media.created_at.strftime(STAMP),
    }


def test_completing_twice_is_a_no_op(ada, settings):
    first = upload(ada, png(), "image/png")
    before, files = Media.objects.values().get(), stored_files(settings)

    assert data_of(ada.post(f"/media/{before['id']}/complete"))["id"] == first.json()["data"]["id"]
    assert Media.objects.values().get() == before
    assert sorted(stored_files(settings)) == sorted(files)


def test_complete_measures_a_video(ada):
    data = upload(ada, video(), "video/mp4").json()["data"]

    assert (data["type"], data["width"], data["height"]) == ("video", 64, 32)
    assert data["duration"] == pytest.approx(1, abs=0.11)


def test_complete_has_a_document_ready_at_once(ada):
    data = upload(ada, PDF, "application/pdf").json()["data"]

    assert (data["type"], data["status"], data["thumbnail_url"]) == ("document", "ready", None)


def test_bytes_missing_at_complete_are_asked_for_again(ada, settings):
    content = png()
    data = announce(ada, content, "image/png")
    complete = f"/media/{data['media_id']}/complete"

    message = refused(ada.post(complete), 409, "upload_incomplete")["message"]
    assert "make sure you uploaded the file" in message
    put(data, content[:-1], "image/png")
    refused(ada.post(complete), 409, "upload_incomplete")

    put(data, content, "image/png")
    assert ada.post(complete).status_code == 200
    refused(put(data, content, "image/png"), 409, "conflict")


def test_get_media_lists_newest_first_by_type_and_status(ada, bo, cy):
    first = make_media(ada.workspace, width=32, height=16)
    second = make_media(ada.workspace, kind="video", status="uploading")

    items = bo.get("/media").json()["data"]["media"]

    assert [item["id"] for item in items] == [str(second.pk), str(first.pk)]
    assert items[0]["url"] is None
    assert items[1]["dimensions"] == {"width": 32, "height": 16}
    assert (items[1]["aspect_ratio"], items[1]["orientation"]) == (2.0, "landscape")
    [image] = ada.get("/media?type=image&limit=1").json()["data"]["media"]
    assert image["id"] == ada.get(f"/media/{first.pk}").json()["data"]["id"] == str(first.pk)
    [coming] = ada.get("/media?status=uploading").json()["data"]["media"]
    assert coming["id"] == str(second.pk)
    assert ada.get("/media?status=ready&type=video").json()["data"]["media"] == []
    for wrong in ("type=sound", "status=gone"):
        refused(ada.get(f"/media?{wrong}"), 400, "validation_error")
    assert cy.get("/media").json()["data"] == {"media": []}


@cases("status", ["scheduled", "draft", "publishing"])
def test_delete_media_in_use_is_refused_and_names_the_posts(ada, media, bo, status):
    post = make_post(ada.workspace, [make_account(ada.workspace)])
    post.status = status
    post.save()
    PostMedia.objects.create(post=post, media=media, position=0)

    error = refused(bo.delete(f"/media/{media.pk}"), 409, "media_in_use")

    assert error["details"] == {"post_ids": [post.public_id]}
    assert Media.objects.count() == PostMedia.objects.count() == 1


def test_delete_media_takes_the_bytes_and_leaves_finished_posts(
    bo, ada, settings, django_capture_on_commit_callbacks
):
    media = make_media(ada.workspace)
    post = make_post(ada.workspace, [make_account(ada.workspace)], due_at=None)
    post.status = "published"
    post.save()
    PostMedia.objects.create(post=post, media=media, position=0)

    with django_capture_on_commit_callbacks(execute=True):
        response = bo.delete(f"/media/{media.pk}")

    assert response.json()["data"] == {"id": str(media.pk), "deleted": True}
    assert stored_files(settings) == []
    assert ada.get(f"/posts/{post.public_id}").json()["data"]["media"] == []


def test_get_media_has_limit_and_offset(ada):
    made = [str(make_media(ada.workspace).pk) for _ in range(21)][::-1]

    def ids(query):
        return [each["id"] for each in ada.get(f"/media{query}").json()["data"]["media"]]

    assert ids("") == made[:20]
    assert ids("?offset=20") == made[20:]
    assert ids("?limit=2&offset=1") == made[1:3]
    for wrong in ("limit=0", "limit=101", "offset=-1"):
        refused(ada.get(f"/media?{wrong}"), 400, "validation_error")


def test_get_media_id_has_exactly_the_documented_fields(ada, bo):
    media_id = upload(ada, png(32, 16), "image/png").json()["data"]["id"]

    item = bo.get(f"/media/{media_id}").json()["data"]

    assert ada.get("/media").json()["data"]["media"][0].keys() == item.keys()
    assert item.pop("url").startswith("http://127.0.0.1:8000/media/")
    assert item.pop("thumbnail_url").startswith("http://127.0.0.1:8000/media/")
    assert item == {
        "id": media_id,
        "media_id": media_id,
        "type": "image",
        "mime_type": "image/png",
        "content_type": "image/png",
        "file_size": len(png(32, 16)),
        "size": len(png(32, 16)),
        "status": "ready",
        "media_status": "ready",
        "error_message": None,
        "original_name": "a",
        "filename": "a",
        "width": 32,
        "height": 16,
        "duration": None,
        "dimensions": {"width": 32, "height": 16},
        "aspect_ratio": 2.0,
        "orientation": "landscape",
        "created_at": Media.objects.get().created_at.strftime(STAMP),
    }


def test_media_status_of_a_file_that_failed_says_why(ada):
    refused(upload(ada, b"<html>", "image/png"), 400, "invalid_media")

    [item] = ada.get("/media?status=failed").json()["data"]["media"]

    assert (item["status"], item["media_status"], item["url"]) == ("failed", "failed", None)
    assert item["error_message"]


def test_delete_media_with_force_overrides(ada, media, x):
    body = {"content": "Hi", "account_ids": [x.pk], "media_ids": [str(media.pk)]}
    made = ada.post("/posts", {**body, "scheduled_at": "2099-03-15T14:00:00Z"})
    post = made.json()["data"]["post_id"]

    for query in ("", "?force=false"):
        error = refused(ada.delete(f"/media/{media.pk}{query}"), 409, "media_in_use")
        assert error["details"] == {"post_ids": [post]}
    assert ada.get(f"/posts/{post}").json()["data"]["media"][0]["id"] == str(media.pk)

    forced = ada.delete(f"/media/{media.pk}?force=true")
    assert forced.json()["data"] == {"id": str(media.pk), "deleted": True}
    refused(ada.get(f"/media/{media.pk}"), 404, "not_found")
    assert ada.get(f"/posts/{post}").json()["data"]["status"] == "scheduled"
