"""POST /media/upload-from-url: fetched by a worker, nothing private."""

import io

from PIL import Image

from posts.models import Fetch, Media, StoredFile
from tests import strangers
from tests.posts.api.cases import cases
from tests.posts.conftest import refused
from tests.posts.factories import png
from tests.posts.media.test_uploads import fetch


def bring(caller, url: str, **fields: str):
    return caller.post("/media/upload-from-url", {"url": url, **fields})


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
    data = bring(ada, stranger.gives("/", png())).json()["data"]

    assert data["filename"] == "file.png"


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
