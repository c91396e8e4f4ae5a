"""Thumbnails are served like files and deleted with them."""

import io

import pytest
from PIL import Image

from posts.models import Media
from tests.posts.conftest import upload
from tests.posts.factories import png
from tests.posts.media import videos
from tests.posts.media.test_uploads import PDF, fetch, stored_files


def thumbnail_of(caller, content: bytes, kind: str) -> Image.Image | None:
    """What the file's address of a thumbnail serves."""
    data = upload(caller, content, kind).json()["data"]
    listed = caller.get(f"/media/{data['id']}").json()["data"]
    assert bool(data["thumbnail_url"]) == bool(listed["thumbnail_url"])
    if not data["thumbnail_url"]:
        return None
    served = fetch(data["thumbnail_url"])
    assert (served.status_code, served["Content-Type"]) == (200, "image/jpeg")
    return Image.open(io.BytesIO(b"".join(served.streaming_content)))


@pytest.mark.parametrize(
    ("content", "kind", "size"),
    [
        (png(800, 400), "image/png", (320, 160)),
        (png(32, 16), "image/png", (32, 16)),
        (videos.picture(640, 1280), "image/jpeg", (160, 320)),
        (videos.picture(kind="WEBP"), "image/webp", (64, 64)),
        (videos.animation(3), "image/gif", (16, 16)),
    ],
)
def test_a_thumbnail_is_small_and_never_enlarged(ada, content, kind, size):
    thumbnail = thumbnail_of(ada, content, kind)

    assert (thumbnail.format, thumbnail.size) == ("JPEG", size)


def test_the_thumbnail_of_a_transparent_image_is_on_white(ada):
    held = io.BytesIO()
    Image.new("RGBA", (10, 10), (255, 0, 0, 0)).save(held, "PNG")

    thumbnail = thumbnail_of(ada, held.getvalue(), "image/png")

    assert min(thumbnail.getpixel((5, 5))) > 250


def test_the_thumbnail_of_a_video_is_its_first_frame(ada):
    thumbnail = thumbnail_of(ada, videos.make(width=640, height=360), "video/mp4")

    assert thumbnail.size == (320, 180)


def test_the_thumbnail_of_a_rotated_video_is_upright(ada):
    assert thumbnail_of(ada, videos.turned(videos.make()), "video/mp4").size == (48, 64)


def test_a_document_has_no_thumbnail(ada, settings):
    assert thumbnail_of(ada, PDF, "application/pdf") is None
    assert len(stored_files(settings)) == 1


@pytest.mark.parametrize(
    "side", [800, pytest.param(8000, marks=pytest.mark.thorough, id="as many as are taken")]
)
@pytest.mark.parametrize("mode", ["RGBA", "I;16", "P"])
@pytest.mark.usefixtures("real_sandbox")
def test_an_image_of_many_pixels_and_any_mode_gets_a_thumbnail(ada, mode, side):
    held = io.BytesIO()
    Image.new(mode, (side, side)).save(held, "PNG")

    assert thumbnail_of(ada, held.getvalue(), "image/png").size == (320, 320)


def test_a_thumbnail_is_deleted_with_its_file(ada, settings, django_capture_on_commit_callbacks):
    upload(ada, png(), "image/png")
    assert len(stored_files(settings)) == 2

    with django_capture_on_commit_callbacks(execute=True):
        assert ada.delete(f"/media/{Media.objects.get().pk}").status_code == 200

    assert stored_files(settings) == []
