"""Removal of metadata, compared byte by byte and pixel by pixel."""

import io
import struct
from pathlib import Path

import av
import pytest
from PIL import Image

from posts.media.convert import sandboxed
from posts.media.probe import images, metadata, mp4, videos
from tests.posts.cases import named
from tests.posts.media import photos
from tests.posts.media import videos as media_videos

PICTURES = ["JPEG", "PNG", "WEBP"]


@pytest.fixture
def strip(tmp_path):
    """The file without its metadata; `strip.answer` is what was answered."""

    def run(content: bytes, content_type: str) -> bytes:
        source, target = tmp_path / "source", tmp_path / "made"
        source.write_bytes(content)
        request = {"source": str(source), "target": str(target), "strips": True}
        run.answer = sandboxed.work({**request, "form": {"content_type": content_type}})
        return target.read_bytes() if "facts" in run.answer else b""

    return run


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def has_metadata(tmp_path: Path, content: bytes, content_type: str) -> bool:
    path = tmp_path / "asked"
    path.write_bytes(content)
    if content_type.startswith("video/"):
        return videos.measure(path).has_metadata
    return images.read(path, content_type)[0].has_metadata


def test_a_photo_loses_place_and_device_but_no_bit_of_the_picture(strip):
    for kind in PICTURES:
        with named(kind):
            content = photos.photo(kind)
            assert not photos.is_clean(content)

            made = strip(content, f"image/{kind.lower()}")

            assert photos.is_clean(made)
            image = opened(made)
            assert len(image.getexif()) == 0
            assert image.info["icc_profile"] == photos.SRGB
            assert image.tobytes() == opened(content).tobytes()
            assert len(made) < len(content)


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.parametrize(("orientation", "red"), [(3, (600, 160)), (6, (160, 40)), (8, (160, 600))])
def test_a_photo_is_rotated_by_its_orientation(strip, kind, orientation, red):
    content = photos.photo(kind, orientation)

    made = strip(content, f"image/{kind.lower()}")

    assert photos.is_clean(made)
    image = opened(made)
    assert image.size == ((640, 320) if orientation == 3 else (320, 640))
    assert (strip.answer["facts"]["width"], strip.answer["facts"]["height"]) == image.size
    assert image.info["icc_profile"] == photos.SRGB
    red_is, green, blue = image.convert("RGB").getpixel(red)
    assert (red_is > 200, green < 60, blue < 60) == (True, True, True)


def test_a_rotated_photo_is_not_larger_than_before(strip):
    noise = Image.effect_noise((600, 400), 90).convert("RGB")
    content = photos.photo("JPEG", 6, picture=noise, quality=80)

    assert 0 < len(strip(content, "image/jpeg")) <= len(content)


def test_data_after_the_picture_is_removed(strip, tmp_path):
    picture = media_videos.picture()
    content = picture + b"\0\0\0\x18ftypmp42" + photos.PLACE
    assert has_metadata(tmp_path, content, "image/jpeg")

    assert strip(content, "image/jpeg") == picture


def test_the_comment_of_an_animation_is_removed_and_it_still_moves(strip):
    content = photos.commented_gif()

    made = strip(content, "image/gif")

    assert photos.is_clean(made)
    image = opened(made)
    assert (image.n_frames, image.info["loop"]) == (3, 0)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_animation_loses_its_place_and_keeps_its_frames(strip, kind):
    held = io.BytesIO()
    first, *others = (Image.new("RGB", (16, 16), (n * 60, 0, 0)) for n in range(4))
    first.save(held, kind, save_all=True, append_images=others, exif=photos.exif(6))

    made = strip(held.getvalue(), f"image/{kind.lower()}")

    assert photos.is_clean(made)
    assert (opened(made).n_frames, opened(made).size) == (4, (16, 16))


@pytest.mark.parametrize(("container", "kind"), [("mp4", "video/mp4"), ("mov", "video/quicktime")])
def test_a_video_loses_its_place_but_no_packet(strip, tmp_path, container, kind):
    content = photos.video(container)
    assert has_metadata(tmp_path, content, kind)

    made = strip(content, kind)

    assert photos.is_clean(made)
    assert b"loci" not in made
    assert packets(made) == packets(content)
    assert made[8:12] == content[8:12]
    assert strip.answer["facts"]["duration_seconds"] == pytest.approx(1, abs=0.05)


def packets(content: bytes) -> list[bytes]:
    with av.open(io.BytesIO(content)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def test_a_copied_video_keeps_its_rotation(strip):
    made = strip(media_videos.turned(photos.video("mp4")), "video/mp4")

    assert (strip.answer["facts"]["width"], strip.answer["facts"]["height"]) == (48, 64)
    with av.open(io.BytesIO(made)) as container:
        assert next(container.decode(video=0)).rotation == -90


def test_hevc_keeps_the_tag_that_apple_players_need(strip):
    content = photos.video("mov", codec="libx265").replace(b"hev1", b"hvc1")

    made = strip(content, "video/quicktime")

    assert (b"hvc1" in made, b"hev1" in made) == (True, False)


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, name) + content


def handler(kind: bytes) -> bytes:
    return box(b"hdlr", bytes(8) + kind + bytes(13))


@pytest.mark.parametrize(
    ("content", "tells"),
    [
        (box(b"moov", box(b"trak", box(b"mdia", handler(b"vide")))), False),
        (box(b"moov", box(b"trak", box(b"mdia", handler(b"meta")))), True),
        (box(b"moov", box(b"udta", box(b"\xa9xyz", b"+48.8584+002.2945/"))), True),
        (box(b"moov", box(b"udta", box(b"\xa9too", b"Lavf") + bytes(4))), False),
        (box(b"moov", box(b"trak", box(b"udta", box(b"GPMF", b"GPS")))), True),
        (box(b"moov", box(b"meta", handler(b"mdta") + box(b"keys", bytes(8)))), True),
        (box(b"moov", box(b"meta", handler(b"mdta"))), False),
        (box(b"ftyp", b"isom") + box(b"uuid", bytes(16)), True),
        (box(b"moov", struct.pack(">I4s", 3, b"udta")), False),
        (struct.pack(">I4sQ", 1, b"udta", 16 + 12) + box(b"loci", bytes(4)), True),
    ],
)
def test_video_metadata_is_found_in_its_boxes(content, tells):
    assert mp4.has_metadata(io.BytesIO(content)) is tells


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (media_videos.picture(), "image/jpeg"),
        (media_videos.picture(icc_profile=photos.SRGB, progressive=True), "image/jpeg"),
        (media_videos.picture(kind="PNG", icc_profile=photos.SRGB), "image/png"),
        (media_videos.picture(kind="WEBP", icc_profile=photos.SRGB), "image/webp"),
        (media_videos.animation(3, "PNG"), "image/png"),
        (media_videos.animation(3), "image/gif"),
        (media_videos.animation(3, "WEBP"), "image/webp"),
        (media_videos.make(sound=True), "video/mp4"),
        (media_videos.make(container="mov"), "video/quicktime"),
    ],
)
def test_files_without_metadata_are_recognised(tmp_path, content, kind):
    assert not has_metadata(tmp_path, content, kind)


def test_a_video_that_cannot_be_copied_fails_with_a_reason(strip):
    assert strip(media_videos.make()[:600], "video/mp4") == b""
    assert "not a whole" in strip.answer["cannot"]


def test_a_broken_image_fails_with_a_reason(strip):
    assert strip(photos.photo()[:200], "image/jpeg") == b""
    assert strip.answer == {"cannot": "its metadata cannot be removed"}


def test_parts_cover_the_whole_file():
    for content, kind in [
        (photos.photo("PNG"), "image/png"),
        (photos.photo("WEBP"), "image/webp"),
        (photos.commented_gif(), "image/gif"),
        (photos.photo("JPEG"), "image/jpeg"),
    ]:
        found = metadata.parts(content, kind)
        assert [part.start for part in found[1:]] == [part.end for part in found[:-1]]
        assert (found[0].start, found[-1].end) == (0, len(content))
