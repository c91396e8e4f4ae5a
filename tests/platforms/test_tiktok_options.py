"""What may be asked of TikTok, and what an account allows."""

from typing import Any

import pytest

from platforms.base import (
    Draft,
    Media,
)
from platforms.errors import (
    Rejected,
    Unsupported,
)
from platforms.tiktok.adapter import TikTok
from tests.conftest import Simulator
from tests.platforms.driver import media
from tests.platforms.tiktok import (
    FILM,
    make_draft,
    make_drive,
    only_post,
)

MIB = 1024 * 1024


# Privacy and switches


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
    item = media(FILM, "video", duration_seconds=61)
    with pytest.raises(Rejected, match="at most 60 seconds"):
        drive.publish(Draft("Hi", (item,)))


@pytest.mark.parametrize(
    ("text", "settings", "message"),
    [
        ("😀" * 1101, {}, "2200 UTF-16 units"),
        ("Hi", {"privacyLevel": "EVERYBODY"}, "privacyLevel is one of PUBLIC"),
        ("Hi", {"allowDuet": "yes"}, "allowDuet is true or false"),
    ],
)
def test_a_draft_tiktok_cannot_carry_is_refused_beforehand(
    text: str, settings: dict[str, Any], message: str
):
    with pytest.raises(Unsupported, match=message):
        TikTok().check(make_draft(FILM, text, **settings))


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
    item = media(FILM, "video")
    with pytest.raises(Unsupported, match="up to 1 files"):
        TikTok().check(Draft("Hi", (item, item)))
    with pytest.raises(Unsupported, match="no text alone"):
        make_drive(simulator).publish(Draft("Hi"))
    TikTok().check(Draft("Hi", (item,)))
