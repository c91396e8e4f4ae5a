"""POST /media/upload-from-url: pictures while it waits, videos later, nothing private."""

import io

from PIL import Image

from posts import tasks
from posts.models import Fetch, Media, StoredFile
from tests import strangers
from tests.posts.api.cases import cases
from tests.posts.conftest import bring, refused
from tests.posts.factories import png
from tests.posts.media import videos
from tests.posts.media.fetch.test_fetch import VIDEO, asked
from tests.posts.media.test_uploads import PDF, fetch, stored_files


def test_upload_from_url_takes_pictures_at_once(ada, stranger, fetcher):
    url = stranger.gives("/a%20b.png?size=1", png(32, 16))

    response = bring(ada, url)

    assert response.status_code == 201
    media = Media.objects.get()
    data = response.json()["data"]
    served = data.pop("url")
    assert data.pop("next_step").startswith("Attach it")
    assert data == {
        "media_id": str(media.pk),
        "media_ids": [str(media.pk)],
        "media_status": "ready",
        "type": "image",
        "filename": "a b.png",
        "size": len(png(32, 16)),
        "content_type": "image/png",
        "source_url": url,
    }
    assert b"".join(fetch(served).streaming_content) == png(32, 16)
    item = ada.get(f"/media/{media.pk}").json()["data"]
    assert (item["status"], item["width"], item["height"]) == ("ready", 32, 16)
    assert item["thumbnail_url"].startswith("http://127.0.0.1:8000/media/")


TAKEN = (
    (videos.picture(), "image/jpeg"),
    (videos.picture(kind="WEBP"), "image/webp"),
    (videos.animation(2), "image/gif"),
    (PDF, "application/pdf"),
)


def test_upload_from_url_takes_every_kind_of_picture_and_pdf(ada, stranger, fetcher):
    for content, found in TAKEN:
        url = stranger.gives("/a.html", content, Content_Type="text/html")

        data = bring(ada, url, filename="mine").json()["data"]

        assert (data["content_type"], data["filename"]) == (found, "mine")


NOT_TAKEN = (
    (b"<html><img src=a.png>", 415, "unsupported_media_type"),
    (b"", 415, "unsupported_media_type"),
    (b"\x00\x00\x00\x18ftypheic" + bytes(100), 415, "unsupported_media_type"),
    (b"\x00\x00\x00\x18ftypmif1" + bytes(100), 415, "unsupported_media_type"),
    (b"\x00\x00\x00\x18ftypavif" + bytes(100), 415, "unsupported_media_type"),
    (png(500, 500)[:300], 400, "invalid_media"),
)


def test_upload_from_url_of_another_type_is_refused(ada, stranger, fetcher, settings):
    for content, status, code in NOT_TAKEN:
        answer = bring(ada, stranger.gives("/a.png", content))

        assert (content[:20], answer.status_code) == (content[:20], status)
        refused(answer, status, code)
        assert Media.objects.count() == 0
        assert stored_files(settings) == []


@cases(
    "url",
    [
        "http://127.0.0.1/a.png",
        "http://localhost:8000/a.png",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:10.0.0.1]/a.png",
        "file:///etc/passwd",
        "files.example/a.png",
    ],
)
def test_upload_from_url_must_be_public(ada, url):
    error = refused(bring(ada, url), 400, "validation_error")

    assert error["details"]["validation_errors"][0]["field"] == "url"
    assert Media.objects.count() == 0


def test_upload_from_url_is_checked_again_after_redirects(ada, stranger, fetcher):
    url = stranger.sends_on("/a", f"http://localhost:{stranger.port}/secret.png")
    stranger.gives("/secret.png", png())

    refused(bring(ada, url), 400, "validation_error")

    assert [path for _, path in stranger.asked] == ["/a"]


def test_upload_from_url_of_a_video_is_polled_until_ready(ada, stranger, settings):
    media = asked(ada, stranger.gives("/video.mp4", VIDEO))

    waiting = ada.get(f"/media/{media.pk}").json()["data"]
    assert (waiting["status"], waiting["url"], waiting["size"]) == ("uploading", None, 0)
    error = refused(ada.post(f"/media/{media.pk}/complete"), 409, "upload_incomplete")
    assert "being fetched" in error["message"]
    assert stored_files(settings) == []

    tasks.fetch_files()

    ready = ada.get(f"/media/{media.pk}").json()["data"]
    assert (ready["media_status"], ready["type"], ready["size"]) == ("ready", "video", len(VIDEO))
    assert (ready["width"], ready["height"], ready["filename"]) == (64, 48, "video.mp4")
    assert ready["thumbnail_url"]
    assert ready["error_message"] is None
    assert len(stored_files(settings)) == 2
    assert Fetch.objects.count() == 0


def test_upload_from_url_cuts_off_images_over_25_mb(ada, stranger, fetcher, settings):
    too_much = 25 * 1024 * 1024 + 1
    most = stranger.gives("/most", png() + bytes(too_much - 1 - len(png())))
    said = stranger.gives("/said", png(), Content_Length=str(too_much))
    sent = 0

    def endless(to):
        nonlocal sent
        to.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n" + png())
        while not stranger.over.is_set():
            sent += to.wfile.write(bytes(1024 * 1024))

    stranger.answers["/endless"] = endless

    error = refused(bring(ada, said), 413, "file_too_large")
    assert error["details"]["max_size"] == too_much - 1
    refused(bring(ada, stranger.url("/endless")), 413, "file_too_large")
    assert sent < 2 * too_much
    assert stored_files(settings) == []
    assert bring(ada, most).json()["data"]["size"] == too_much - 1


def test_upload_from_url_takes_no_video_over_500_mb(ada, stranger, settings):
    most = 500 * 1024 * 1024
    media = asked(ada, stranger.gives("/video.mp4", VIDEO, Content_Length=str(most + 1)))

    tasks.fetch_files()

    failed = ada.get(f"/media/{media.pk}").json()["data"]
    assert (failed["media_status"], failed["url"]) == ("failed", None)
    assert f"at most {most} bytes" in failed["error_message"]
    assert stored_files(settings) == []


def test_an_address_that_answers_no_file_is_told_with_what_it_answered(ada, stranger, fetcher):
    error = refused(bring(ada, stranger.url("/none")), 400, "invalid_media")

    assert "127.0.0.1 answered 404" in error["message"]
    assert Media.objects.count() == 0


def test_a_picture_whose_host_does_not_answer_is_refused_at_once(ada, stranger, fetcher):
    stranger.answers["/a.png"] = strangers.whole(b"", 503)

    error = refused(bring(ada, stranger.url("/a.png")), 400, "invalid_media")

    assert "127.0.0.1 answered 503" in error["message"]
    assert Fetch.objects.count() == 0


def test_a_file_without_a_name_is_called_by_its_type(ada, stranger, fetcher):
    assert bring(ada, stranger.gives("/", png())).json()["data"]["filename"] == "file.png"


@cases(
    "body",
    [{}, {"url": ""}, {"url": 5}, {"url": "x" * 5000}, {"url": "http://a", "filename": "\n"}],
)
def test_a_malformed_request_is_refused(ada, body):
    refused(ada.post("/media/upload-from-url", body), 400, "validation_error")


def test_a_turned_photo_has_an_upright_thumbnail(ada, stranger, fetcher):
    held, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (800, 400), "red").save(held, "JPEG", exif=exif)

    media_id = bring(ada, stranger.gives("/a.jpg", held.getvalue())).json()["data"]["media_id"]

    shown = fetch(ada.get(f"/media/{media_id}").json()["data"]["thumbnail_url"])
    assert shown["Content-Type"] == "image/jpeg"
    with Image.open(io.BytesIO(b"".join(shown.streaming_content))) as thumbnail:
        assert thumbnail.size == (160, 320)


def test_every_stored_byte_is_watched_until_a_file_names_it(ada, stranger, fetcher):
    bring(ada, stranger.gives("/a.png", png()))

    media = Media.objects.get()
    keys = set(StoredFile.objects.values_list("key", flat=True))
    assert keys == {media.storage_key, media.thumbnail_key}
    assert Fetch.objects.count() == 0
