"""X: GIFs and videos in segments, processing, alt texts, and going on after anything."""

import io
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from platforms.drafts import Draft, Media
from platforms.errors import RateLimited, Rejected, Unauthorized, Unavailable, Unsupported
from platforms.outcomes import Processing, Published
from platforms.x import media as uploads
from platforms.x.adapter import X
from tests.conftest import Simulator
from tests.platforms.driver import Drive, media, video
from tests.platforms.x.account import connect


@pytest.fixture
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "SEGMENT_BYTES", 400)


def gif(frames: int = 3, width: int = 16, height: int = 16) -> bytes:
    pictures = [Image.effect_noise((width, height), 90 + n) for n in range(frames)]
    out = io.BytesIO()
    pictures[0].save(out, "GIF", save_all=True, append_images=pictures[1:], duration=40)
    return out.getvalue()


def animation(**fields: Any) -> Media:
    return media(gif(), content_type="image/gif", **{"frames": 3, **fields})


CLIP = media(video(), kind="video")
LOOK = Draft("Look", (CLIP,))


def stored(drive: Drive) -> list[bytes]:
    [post] = drive.public()
    return [drive.simulator.http.get(f"/files/{name}").content for name in post["media"]]


@pytest.mark.usefixtures("small_segments")
@pytest.mark.parametrize("item", [CLIP, animation(alt_text="A square")], ids=["clip", "gif"])
def test_a_video_and_a_gif_go_out_in_segments(drive: Drive, item: Media):
    X().check(Draft("Look", (item,)))
    result = drive.finish(Draft("Look", (item,)))
    assert item.open is not None
    assert stored(drive) == [item.open().read()]
    [post] = drive.public()
    assert post["id"] == result.id
    assert post["extra"]["alt"] == [item.alt_text]
    assert drive.sends == 1


def test_processing_gives_the_worker_back_and_is_asked_for_later(drive: Drive):
    drive.set("processing_seconds", 60)
    assert drive.publish(LOOK) == Processing(after_seconds=1)
    assert drive.publish(LOOK) == Processing(after_seconds=1)
    drive.simulator.advance(61)
    assert isinstance(drive.publish(LOOK), Published)


def test_a_file_that_needs_no_processing_is_used_at_once(drive: Drive):
    drive.set("processing_seconds", 0)
    assert isinstance(drive.publish(LOOK), Published)


def test_a_file_x_cannot_use_is_refused_for_good_and_not_sent_again(drive: Drive):
    draft = Draft("Look", (media(b"no video at all", kind="video"),))
    error = drive.fails(draft)
    assert (type(error), error.code, error.platform_code) == (
        Rejected,
        "media_rejected",
        "InvalidMedia",
    )
    assert "not a video" in error.message
    assert drive.sends == 0


def test_a_failure_of_x_itself_is_tried_again_with_a_new_upload(drive: Drive):
    account = drive.account.platform_account_id
    drive.simulator.set("x", "processing_outcome", "failed", account)
    drive.simulator.set("x", "processing_error", {"code": 2, "name": "InternalError"}, account)
    error = drive.fails(LOOK)
    assert (type(error), error.code) == (Unavailable, "media_processing_failed")
    drive.simulator.set("x", "processing_outcome", "", account)
    assert isinstance(drive.finish(LOOK), Published)
    assert len(drive.public()) == 1


def test_processing_that_never_ends_is_given_up(drive: Drive, monkeypatch: pytest.MonkeyPatch):
    drive.set("processing_outcome", "never")
    assert isinstance(drive.publish(LOOK), Processing)
    monkeypatch.setattr(uploads, "STUCK_SECONDS", -1)
    error = drive.fails(LOOK)
    assert (type(error), error.code) == (Unavailable, "media_processing_failed")
    assert drive.checkpoint["media"] == {}


# Going on

STEPS = ["initialize", "append", "finalize", "media_status", "set_metadata", "create_post"]
GIF = Draft("Look", (animation(alt_text="A square"),))


@pytest.mark.usefixtures("small_segments")
@pytest.mark.parametrize(
    ("step", "skip"), [(step, 0) for step in STEPS] + [("append", 1), ("media_status", 1)]
)
def test_a_token_that_ends_at_any_step_is_replaced_without_a_second_upload_or_post(
    drive: Drive, step: str, skip: int
):
    drive.set("processing_seconds", 0.8)
    drive.fault(call=step, status=401, times=1, skip=skip)
    assert type(drive.fails(GIF)) is Unauthorized
    assert isinstance(drive.finish(GIF), Published)
    [post] = drive.public()
    assert post["extra"]["alt"] == ["A square"]
    begun = {save.values["media"][GIF.media[0].key]["id"] for save in drive.saves}
    assert len(begun) == 1


@pytest.mark.usefixtures("small_segments")
def test_a_worker_that_dies_anywhere_is_followed_by_one_that_posts_once(drive: Drive):
    drive.finish(GIF)
    saves = [save for save in drive.saves if not save.sending]
    assert len(saves) > 3
    for number, save in enumerate(saves):
        other = connect(drive.simulator)
        # Each death is another account's: its upload is made to be that account's own.
        other.account = drive.account
        other.checkpoint = save.values
        draft = replace(GIF, text=f"Look {number}")
        assert isinstance(other.finish(draft), Published)
        texts = [post["text"] for post in drive.public()]
        assert texts.count(f"Look {number}") == 1


@pytest.mark.usefixtures("small_segments")
def test_an_upload_goes_on_at_the_segment_that_failed(drive: Drive):
    drive.fault(call="append", status=503, skip=2, times=1)
    assert type(drive.fails(LOOK)) is Unavailable
    assert drive.checkpoint["media"][CLIP.key]["sent"] == 2
    drive.fault(call="initialize", status=500)
    assert isinstance(drive.finish(LOOK), Published)
    assert CLIP.open is not None
    assert stored(drive) == [CLIP.open().read()]


def test_an_upload_that_x_has_dropped_begins_anew_once(drive: Drive):
    drive.set("media_seconds", 400)
    drive.fault(call="finalize", status=503, times=1)
    assert type(drive.fails(LOOK)) is Unavailable
    drive.simulator.advance(500)
    error = drive.fails(LOOK)
    assert (type(error), error.message) == (Unavailable, "X has forgotten an uploaded file.")
    assert isinstance(drive.finish(LOOK), Published)
    assert len(drive.public()) == 1


def test_a_lost_answer_to_finalizing_costs_nothing(drive: Drive):
    drive.fault(call="finalize", drop="after", times=1)
    assert type(drive.fails(LOOK)) is Unavailable
    assert isinstance(drive.finish(LOOK), Published)


def test_a_limit_in_the_middle_of_an_upload_waits_and_goes_on(drive: Drive):
    drive.fault(call="append", rate_limit_reset_seconds=60, times=1)
    assert type(drive.fails(LOOK)) is RateLimited
    assert isinstance(drive.finish(LOOK), Published)


def test_an_account_without_media_write_must_be_reconnected(simulator: Simulator):
    drive = connect(simulator, extra={"scopes": ["tweet.read", "tweet.write", "users.read"]})
    error = drive.fails(LOOK)
    assert (type(error), error.code) == (Unauthorized, "permission_missing")


# Limits

BIG = 16 * 1024 * 1024


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ((animation(), media()), "up to 1 files"),
        ((animation(), animation()), "up to 1 files"),
        ((CLIP, CLIP), "up to 1 files"),
        ((CLIP, media()), "up to 1 files"),
        ((replace(animation(), size_bytes=BIG),), "up to 15 MB"),
        ((animation(frames=351),), "up to 350 frames"),
        ((animation(width=1281, height=10),), "up to 1280 by 1080"),
        ((animation(frames=350, width=1280, height=1080),), "300 million pixels"),
        ((media(content_type="image/webp", frames=2),), "animations of up to 1"),
        ((replace(CLIP, size_bytes=513 * 1024 * 1024),), "up to 512 MB"),
        ((replace(CLIP, duration_seconds=0.4),), "at least 0.5 seconds"),
        ((replace(CLIP, duration_seconds=140.5),), "up to 140 seconds"),
        ((replace(CLIP, width=31, height=40),), "at least 32 by 32"),
        ((replace(CLIP, width=1921, height=1080),), "up to 1920 by 1200"),
        ((replace(CLIP, width=1080, height=1921),), "up to 1200 by 1920"),
        ((replace(CLIP, width=100, height=320),), "ratio of 0.33 or more"),
        ((replace(CLIP, width=320, height=100),), "ratio of 3.00 or less"),
        ((replace(CLIP, frames_per_second=61),), "0 to 60 frames"),
        ((replace(CLIP, video_codec="hevc"),), "hevc video"),
        ((replace(CLIP, audio_codec="opus"),), "opus audio"),
        ((replace(CLIP, content_type="video/webm"),), "not as WEBM"),
        ((replace(CLIP, alt_text="A"),), "no alt text"),
    ],
)
def test_media_x_cannot_carry_is_refused_before_anything_is_sent(
    items: tuple[Media, ...], words: str
):
    with pytest.raises(Unsupported, match=words):
        X().check(Draft("Look", items))


@pytest.mark.parametrize("size", [(720, 1280), (1080, 1920), (1920, 1080), (1920, 1200)])
def test_a_video_of_a_usual_size_is_sent_as_it_is(size: tuple[int, int]):
    width, height = size
    item = replace(CLIP, width=width, height=height)
    X().check(Draft("Look", (item,)))
    assert X().form(Draft("Look", (item,)), item) is None


@pytest.mark.parametrize(
    ("size", "published"), [((1080, 1920), True), ((1200, 1922), False), ((1922, 1080), False)]
)
def test_the_simulator_swaps_the_sides_of_an_upright_video(
    drive: Drive, size: tuple[int, int], published: bool
):
    draft = Draft("Look", (media(video(0.5, *size), kind="video"),))
    if published:
        assert isinstance(drive.finish(draft), Published)
    else:
        assert drive.fails(draft).code == "media_rejected"


def test_the_largest_media_x_takes_is_accepted():
    X().check(Draft("Look", (animation(frames=217, width=1280, height=1080),)))
    clip = replace(
        CLIP,
        size_bytes=512 * 1024 * 1024,
        duration_seconds=140,
        width=1920,
        height=1200,
        frames_per_second=60,
        video_codec="h264",
        audio_codec="aac",
    )
    X().check(Draft("Look", (clip,)))
