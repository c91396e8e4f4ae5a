"""POST /media/upload-from-url: pictures at once, films by a worker, nothing private."""

import io
import threading

import pytest
from PIL import Image

from posts.fetching import asking
from posts.models import Fetch, Media, StoredFile
from tests.posts import films
from tests.posts.conftest import make_caller, png, refused
from tests.posts.test_media import PDF, fetch, stored_files


def bring(caller, url: str, **fields: str):
    return caller.post("/media/upload-from-url", {"url": url, **fields})


def test_a_picture_is_ready_with_exactly_the_documented_fields(ada, stranger):
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


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (films.picture(), "image/jpeg"),
        (films.picture(kind="WEBP"), "image/webp"),
        (films.animation(2), "image/gif"),
        (PDF, "application/pdf"),
    ],
)
def test_what_a_file_is_is_told_by_its_bytes_and_not_by_its_server(ada, stranger, content, found):
    url = stranger.gives("/a.html", content, Content_Type="text/html")

    data = bring(ada, url, filename="mine").json()["data"]

    assert (data["content_type"], data["filename"]) == (found, "mine")


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"<html><img src=a.png>", 415, "unsupported_media_type"),
        (b"", 415, "unsupported_media_type"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(100), 415, "unsupported_media_type"),
        (b"\x00\x00\x00\x18ftypavif" + bytes(100), 415, "unsupported_media_type"),
        (png(500, 500)[:300], 400, "invalid_media"),
    ],
)
def test_what_cannot_be_used_leaves_nothing(ada, stranger, settings, content, status, code):
    refused(bring(ada, stranger.gives("/a.png", content)), status, code)

    assert Media.objects.count() == 0
    assert stored_files(settings) == []


def test_an_address_that_answers_no_file_is_told_with_what_it_answered(ada, stranger):
    error = refused(bring(ada, stranger.url("/none")), 400, "invalid_media")

    assert "127.0.0.1 answered 404" in error["message"]


@pytest.mark.parametrize(
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
def test_a_private_or_strange_address_is_refused(ada, url):
    error = refused(bring(ada, url), 400, "validation_error")

    assert error["details"]["validation_errors"][0]["field"] == "url"
    assert Media.objects.count() == 0


def test_a_public_address_that_sends_on_to_a_private_one_is_refused(ada, stranger):
    url = stranger.sends_on("/a", f"http://localhost:{stranger.port}/secret.png")
    stranger.gives("/secret.png", png())

    refused(bring(ada, url), 400, "validation_error")

    assert [path for _, path in stranger.asked] == ["/a"]


@pytest.mark.parametrize(
    "body",
    [{}, {"url": ""}, {"url": 5}, {"url": "x" * 5000}, {"url": "http://a", "filename": "\n"}],
)
def test_a_malformed_request_is_refused(ada, body):
    refused(ada.post("/media/upload-from-url", body), 400, "validation_error")


def test_a_file_that_is_too_large_is_cut_off_whether_it_says_so_or_not(ada, stranger, settings):
    too_much = 25 * 1024 * 1024 + 1
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


def test_a_key_without_the_scope_has_nothing_fetched(ada, stranger):
    reader = make_caller(ada.workspace, "Reader", ("read",))

    refused(bring(reader, stranger.gives("/a.png", png())), 403, "insufficient_scope")

    assert stranger.asked == []


def test_when_many_are_fetched_already_others_are_asked_to_wait(ada, stranger, monkeypatch):
    monkeypatch.setattr(asking, "PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(asking, "_places", threading.BoundedSemaphore(1))
    with asking._place():
        refused(bring(ada, stranger.gives("/a.png", png())), 503, "service_unavailable")

    assert bring(ada, stranger.url("/a.png")).status_code == 201


def test_a_turned_photo_has_an_upright_thumbnail(ada, stranger):
    held, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (800, 400), "red").save(held, "JPEG", exif=exif)

    media_id = bring(ada, stranger.gives("/a.jpg", held.getvalue())).json()["data"]["media_id"]

    shown = fetch(ada.get(f"/media/{media_id}").json()["data"]["thumbnail_url"])
    assert shown["Content-Type"] == "image/jpeg"
    with Image.open(io.BytesIO(b"".join(shown.streaming_content))) as thumbnail:
        assert thumbnail.size == (160, 320)


def test_every_stored_byte_is_watched_until_a_file_names_it(ada, stranger):
    bring(ada, stranger.gives("/a.png", png()))

    media = Media.objects.get()
    keys = set(StoredFile.objects.values_list("key", flat=True))
    assert keys == {media.storage_key, media.thumbnail_key}
    assert Fetch.objects.count() == 0
