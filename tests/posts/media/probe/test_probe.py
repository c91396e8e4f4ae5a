"""The facts that are read from files, uploaded over HTTP as customers do."""

import io
import struct
import zlib

import pytest
from PIL import Image

from platforms import sandbox
from platforms.limits import DocumentRule, Limits
from platforms.linkedin.adapter import LinkedIn
from posts.models import Media
from tests.factories import make_account
from tests.posts.cases import apart
from tests.posts.conftest import announce, data_of, put, refused, upload
from tests.posts.media import crafted, videos


def complete(caller, content: bytes, kind: str) -> Media:
    return Media.objects.get(pk=data_of(upload(caller, content, kind))["id"])


def test_codecs_frame_rate_and_index_of_a_video_are_read(ada):
    media = complete(ada, videos.make(2, sound=True, rate=12), "video/mp4")

    assert (media.video_codec, media.audio_codec) == ("h264", "aac")
    assert (media.width, media.height, media.frames_per_second) == (64, 48, 12)
    assert media.duration_seconds == pytest.approx(2, abs=0.05)
    assert media.index_first is False


def test_a_video_made_for_streaming_has_its_index_first(ada):
    content = videos.make(movflags="faststart", codec="mpeg4", container="mov")

    media = complete(ada, content, "video/quicktime")

    assert (media.video_codec, media.audio_codec, media.index_first) == ("mpeg4", "", True)


def test_a_video_in_fragments_is_measured_whole(ada):
    media = complete(ada, videos.make(2, movflags="frag_keyframe+empty_moov"), "video/mp4")

    assert media.duration_seconds == pytest.approx(2, abs=0.25)
    assert media.index_first is True


def test_a_rotated_video_is_measured_as_displayed(ada):
    media = complete(ada, videos.turned(videos.make()), "video/mp4")

    assert (media.width, media.height) == (48, 64)


def test_an_unknown_audio_codec_still_counts_as_sound(ada):
    content = videos.of_codec(videos.make(sound=True), b"mp4a")

    media = complete(ada, videos.of_codec(content, b"esds", b"free"), "video/mp4")

    assert (media.video_codec, media.audio_codec) == ("h264", "unknown")


def test_a_wrong_duration_in_the_header_is_ignored(ada):
    media = complete(ada, videos.saying(videos.make(2, sound=True), 36_000), "video/mp4")

    assert media.duration_seconds == pytest.approx(2, abs=0.05)


def test_the_frames_of_an_animation_are_counted(ada):
    for content, kind, frames in (
        (videos.animation(7), "image/gif", 7),
        (videos.animation(5, "WEBP"), "image/webp", 5),
        (videos.animation(3, "PNG"), "image/png", 3),
        (videos.picture(kind="GIF", mode="P"), "image/gif", 1),
        (videos.picture(), "image/jpeg", 1),
    ):
        with apart(content, kind, frames):
            assert complete(ada, content, kind).frames == frames


def pdf(pages: int) -> bytes:
    first, *others = (Image.new("L", (20, 20)) for _ in range(pages))
    held = io.BytesIO()
    first.save(held, "PDF", save_all=True, append_images=others)
    return held.getvalue()


def packed_pdf(pages: int, said: int) -> bytes:
    """As newer writers do it: what says that there are pages is inside a compressed stream, and so
    is the table that says where what is."""
    kids = b" ".join(b"%d 0 R" % (number + 5) for number in range(pages))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (said, kids),
        *[b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"] * pages,
    ]
    numbers = [1, 2, *range(5, 5 + pages)]
    places = [sum(len(each) + 1 for each in objects[:n]) for n in range(len(objects))]
    index = b" ".join(b"%d %d" % pair for pair in zip(numbers, places, strict=True)) + b" "
    made = b"%PDF-1.7\n"
    packed_at = len(made)
    made += stream(
        3, b"/Type/ObjStm/N %d/First %d" % (len(objects), len(index)), index + b" ".join(objects)
    )
    table_at = len(made)
    rows = {0: (0, 0, 0), 3: (1, packed_at, 0), 4: (1, table_at, 0)}
    rows |= {number: (2, 3, place) for place, number in enumerate(numbers)}
    table = b"".join(struct.pack(">BIH", *rows[number]) for number in sorted(rows))
    made += stream(4, b"/Type/XRef/Root 1 0 R/W[1 4 2]/Size %d" % len(rows), table)
    return made + b"startxref\n%d\n%%%%EOF\n" % table_at


def stream(number: int, says: bytes, content: bytes) -> bytes:
    held = zlib.compress(content)
    return b"%d 0 obj<<%s/Filter/FlateDecode/Length %d>>stream\n%s\nendstream endobj\n" % (
        number,
        says,
        len(held),
        held,
    )


def test_the_pages_of_a_document_are_counted_or_unknown(ada):
    for content, pages in (
        (pdf(1), 1),
        (pdf(12), 12),
        (packed_pdf(7, 7), 7),
        (packed_pdf(7, 8), None),
        (b"%PDF-1.7\n%%EOF\n", None),
        (b"%PDF-1.7\n<</Type/ObjStm>> stream\nno zlib endstream", None),
    ):
        with apart(content, pages):
            assert complete(ada, content, "application/pdf").pages == pages


def test_a_document_with_too_many_pages_for_linkedin_is_refused(ada, monkeypatch):
    paper = Limits(3000, document=DocumentRule(("application/pdf",), 10**7, max_pages=10))
    monkeypatch.setattr(LinkedIn, "limits", paper)
    monkeypatch.setattr(LinkedIn, "limits_for", lambda self, draft: paper)
    linkedin = make_account(ada.workspace, "linkedin")
    media = complete(ada, pdf(11), "application/pdf")
    body = {"content": "Hi", "account_ids": [linkedin.pk], "media_ids": [str(media.pk)]}

    error = refused(ada.post("/posts", body), 400, "post_creation_failed")

    assert error["message"] == f"{linkedin.name}: LinkedIn takes documents of up to 10 pages."


def test_a_bad_file_is_refused_by_name_and_nothing_is_kept(
    ada, settings, django_capture_on_commit_callbacks
):
    for content, kind, message in (
        (videos.picture(400, 400)[:-2000], "image/jpeg", "The file is not a whole JPEG image."),
        (videos.picture(kind="PNG"), "image/jpeg", "The file is not a whole JPEG image."),
        (
            crafted.claiming_pixels(20_000, 20_000, "PNG"),
            "image/png",
            "The image has more than 64000000 pixels.",
        ),
        (b"\0", "image/png", "The file is not a whole PNG image."),
        (videos.only_sound(), "video/mp4", "The file has no video in it."),
        (videos.make()[:600], "video/mp4", "The file is not a whole MP4 or MOV video."),
        (
            videos.make(2, movflags="faststart")[:-300],
            "video/mp4",
            "The file is not a whole MP4 or MOV video.",
        ),
        (b"\0", "video/mp4", "The file is not a whole MP4 or MOV video."),
        (
            videos.claiming_samples(videos.make(), 170_000_000),
            "video/mp4",
            "The file is not a whole MP4 or MOV video.",
        ),
        (
            videos.of_codec(videos.make(), b"avc1"),
            "video/mp4",
            "The video is of a codec that is not known here.",
        ),
    ):
        with apart(content, kind, message):
            with django_capture_on_commit_callbacks(execute=True):
                error = refused(upload(ada, content, kind), 400, "invalid_media")

            assert error["message"] == message
            media = Media.objects.get()
            assert (media.status, media.error, media.storage_key) == ("failed", message, "")
            assert (media.width, media.video_codec, media.duration_seconds) == (None, "", None)
            assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []


def test_an_empty_file_is_refused(ada):
    data = announce(ada, b"x", "image/png")

    refused(put(data, b"", "image/png", CONTENT_TYPE="image/png"), 400, "validation_error")
    refused(ada.post(f"/media/{data['media_id']}/complete"), 409, "upload_incomplete")


@pytest.mark.usefixtures("real_sandbox")
def test_a_video_that_takes_too_long_to_read_is_interrupted(ada, monkeypatch):
    monkeypatch.setattr("posts.media.inspection.LIMITS", sandbox.ResourceLimits(0, 2, 10**9))
    refused(upload(ada, videos.make(), "video/mp4"), 503, "service_unavailable")
    complete = f"/media/{Media.objects.get().pk}/complete"
    refused(ada.post(complete), 503, "service_unavailable")

    error = refused(ada.post(complete), 400, "invalid_media")

    assert error["message"] == "The file cannot be read."


def test_an_image_with_too_many_pixels_is_refused(ada):
    for size, kind, options, most in (
        ((8001, 8000), "PNG", {}, 64_000_000),
        ((8000, 4001), "JPEG", {"progressive": True}, 32_000_000),
        ((4000, 3126), "WEBP", {}, 12_500_000),
    ):
        with apart(size, kind, options, most):
            content = crafted.claiming_pixels(*size, kind, **options)

            error = refused(upload(ada, content, f"image/{kind.lower()}"), 400, "invalid_media")

            assert error["message"] == f"The image has more than {most} pixels."
