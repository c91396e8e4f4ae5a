import io
import os
import uuid
from datetime import UTC, datetime

import av
import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from posts.models import Media
from tests.posts.cases import apart
from tests.posts.conftest import announce, put, refused, upload
from tests.posts.factories import make_media, png
from tests.posts.media import full_disk

PDF = b"%PDF-1.7\n%%EOF\n"


def video(width: int = 64, height: int = 32) -> bytes:
    held = io.BytesIO()
    with av.open(held, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for _ in range(10):
            frame = av.VideoFrame(width, height, "yuv420p")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return held.getvalue()


def stored_files(settings) -> list:
    return [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_a_refused_announcement_stores_nothing(ada):
    for change, status, code in (
        ({"size": 20971521}, 413, "file_too_large"),
        ({"size": 10**30}, 413, "file_too_large"),
        ({"size": 0}, 400, "validation_error"),
        ({"size": "5"}, 400, "validation_error"),
        ({"size": True}, 400, "validation_error"),
        ({"size": None}, 400, "validation_error"),
        ({"size": 5, "file_size": 6}, 400, "validation_error"),
        ({"content_type": "text/html"}, 400, "validation_error"),
        ({"content_type": ["image/png"]}, 400, "validation_error"),
        ({"filename": ""}, 400, "validation_error"),
        ({"filename": "a\r\nb"}, 400, "validation_error"),
        ({"filename": "a" * 256}, 400, "validation_error"),
        ({"duration": 10**400}, 400, "validation_error"),
        ({"sise": 5}, 400, "invalid_field_name"),
    ):
        with apart(change, status, code):
            body = {"filename": "a.png", "content_type": "image/png", "size": 5, **change}

            refused(ada.post("/media/upload", body), status, code)

            assert Media.objects.count() == 0


def test_a_rotated_photo_is_measured_as_displayed(ada):
    held, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 20)).save(held, "JPEG", exif=exif)

    data = upload(ada, held.getvalue(), "image/jpeg").json()["data"]

    assert (data["width"], data["height"]) == (20, 40)


def test_a_file_of_another_type_fails_permanently(
    ada, settings, django_capture_on_commit_callbacks
):
    for content, kind in (
        (png(), "image/jpeg"),
        (png(500, 500)[:300], "image/png"),
        (b"<html>", "image/png"),
        (png(), "video/mp4"),
        (video()[:200], "video/mp4"),
        (b"#EXTM3U\n#EXTINF:1\nhttp://127.0.0.1:1/a.ts\n", "video/mp4"),
        (png(), "application/pdf"),
    ):
        with apart(content, kind):
            with django_capture_on_commit_callbacks(execute=True):
                response = upload(ada, content, kind)

            refused(response, 400, "invalid_media")
            media = Media.objects.get()
            assert (media.status, media.storage_key, media.width) == ("failed", "", None)
            assert stored_files(settings) == []
            refused(ada.post(f"/media/{media.pk}/complete"), 400, "invalid_media")


def fetch(url: str, **headers: str):
    return Client().get(url.removeprefix("http://127.0.0.1:8000"), headers=headers)


def got(url: str) -> bytes:
    return b"".join(fetch(url).streaming_content)


def test_a_file_is_served_whole_or_in_one_range(ada):
    content = png()
    url = upload(ada, content, "image/png").json()["data"]["url"]

    whole = fetch(url)
    assert b"".join(whole.streaming_content) == content
    assert whole["Content-Type"] == "image/png"
    assert whole["Content-Length"] == str(len(content))
    assert whole["X-Content-Type-Options"] == "nosniff"

    size = len(content)
    for wanted, first, last in [
        ("bytes=2-5", 2, 5),
        (f"bytes={size - 3}-", size - 3, size - 1),
        ("bytes=-4", size - 4, size - 1),
        ("bytes=0-99999", 0, size - 1),
    ]:
        part = fetch(url, Range=wanted)
        assert part.status_code == 206
        assert part["Content-Range"] == f"bytes {first}-{last}/{size}"
        assert b"".join(part.streaming_content) == content[first : last + 1]
    assert fetch(url, Range=f"bytes={size}-").status_code == 416
    for ignored in ("bytes=5-2", "bytes=0-1,3-4", "lines=1-2", "bytes=-"):
        assert b"".join(fetch(url, Range=ignored).streaming_content) == content


def test_only_our_own_user_may_read_stored_files(ada, settings):
    before = os.umask(0o022)
    try:
        upload(ada, png(), "image/png")
    finally:
        os.umask(before)

    found = list(settings.MEDIA_ROOT.rglob("*"))
    modes = {path.is_dir(): path.stat().st_mode & 0o777 for path in found}
    assert modes == {True: 0o700, False: 0o600}
    assert all(path.stat().st_mode & 0o077 == 0 for path in found)


def test_forged_and_expired_links_show_nothing(media):
    url = default_storage.url(media.storage_key)

    assert b"".join(fetch(url).streaming_content) == png()
    assert fetch(url.partition("?")[0]).status_code == 404
    assert fetch(url[:-1] + "_").status_code == 404
    assert fetch(url.replace("/1.png", "/2.png")).status_code == 404
    assert Client().post("/media/x").status_code == 405
    with time_machine.travel(datetime(2099, 1, 1, tzinfo=UTC)):
        assert fetch(url).status_code == 404


def test_a_link_is_the_same_all_day_and_valid_for_a_week(media):
    with time_machine.travel(datetime(2026, 3, 15, 0, 0, 1, tzinfo=UTC)):
        morning = default_storage.url(media.storage_key)
    with time_machine.travel(datetime(2026, 3, 15, 23, 59, 59, tzinfo=UTC)):
        evening = default_storage.url(media.storage_key)
    with time_machine.travel(datetime(2026, 3, 16, 0, 0, 1, tzinfo=UTC)):
        tomorrow = default_storage.url(media.storage_key)

    assert morning == evening
    assert tomorrow != evening
    with time_machine.travel(datetime(2026, 3, 22, 23, 59, 58, tzinfo=UTC)):
        assert got(evening) == png()
    with time_machine.travel(datetime(2026, 3, 23, 0, 0, 1, tzinfo=UTC)):
        assert fetch(evening).status_code == 404
        assert got(tomorrow) == png()


def test_links_valid_for_an_hour_change_every_hour(ada, settings):
    settings.MEDIA_URL_SECONDS = 3600
    media = make_media(ada.workspace)
    with time_machine.travel(datetime(2026, 3, 15, 9, 59, tzinfo=UTC)):
        url = default_storage.url(media.storage_key)

    with time_machine.travel(datetime(2026, 3, 15, 10, 58, tzinfo=UTC)):
        assert got(url) == png()
    with time_machine.travel(datetime(2026, 3, 15, 11, 1, tzinfo=UTC)):
        assert fetch(url).status_code == 404


@pytest.mark.parametrize(
    ("name", "kind", "way"),
    [
        ("a.png", "image/png", "inline"),
        ("a.mp4", "video/mp4", "inline"),
        ("a.mov", "video/quicktime", "inline"),
        ("a.pdf", "application/pdf", "attachment"),
        ("a.html", "text/html", "attachment"),
        ("a.svg", "image/svg+xml", "attachment"),
        ("a.bin", "application/octet-stream", "attachment"),
        ('a"\u00fc;.pdf', "application/pdf", "attachment"),
    ],
)
def test_only_types_that_browsers_never_execute_are_served_inline(name, kind, way):
    key = default_storage.save(f"x/{name}", ContentFile(b"<script>"))

    answer = fetch(default_storage.url(key))

    assert b"".join(answer.streaming_content) == b"<script>"
    safe = key.rpartition("/")[2].replace('"', "_").replace("\u00fc", "_").replace(";", "_")
    assert answer["Content-Type"] == kind
    assert answer["Content-Disposition"] == f'{way}; filename="{safe}"'
    assert answer["Cache-Control"] == "private, max-age=604800, immutable"


def test_a_stranger_cannot_see_complete_or_delete_files(media, cy):
    for name in (media.pk, uuid.uuid4(), "upload1", "%00"):
        refused(cy.get(f"/media/{name}"), 404, "not_found")
        refused(cy.post(f"/media/{name}/complete"), 404, "not_found")
        refused(cy.delete(f"/media/{name}"), 404, "not_found")
    assert Media.objects.count() == 1


def test_a_full_disk_keeps_no_part_of_a_file_and_names_who_must_act(ada, settings):
    content = png(640, 480)
    data = announce(ada, content, "image/png")
    with_room = settings.STORAGES
    full_disk.fill(settings)

    error = refused(put(data, content, "image/png"), 507, "storage_full")

    assert "its operator must free some" in error["message"]
    assert stored_files(settings) == []
    assert Media.objects.get().storage_key == ""
    settings.STORAGES = with_room
    assert put(data, content, "image/png").status_code == 200
    assert ada.post(f"/media/{data['media_id']}/complete").status_code == 200
