"""The judgement of files by the numbers of a network, as tables."""

from dataclasses import replace

import pytest

from platforms import limits
from platforms.drafts import Draft, Media
from platforms.limits import DocumentRule, Form, ImageRule, Limits, VideoRule
from platforms.policy import media_checks
from platforms.registry import ADAPTERS

MB = 1024**2
LIMITS = Limits(
    280,
    media_items=4,
    image=ImageRule(
        ("image/jpeg", "image/png"),
        max_bytes=8 * MB,
        min_width=100,
        max_width=1440,
        max_pixels=2_000_000,
        min_ratio=0.8,
        max_ratio=1.91,
        alt_text_chars=10,
        max_frames=1,
    ),
    video=VideoRule(
        ("video/mp4",),
        max_bytes=100 * MB,
        min_bytes=10,
        min_seconds=3,
        max_seconds=60,
        max_width=1920,
        min_fps=23,
        max_fps=60,
        video_codecs=("h264", "hevc"),
        audio_codecs=("aac",),
        index_first=True,
    ),
    document=DocumentRule(("application/pdf",), max_bytes=10 * MB, max_pages=300),
)
PHOTO = Media("k", "image", "image/jpeg", "a.jpg", MB, width=1000, height=1000)
CLIP = Media(
    "k",
    "video",
    "video/mp4",
    "a.mp4",
    MB,
    width=1280,
    height=720,
    duration_seconds=10,
    video_codec="h264",
    audio_codec="aac",
    frames_per_second=30,
    index_first=True,
)
PAPER = Media("k", "document", "application/pdf", "a.pdf", MB, pages=10)

FIXABLE, HOPELESS = True, False


@pytest.mark.parametrize("item", [PHOTO, CLIP, PAPER])
def test_a_file_within_the_rules_has_no_flaw_and_needs_no_form(item):
    assert media_checks.violations("X", LIMITS, item) == []
    assert media_checks.form(LIMITS, item) is None


@pytest.mark.parametrize(
    ("item", "words", "fixable"),
    [
        (replace(PHOTO, content_type="image/webp"), "images as JPEG or PNG, not as WEBP", True),
        (replace(PHOTO, size_bytes=8 * MB + 1), "images of up to 8 MB", True),
        (replace(PHOTO, width=1441, height=1000), "up to 1440 by any pixels", True),
        (replace(PHOTO, width=1430, height=1430), "up to 2000000 pixels", True),
        (replace(PHOTO, height=1400), "aspect ratio of 0.80 or more", True),
        (replace(PHOTO, height=500), "aspect ratio of 1.91 or less", True),
        (replace(PHOTO, width=99, height=99), "at least 100 by 0 pixels", False),
        (replace(PHOTO, alt_text="a" * 11), "alt texts of up to 10 characters", False),
        (replace(PHOTO, frames=2, content_type="image/png"), "animations of up to 1 frames", False),
        (
            replace(PHOTO, frames=2, content_type="image/gif"),
            "images as JPEG or PNG, not as GIF",
            False,
        ),
        (replace(CLIP, content_type="video/quicktime"), "videos as MP4, not as MOV", True),
        (replace(CLIP, size_bytes=100 * MB + 1), "videos of up to 100 MB", True),
        (replace(CLIP, size_bytes=9), "videos of at least 10 bytes", False),
        (replace(CLIP, duration_seconds=2.9), "videos of at least 3 seconds", False),
        (replace(CLIP, duration_seconds=61), "videos of up to 60 seconds", False),
        (replace(CLIP, video_codec="vp9"), "does not take vp9 video", True),
        (replace(CLIP, audio_codec="mp3"), "does not take mp3 audio", True),
        (replace(CLIP, frames_per_second=120), "23 to 60 frames a second", True),
        (replace(CLIP, frames_per_second=10), "23 to 60 frames a second", True),
        (replace(CLIP, index_first=False), "whose index comes before", True),
        (replace(CLIP, width=2000), "up to 1920 by any pixels", True),
        (replace(CLIP, alt_text="A dove"), "no alt text for videos", False),
        (replace(PAPER, size_bytes=11 * MB), "documents of up to 10 MB", False),
        (replace(PAPER, pages=301), "documents of up to 300 pages", False),
    ],
)
def test_each_violation_says_what_is_wrong_and_whether_conversion_fixes_it(item, words, fixable):
    [violation] = media_checks.violations("X", LIMITS, item)

    assert violation.message.startswith("X ")
    assert words in violation.message
    assert violation.fixable is fixable
    assert (media_checks.form(LIMITS, item) is not None) is fixable


@pytest.mark.parametrize(
    ("item", "missing"),
    [(PHOTO, {"image": None}), (CLIP, {"video": None}), (PAPER, {"document": None})],
)
def test_a_kind_without_a_rule_is_not_taken(item, missing):
    [violation] = media_checks.violations("X", replace(LIMITS, **missing), item)

    assert violation == media_checks.Violation(f"X does not take {limits.ONE[item.kind]}.")


@pytest.mark.parametrize(
    "item",
    [
        replace(PHOTO, width=None, height=None),
        replace(CLIP, width=None, height=None, duration_seconds=None, video_codec=""),
        replace(CLIP, audio_codec="", frames_per_second=None, index_first=None),
        replace(PAPER, pages=None),
        replace(PHOTO, height=1258),
    ],
)
def test_what_is_not_known_or_hardly_outside_is_no_flaw(item):
    assert media_checks.violations("X", LIMITS, item) == []


def test_a_flaw_that_nothing_mends_leaves_the_file_alone():
    both = replace(CLIP, video_codec="vp9", duration_seconds=100)

    assert len(media_checks.violations("X", LIMITS, both)) == 2
    assert media_checks.form(LIMITS, both) is None


def test_what_no_other_form_mends_is_told_first():
    """The customer reads the first violation: a MOV that is too short stays so as an MP4."""
    first, second = media_checks.violations(
        "X", LIMITS, replace(CLIP, content_type="video/quicktime", duration_seconds=1)
    )

    assert first == media_checks.Violation("X takes videos of at least 3 seconds.")
    assert second.fixable


def test_an_mp4_is_made_with_codecs_that_players_know_where_the_network_names_none():
    any_codec = replace(LIMITS, video=replace(LIMITS.video, video_codecs=(), audio_codecs=()))
    mov = replace(CLIP, content_type="video/quicktime")

    kept = media_checks.form(any_codec, replace(mov, video_codec="hevc"))
    made = media_checks.form(any_codec, replace(mov, video_codec="prores", audio_codec="pcm_s16le"))

    assert (kept.video_codec, kept.audio_codec) == ("hevc", "aac")
    assert (made.video_codec, made.audio_codec) == ("h264", "aac")


def test_a_form_keeps_what_the_network_takes():
    assert media_checks.form(LIMITS, replace(PHOTO, content_type="image/png", height=500)) == Form(
        "image/png",
        max_bytes=8 * MB,
        max_width=1440,
        max_pixels=2_000_000,
        min_ratio=0.8,
        max_ratio=1.91,
    )
    clip = media_checks.form(LIMITS, replace(CLIP, video_codec="hevc", audio_codec="mp3"))
    assert (clip.content_type, clip.video_codec, clip.audio_codec) == ("video/mp4", "hevc", "aac")
    assert clip.index_first is True


def test_a_heavy_picture_becomes_a_jpeg_where_that_is_taken():
    heavy = replace(PHOTO, content_type="image/png", size_bytes=9 * MB)
    only_png = replace(LIMITS, image=replace(LIMITS.image, content_types=("image/png",)))

    assert media_checks.form(LIMITS, heavy).content_type == "image/jpeg"
    assert media_checks.form(only_png, heavy).content_type == "image/png"


def test_what_cannot_be_kept_becomes_the_usual_format_or_the_first_accepted_one():
    webp = replace(PHOTO, content_type="image/webp")
    only_png = replace(LIMITS, image=replace(LIMITS.image, content_types=("image/png",)))

    assert media_checks.form(LIMITS, webp).content_type == "image/jpeg"
    assert media_checks.form(only_png, webp).content_type == "image/png"


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (5, "5 bytes"),
        (2048, "2 KB"),
        (5 * MB, "5 MB"),
        (512 * MB, "512 MB"),
        (4 * 1000**3, "4 GB"),
        (10**6, "1 MB"),
        (256 * 1024**3, "256 GB"),
    ],
)
def test_sizes_are_told_in_words(count, words):
    assert media_checks.size(count) == words


TURNING = replace(LIMITS, video=replace(LIMITS.video, max_height=1200, either_way_up=True))


@pytest.mark.parametrize(
    ("width", "height", "fits"),
    [
        (1920, 1080, True),
        (1080, 1920, True),
        (1200, 1200, True),
        (1200, 1920, True),
        (1921, 1080, False),
        (1920, 1201, False),
        (1080, 1921, False),
        (1201, 1920, False),
        (1201, 1201, False),
    ],
)
def test_an_upright_video_swaps_the_largest_width_and_height(width, height, fits):
    clip = replace(CLIP, width=width, height=height)

    assert (media_checks.violations("X", TURNING, clip) == []) is fits


def test_an_upright_video_that_is_too_large_becomes_an_upright_one():
    upright = replace(CLIP, width=2160, height=3840)

    [violation] = media_checks.violations("X", TURNING, upright)
    assert violation == media_checks.Violation(
        "X takes videos of up to 1200 by 1920 pixels.", fixable=True
    )
    form = media_checks.form(TURNING, upright)
    assert (form.max_width, form.max_height) == (1200, 1920)
    form = media_checks.form(TURNING, replace(upright, width=3840, height=2160))
    assert (form.max_width, form.max_height) == (1920, 1200)


def test_a_form_is_told_in_words():
    form = Form("video/mp4", max_bytes=100 * MB, max_width=1920)

    assert media_checks.described(form) == "MP4, up to 1920 by any pixels, up to 100 MB"


@pytest.mark.parametrize("key", list(ADAPTERS))
def test_a_post_of_pictures_and_a_video_is_one_request_for_every_network(key):
    adapter = ADAPTERS[key]

    kinds = {item.kind for item in adapter.pick(Draft("Hi", (PHOTO, CLIP)))}

    assert kinds
    assert kinds <= set(adapter.limits.kinds)
    assert adapter.limits.mixes or len(kinds) == 1
