"""Conversion of files; every result is measured."""

import io
from pathlib import Path

import av
import pytest
from PIL import Image, ImageCms

from platforms.limits import Form
from posts.media.convert import geometry, sandboxed
from tests.posts.media import videos


@pytest.fixture
def make(tmp_path):
    """Makes a form; `make.path` is what was made."""

    def run(content: bytes, content_type: str, *, strips: bool = False, **form):
        source, run.path = tmp_path / "source", tmp_path / "made"
        source.write_bytes(content)
        given = Form(content_type, **form)
        fields = {name: getattr(given, name) for name in Form.__dataclass_fields__}
        paths = {"source": str(source), "target": str(run.path)}
        return sandboxed.work({**paths, "form": fields, "strips": strips})

    return run


def opened(path: Path) -> Image.Image:
    image = Image.open(path)
    image.load()
    return image


@pytest.mark.parametrize(
    ("size", "form", "picture", "canvas"),
    [
        ((1000, 500), {}, (1000, 500), (1000, 500)),
        ((1000, 500), {"max_width": 100}, (100, 50), (100, 50)),
        ((1000, 500), {"max_width": 5000, "max_height": 5000}, (1000, 500), (1000, 500)),
        ((1000, 500), {"max_height": 100}, (200, 100), (200, 100)),
        ((1000, 500), {"max_pixels": 5000}, (100, 50), (100, 50)),
        ((1000, 500), {"max_ratio": 1.0}, (1000, 500), (1000, 1000)),
        ((1000, 500), {"max_ratio": 1.0, "max_width": 100}, (100, 50), (100, 100)),
        ((500, 1000), {"min_ratio": 0.8}, (500, 1000), (800, 1000)),
        ((500, 1000), {"min_ratio": 0.8, "max_width": 400}, (250, 500), (400, 500)),
        ((1, 9000), {"max_height": 90}, (1, 90), (1, 90)),
    ],
)
def test_a_frame_is_never_larger_than_the_picture_and_cuts_nothing_off(size, form, picture, canvas):
    frame = geometry.fit(*size, Form("image/jpeg", **form))

    assert (frame.width, frame.height) == picture
    assert (frame.canvas_width, frame.canvas_height) == canvas
    assert frame.has_bars is (picture != canvas)


# Pictures


def test_a_transparent_image_becomes_a_jpeg_on_white(make):
    held = io.BytesIO()
    Image.new("RGBA", (40, 20), (255, 0, 0, 0)).save(held, "PNG")

    answer = make(held.getvalue(), "image/jpeg")

    assert answer["bars"] is False
    assert answer["facts"]["content_type"] == "image/jpeg"
    assert (answer["facts"]["width"], answer["facts"]["height"]) == (40, 20)
    assert answer["facts"]["size_bytes"] == make.path.stat().st_size
    image = opened(make.path)
    assert (image.format, image.mode) == ("JPEG", "RGB")
    assert min(image.getpixel((20, 10))) >= 253


def test_a_photo_is_rotated_upright_and_loses_its_place(make):
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 29.0)
    halves = Image.new("RGB", (80, 40), "red")
    halves.paste("blue", (40, 0, 80, 40))
    held = io.BytesIO()
    halves.save(held, "JPEG", exif=exif, quality=95)

    answer = make(held.getvalue(), "image/jpeg", max_width=30)

    image = opened(make.path)
    assert image.size == (30, 60) == (answer["facts"]["width"], answer["facts"]["height"])
    assert len(image.getexif()) == 0
    assert "exif" not in image.info
    top, bottom = image.getpixel((15, 10)), image.getpixel((15, 50))
    assert top[0] > 200 > 60 > top[2]
    assert bottom[2] > 200 > 60 > bottom[0]


def test_bars_fit_an_image_to_the_ratio(make):
    answer = make(videos.picture(400, 100, mode="L"), "image/jpeg", max_ratio=1.0, max_width=200)

    assert answer["bars"] is True
    image = opened(make.path)
    assert image.size == (200, 200)
    assert min(image.getpixel((100, 10))) > 250
    assert min(image.getpixel((100, 190))) > 250


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_large_image_is_compressed_to_fit(make, kind):
    content = videos.picture(900, 900, kind)
    most = 60_000
    assert len(content) > most

    answer = make(content, "image/jpeg", max_bytes=most)

    assert make.path.stat().st_size <= most
    assert answer["facts"]["width"] == answer["facts"]["height"] <= 900


def test_an_image_that_cannot_fit_fails_with_a_reason(make):
    assert make(videos.picture(400, 400), "image/jpeg", max_bytes=500) == {
        "cannot": "it does not fit into 500 bytes"
    }


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("CMYK", "JPEG"), ("P", "PNG"), ("LA", "PNG"), ("I;16", "PNG"), ("1", "PNG"), ("P", "GIF")],
)
def test_images_of_every_colour_mode_become_plain(make, mode, kind):
    held = io.BytesIO()
    Image.new("L", (30, 20), 128).convert(mode).save(held, kind)

    assert make(held.getvalue(), "image/jpeg")["facts"]["width"] == 30
    assert opened(make.path).mode == "RGB"


def test_an_image_keeps_its_transparency_if_the_form_allows_it(make):
    held = io.BytesIO()
    Image.new("RGBA", (400, 200), (255, 0, 0, 0)).save(held, "PNG")

    make(held.getvalue(), "image/png", max_width=100)

    image = opened(make.path)
    assert (image.format, image.size, image.getpixel((5, 5))[3]) == ("PNG", (100, 50), 0)


def test_colours_of_another_profile_become_srgb(make):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    odd = videos.picture(icc_profile=profile)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    good = videos.picture(icc_profile=srgb)

    for content in (odd, good):
        assert "facts" in make(content, "image/jpeg", max_width=20)
        assert "icc_profile" not in opened(make.path).info


def test_a_broken_image_cannot_be_converted(make):
    answer = make(videos.picture(300, 300)[:-3000], "image/jpeg", max_width=20)

    assert answer == {"cannot": "the image cannot be read"}


def test_an_image_with_too_many_pixels_is_not_decoded(make, monkeypatch):
    monkeypatch.setattr("posts.media.convert.images.PIXELS", 99)

    assert make(videos.picture(10, 10), "image/jpeg") == {"cannot": "the image is too large"}


def test_images_are_not_converted_to_unknown_types(make):
    assert make(videos.picture(), "image/tiff") == {
        "cannot": "images cannot be converted to image/tiff"
    }


# Videos

VIDEO = {"video_codec": "h264", "audio_codec": "aac", "index_first": True}


def pictures_of(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def packets_of(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def test_a_video_whose_index_is_last_is_copied_without_encoding(make, tmp_path):
    content = videos.make(sound=True)

    answer = make(content, "video/mp4", **VIDEO)

    assert answer["facts"]["index_first"] is True
    assert (answer["facts"]["video_codec"], answer["facts"]["audio_codec"]) == ("h264", "aac")
    assert packets_of(make.path) == packets_of(tmp_path / "source")


def test_a_copied_video_stays_rotated(make):
    answer = make(videos.turned(videos.make()), "video/mp4", **VIDEO)

    assert (answer["facts"]["width"], answer["facts"]["height"]) == (48, 64)
    assert [frame.rotation for frame in pictures_of(make.path)[:1]] == [-90]


def test_sound_that_mp4_does_not_support_is_encoded(make, tmp_path):
    path = tmp_path / "pcm.mov"
    path.write_bytes(videos.make(container="mov", sound=True, sound_codec="pcm_mulaw"))

    facts = make(path.read_bytes(), "video/mp4", **{**VIDEO, "audio_codec": "pcm_mulaw"})["facts"]

    assert (facts["video_codec"], facts["audio_codec"]) == ("h264", "aac")


def test_another_codec_becomes_h264_with_the_same_pictures_and_sound(make):
    content = videos.make(2, codec="mpeg4", container="mov", sound=True, rate=12)

    facts = make(content, "video/mp4", **VIDEO)["facts"]

    assert (facts["video_codec"], facts["audio_codec"]) == ("h264", "aac")
    assert (facts["frames_per_second"], facts["index_first"]) == (12, True)
    assert (facts["width"], facts["height"]) == (64, 48)
    assert facts["duration_seconds"] == pytest.approx(2, abs=0.05)
    frames_made = pictures_of(make.path)
    assert len(frames_made) == 24
    assert {frame.format.name for frame in frames_made} == {"yuv420p"}
    assert b"elst" not in make.path.read_bytes()
    with av.open(str(make.path)) as container:
        sound = container.streams.audio[0]
        assert (sound.sample_rate, sound.layout.name) == (48_000, "stereo")
        assert float(sound.start_time * sound.time_base) == pytest.approx(0, abs=0.03)


def test_a_large_video_is_scaled_to_even_sides(make):
    facts = make(videos.make(width=322, height=178), "video/mp4", **VIDEO, max_width=101)["facts"]

    assert (facts["width"], facts["height"]) == (100, 54)


def test_a_video_gets_bars_and_is_rotated_upright(make):
    content = videos.turned(videos.make(codec="mpeg4"))

    answer = make(content, "video/mp4", **VIDEO, min_ratio=1.0, max_ratio=2.0)

    assert answer["bars"] is True
    assert (answer["facts"]["width"], answer["facts"]["height"]) == (64, 64)
    (first, *_) = pictures_of(make.path)
    assert first.rotation == 0
    image = first.to_image()
    assert max(image.getpixel((2, 32))) < 24
    assert max(image.getpixel((61, 32))) < 24


@pytest.mark.parametrize(
    ("bounds", "pace"), [({"max_fps": 10}, 10), ({"min_fps": 30, "max_fps": 60}, 30)]
)
def test_the_frame_rate_is_brought_within_limits(make, bounds, pace):
    facts = make(videos.make(2, rate=25), "video/mp4", **VIDEO, **bounds)["facts"]

    assert facts["frames_per_second"] == pytest.approx(pace, abs=0.05)
    assert facts["duration_seconds"] == pytest.approx(2, abs=0.11)


def test_a_large_video_is_compressed_to_fit(make):
    content, most = videos.make(4, 160, 120, rate=25, crf="1"), 120_000
    assert len(content) > most

    facts = make(content, "video/mp4", **VIDEO, max_bytes=most)["facts"]

    assert facts["size_bytes"] <= most
    assert facts["duration_seconds"] == pytest.approx(4, abs=0.05)


@pytest.mark.parametrize(
    ("content", "form", "words"),
    [
        (videos.make(10, rate=2), {"max_bytes": 20_000, "max_width": 20}, "do not fit into 20000"),
        (videos.make()[:700], {}, "not a whole MP4"),
        (videos.only_sound(), {}, "no video"),
    ],
)
def test_a_video_that_cannot_be_converted_fails_with_a_reason(make, content, form, words):
    assert words in make(content, "video/mp4", **VIDEO, **form)["cannot"]
