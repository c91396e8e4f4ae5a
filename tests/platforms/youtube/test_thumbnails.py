"""A picture of the post becomes the thumbnail of its YouTube video."""

import dataclasses
from typing import Any

import pytest

from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown, Unsupported
from platforms.outcomes import Published
from platforms.youtube import finish
from platforms.youtube.adapter import YouTube
from tests.conftest import Simulator
from tests.platforms.driver import media, published
from tests.platforms.youtube.steps import (
    UPRIGHT,
    WIDE,
    clip,
    has_thumbnail,
    make_drive,
    with_thumbnail,
)


def test_a_post_with_pictures_and_a_video_is_the_video_alone():
    picture, moving = media(), clip()
    assert YouTube().pick(Draft("Hi", (picture, moving))) == (moving,)
    assert YouTube().pick(Draft("Hi", (picture, moving), {"useImageAsThumbnail": False})) == (
        moving,
    )


def test_the_first_picture_is_kept_for_a_thumbnail_and_needs_no_alt_text():
    first, second = media(alt_text="A dove"), media()
    moving = clip()
    kept = YouTube().pick(Draft("Hi", (first, moving, second), {"useImageAsThumbnail": True}))
    assert kept == (moving, dataclasses.replace(first, alt_text=""))


@pytest.mark.parametrize(
    ("post_type", "width", "height", "fits"),
    [
        ("Video", 640, 360, True),
        ("Video", 639, 1280, False),
        ("Short", 360, 640, True),
        ("Short", 1280, 639, False),
    ],
)
def test_a_thumbnail_has_640_pixels_on_its_long_side(
    post_type: str, width: int, height: int, fits: bool
):
    picture = media(width=width, height=height)
    draft = Draft("Hi", (clip(), picture), {"useImageAsThumbnail": True}, post_type)
    if fits:
        YouTube().check(draft)
    else:
        with pytest.raises(Unsupported, match="640"):
            YouTube().check(draft)


def test_a_thumbnail_youtube_does_not_read_is_brought_into_a_form_it_does():
    picture = media(content_type="image/webp", width=1280, height=720)
    draft = Draft("Hi", (clip(WIDE), picture), {"useImageAsThumbnail": True})
    form = YouTube().form(draft, picture)
    assert form is not None
    assert (form.content_type, form.max_bytes) == ("image/jpeg", 50 * 1024 * 1024)
    assert YouTube().form(draft, draft.media[0]) is None


def test_a_thumbnail_is_set_after_the_upload(simulator: Simulator):
    drive = make_drive(simulator)
    YouTube().check(with_thumbnail())
    result = published(drive.publish(with_thumbnail()))
    assert result.notes == ()
    assert has_thumbnail(drive, result.id)


def test_the_thumbnail_of_a_short_waits_until_the_video_is_processed(simulator: Simulator):
    drive = make_drive(simulator)
    draft = with_thumbnail(content=UPRIGHT, post_type="Short")
    result = published(drive.publish(draft))
    assert result.notes == ()
    assert has_thumbnail(drive, result.id)


def test_a_short_that_is_processed_too_long_is_published_with_a_note(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(finish, "PROCESSING_PAUSES_SECONDS", (0, 0))
    simulator.set("youtube", "processing_seconds", 3600)
    drive = make_drive(simulator)
    result = published(drive.publish(with_thumbnail(content=UPRIGHT, post_type="Short")))
    assert "still processed the Short" in result.notes[0]
    assert not has_thumbnail(drive, result.id)


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("phone_verified", False, "does not allow"),
        ("thumbnails_per_day", 1, "daily limit of thumbnails"),
    ],
)
def test_a_thumbnail_that_is_refused_is_a_note_and_the_post_is_published(
    simulator: Simulator, setting: str, value: Any, words: str
):
    drive = make_drive(simulator)
    drive.publish(with_thumbnail())
    simulator.set("youtube", setting, value)
    drive.checkpoint = {}
    result = published(drive.publish(with_thumbnail()))
    assert result.notes[0].startswith("The thumbnail could not be set: ")
    assert words in result.notes[0]


@pytest.mark.parametrize("fault", [{"status": 404}, {"status": 503}, {"drop": "after"}])
def test_a_thumbnail_that_fails_for_a_moment_is_set_again(
    simulator: Simulator, fault: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(finish, "TRY_PAUSES_SECONDS", (0, 0, 0))
    simulator.fault("youtube", call="set_thumbnail", times=2, **fault)
    drive = make_drive(simulator)
    result = published(drive.publish(with_thumbnail()))
    assert result.notes == ()
    assert has_thumbnail(drive, result.id)


def test_a_thumbnail_that_takes_too_long_is_a_note(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(finish, "THUMBNAIL_SECONDS", 0.1)
    simulator.fault("youtube", call="set_thumbnail", delay_seconds=1, times=1)
    result = published(make_drive(simulator).publish(with_thumbnail()))
    assert result.notes == ("The thumbnail could not be set: it took too long.",)


def test_a_picture_that_cannot_be_read_spoils_nothing(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(finish, "TRY_PAUSES_SECONDS", (0, 0, 0))
    draft = with_thumbnail()
    moving, picture = draft.media
    lost = dataclasses.replace(picture, open=lambda: open("/nowhere/picture.png", "rb"))  # noqa: SIM115, PTH123
    result = make_drive(simulator).publish(dataclasses.replace(draft, media=(moving, lost)))
    assert isinstance(result, Published)
    assert len(result.notes) == 1


def test_a_found_video_still_gets_its_thumbnail(simulator: Simulator):
    drive = make_drive(simulator)
    drive.fault(call="put_bytes", drop="after", times=1)
    drive.raises(OutcomeUnknown, with_thumbnail())
    found = published(drive.find(with_thumbnail()))
    assert has_thumbnail(drive, found.id)
