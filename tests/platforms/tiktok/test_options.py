"""What may be asked of TikTok, and what an account allows."""

from typing import Any

import pytest

from platforms.drafts import Draft, Media
from platforms.errors import Rejected, Unsupported
from platforms.outcomes import Published
from platforms.tiktok.adapter import TikTok
from tests.conftest import Simulator
from tests.platforms.driver import media, published
from tests.platforms.tiktok.steps import CLIP, make_draft, make_drive, make_photos, only_post


def test_a_private_account_gets_the_widest_audience_it_has(simulator: Simulator):
    options = ["SELF_ONLY", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR"]
    drive = make_drive(simulator, privacy_level_options=options)
    drive.finish(make_draft())
    assert only_post(simulator)["extra"]["privacy_level"] == "FOLLOWER_OF_CREATOR"


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        (["SELF_ONLY"], {}),
        (["SELF_ONLY", "MUTUAL_FOLLOW_FRIENDS"], {"privacyLevel": "PUBLIC_TO_EVERYONE"}),
    ],
)
def test_an_audience_is_never_made_smaller_silently(
    simulator: Simulator, options: list[str], chosen: dict[str, str]
):
    drive = make_drive(simulator, privacy_level_options=options)
    with pytest.raises(Rejected, match="set privacyLevel") as refused:
        drive.publish(make_draft(**chosen))
    assert refused.value.platform_code == "privacy_level_option_mismatch"
    assert drive.saves == []


def test_what_the_account_has_switched_off_stays_off(simulator: Simulator):
    drive = make_drive(simulator, duet_disabled=True)
    drive.finish(make_draft(allowDuet=True, allowStitch=True))
    extra = only_post(simulator)["extra"]
    assert (extra["disable_duet"], extra["disable_stitch"]) == (True, False)


def test_a_video_longer_than_the_account_may_post_is_rejected(simulator: Simulator):
    drive = make_drive(simulator, max_video_post_duration_sec=60)
    item = media(CLIP, "video", duration_seconds=61)
    with pytest.raises(Rejected, match="at most 60 seconds"):
        drive.publish(Draft("Hi", (item,)))


@pytest.mark.parametrize(
    ("text", "settings", "message"),
    [
        ("😀" * 1101, {}, "2200 UTF-16 units"),
        ("Hi", {"privacyLevel": "EVERYBODY"}, "privacyLevel must be one of PUBLIC"),
        ("Hi", {"allowDuet": "yes"}, "allowDuet must be true or false"),
    ],
)
def test_a_draft_tiktok_cannot_carry_is_refused_beforehand(
    text: str, settings: dict[str, Any], message: str
):
    with pytest.raises(Unsupported, match=message):
        TikTok().check(make_draft(CLIP, text, **settings))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"content_type": "video/avi"}, "MP4, MOV or WEBM, not as AVI"),
        ({"size_bytes": 4_000_000_001}, "4 GB"),
        ({"size_bytes": 0}, "at least 1 bytes"),
        ({"duration_seconds": 601}, "600 seconds"),
        ({"kind": "document"}, "does not take a document"),
    ],
)
def test_a_file_tiktok_does_not_take_is_refused_beforehand(fields: dict[str, Any], message: str):
    facts = {"kind": "video", "content_type": "video/mp4", "size_bytes": 9, **fields}
    with pytest.raises(Unsupported, match=message):
        TikTok().check(Draft("Hi", (Media(key="k", filename="a.mp4", **facts),)))


def test_exactly_one_video_is_taken(simulator: Simulator):
    item = media(CLIP, "video")
    with pytest.raises(Unsupported, match="up to 1 files"):
        TikTok().check(Draft("Hi", (item, item)))
    with pytest.raises(Unsupported, match="a video or photos"):
        make_drive(simulator).publish(Draft("Hi"))
    TikTok().check(Draft("Hi", (item,)))


def test_a_customer_is_told_what_the_account_does_not_allow(simulator: Simulator):
    drive = make_drive(simulator, private_account=True, comment_disabled=True)
    result = published(drive.finish(make_draft(allowComments=True)))
    assert result.notes == (
        "allowComments has no effect: the TikTok account has switched it off.",
        "Visible to FOLLOWER_OF_CREATOR: the TikTok account offers no wider audience.",
    )


def test_every_option_of_a_video_reaches_tiktok(simulator: Simulator):
    drive = make_drive(simulator)
    result = drive.finish(
        make_draft(
            privacyLevel="MUTUAL_FOLLOW_FRIENDS",
            allowComments=True,
            allowDuet=True,
            allowStitch=True,
            brandContent=True,
            brandOrganic=True,
            isAigc=True,
            videoCoverTimestampMs=500,
        )
    )
    assert isinstance(result, Published)
    assert result.notes == ()
    sent = only_post(simulator)["extra"]
    assert {name: sent[name] for name in sent if name not in ("sha256", "publish_id")} == {
        "privacy_level": "MUTUAL_FOLLOW_FRIENDS",
        "disable_comment": False,
        "disable_duet": False,
        "disable_stitch": False,
        "brand_content_toggle": True,
        "brand_organic_toggle": True,
        "is_aigc": True,
        "video_cover_timestamp_ms": 500,
    }


def test_every_option_of_photos_reaches_tiktok(simulator: Simulator):
    drive = make_drive(simulator)
    drive.finish(
        make_photos(
            3, title="Doves", photoCoverIndex=2, autoAddMusic=True, isAigc=True, brandOrganic=True
        )
    )
    post = only_post(simulator)
    sent = post["extra"]
    assert post["text"] == "Hello #photos"
    assert {name: sent[name] for name in sent if name not in ("sha256", "publish_id")} == {
        "title": "Doves",
        "privacy_level": "PUBLIC_TO_EVERYONE",
        "disable_comment": True,
        "auto_add_music": True,
        "brand_content_toggle": False,
        "brand_organic_toggle": True,
        "is_aigc": True,
        "photo_cover_index": 2,
    }


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"title": "A video"}, "title is for photos"),
        ({"photoCoverIndex": 1}, "photoCoverIndex is for photos"),
        ({"photoCoverIndex": 0}, "photoCoverIndex is for photos"),
        ({"autoAddMusic": True}, "autoAddMusic is for photos"),
        ({"brandContent": True, "privacyLevel": "SELF_ONLY"}, "branded content cannot be"),
        ({"videoCoverTimestampMs": 2001}, "after the video's end"),
        ({"videoCoverTimestampMs": -1}, "whole number from 0"),
        ({"transfer": "CARRIER_PIGEON"}, "transfer must be one of FILE_UPLOAD, PULL_FROM_URL"),
        ({"privacylevel": "SELF_ONLY"}, "Do you mean 'privacyLevel'"),
    ],
)
def test_options_that_do_not_suit_a_video_are_refused(settings: dict[str, Any], message: str):
    item = media(CLIP, "video", duration_seconds=2.0)
    with pytest.raises(Unsupported, match=message):
        TikTok().check(Draft("Hi", (item,), settings))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"allowDuet": True}, "allowDuet is for videos"),
        ({"allowStitch": True}, "allowStitch is for videos"),
        ({"videoCoverTimestampMs": 1}, "videoCoverTimestampMs is for videos"),
        ({"videoCoverTimestampMs": 0}, "videoCoverTimestampMs is for videos"),
        ({"transfer": "FILE_UPLOAD"}, "FILE_UPLOAD is for videos"),
        ({"photoCoverIndex": 2}, "is beyond the last photo"),
        ({"title": "😀" * 46}, "at most 90 UTF-16 units"),
        ({"title": "a" * 91}, "1 to 90 characters"),
    ],
)
def test_options_that_do_not_suit_photos_are_refused(settings: dict[str, Any], message: str):
    with pytest.raises(Unsupported, match=message):
        TikTok().check(make_photos(2, **settings))


def test_options_at_their_bounds_are_taken():
    TikTok().check(make_photos(2, title="😀" * 45, photoCoverIndex=1, allowDuet=False))
    item = media(CLIP, "video", duration_seconds=2.0)
    TikTok().check(Draft("Hi", (item,), {"videoCoverTimestampMs": 2000, "autoAddMusic": False}))


def test_photos_have_limits_of_their_own():
    photos = make_photos(1).media
    TikTok().check(Draft("😀" * 2000, photos * 35))
    with pytest.raises(Unsupported, match="up to 4000 UTF-16 units"):
        TikTok().check(Draft("😀" * 2000 + "!", photos))
    with pytest.raises(Unsupported, match="up to 35 files"):
        TikTok().check(Draft("Hi", photos * 36))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"content_type": "image/png"}, "JPEG or WEBP, not as PNG"),
        ({"size_bytes": 20_000_001}, "up to 20 MB"),
        ({"width": 1081, "height": 1080}, "up to 1080 by 1920"),
        ({"width": 1080, "height": 1921}, "up to 1080 by 1920"),
    ],
)
def test_a_photo_tiktok_does_not_take_can_be_brought_into_form(
    fields: dict[str, Any], message: str
):
    facts = {"kind": "image", "content_type": "image/jpeg", "size_bytes": 9, **fields}
    item = Media(key="k", filename="a.jpg", **facts)
    with pytest.raises(Unsupported, match=message):
        TikTok().check(Draft("Hi", (item,)))
    form = TikTok().form(Draft("Hi", (item,)), item)
    assert form is not None
    assert form.content_type == "image/jpeg"


@pytest.mark.parametrize(
    ("fields", "is_taken"),
    [
        ({"width": 360, "height": 4096}, True),
        ({"width": 359, "height": 640}, False),
        ({"width": 4097, "height": 640}, False),
        ({"frames_per_second": 22.0}, False),
        ({"frames_per_second": 61.0}, False),
        ({"frames_per_second": 23.976}, True),
        ({"video_codec": "hevc"}, True),
        ({"video_codec": "mpeg4"}, False),
    ],
)
def test_a_video_is_judged_by_its_frames_and_codec(fields: dict[str, Any], is_taken: bool):
    draft = Draft("Hi", (media(CLIP, "video", **fields),))
    if is_taken:
        TikTok().check(draft)
        return
    with pytest.raises(Unsupported):
        TikTok().check(draft)


def test_a_post_with_a_picture_and_a_video_is_sent_as_the_video():
    draft = make_draft()
    both = (*make_photos(1).media, *draft.media)
    assert TikTok().pick(Draft("Hi", both)) == draft.media
