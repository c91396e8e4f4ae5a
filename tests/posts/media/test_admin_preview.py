"""Previews of files: our own JPEG or an icon, for operators who may see files."""

import io

from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.core.files.storage import default_storage
from PIL import Image

from posts.media import storage
from posts.media.admin import page as preview_of
from posts.models import Media
from tests.destinations.admin.action_steps import staff
from tests.posts.cases import apart
from tests.posts.conftest import upload
from tests.posts.factories import make_media, png
from tests.posts.media.test_uploads import PDF


def preview(client, media):
    return client.get(f"/admin/posts/media/{media.pk}/preview/")


def test_a_picture_is_shown_by_its_thumbnail(ada, client):
    upload(ada, png(800, 400), "image/png")

    answer = preview(staff(client), Media.objects.get())

    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("inline")
    assert answer["Cache-Control"] == "private, max-age=86400"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert Image.open(io.BytesIO(answer.content)).size == (320, 160)


def test_a_file_without_thumbnail_is_shown_by_an_icon_and_never_by_itself(ada, client):
    for kind in ("image", "video", "document"):
        with apart(kind):
            media = make_media(ada.workspace, kind=kind, content_type="text/html")

            answer = preview(staff(client), media)

            assert answer.status_code == 302
            assert answer["Location"].startswith(f"/static/dovecote/file-{kind}")
            assert finders.find(preview_of.icon(media))


def test_an_uploaded_document_is_shown_by_an_icon(ada, client):
    upload(ada, PDF, "application/pdf")

    assert "file-document" in preview(staff(client), Media.objects.get())["Location"]


def test_a_file_whose_thumbnail_is_gone_is_shown_by_an_icon(ada, client):
    upload(ada, png(), "image/png")
    media = Media.objects.get()
    default_storage.delete(media.thumbnail_key)

    assert "file-image" in preview(staff(client), media)["Location"]


def test_a_storage_that_is_away_breaks_no_page(ada, client, monkeypatch):
    upload(ada, png(), "image/png")

    def away(*_):
        raise storage.Away

    monkeypatch.setattr(default_storage, "open", away)

    assert preview(staff(client), Media.objects.get()).status_code == 404


def test_only_operators_who_may_see_files_see_previews(media, client):
    assert "/admin/login/" in preview(client, media)["Location"]

    operator = staff(client)
    User.objects.get(username="vi").user_permissions.clear()

    assert preview(operator, media).status_code == 403


def test_a_file_that_is_not_there_has_no_preview(ada, client):
    assert preview(staff(client), Media(pk=ada.workspace.pk)).status_code == 404
