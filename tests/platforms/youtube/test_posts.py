"""Every kind of YouTube post: videos, Shorts, options, thumbnails, and what became of them."""

import asyncio
import dataclasses
from typing import Any

import pytest

from platforms.adapter import Call
from platforms.checkpoint import Checkpoint
from platforms.drafts import Draft, Media
from platforms.errors import OutcomeUnknown, Rejected, Unsupported
from platforms.http.client import Client
from platforms.http.transport import Transport
from platforms.outcomes import Published, RefusedLater
from platforms.youtube.adapter import YouTube
from tests.conftest import Simulator
from tests.platforms.driver import Drive, published
from tests.platforms.youtube.steps import CHANNEL, WIDE, clip, make_draft, make_drive, only_post


def short(*more: Media, **settings: Any) -> Draft:
    return Draft("Hi", (clip(), *more), settings, post_type="Short")


# Shorts


def test_a_short_is_published_under_its_own_address(simulator: Simulator):
    drive = make_drive(simulator)
    YouTube().check(short())
    result = drive.publish(short())
    post = only_post(simulator)
    assert result == Published(post["id"], f"https://www.youtube.com/shorts/{post['id']}")
    assert (post["extra"]["kind"], post["url"]) == ("Short", result.url)


def test_a_video_that_is_a_short_by_its_shape_gets_the_address_of_one(simulator: Simulator):
    result = published(make_drive(simulator).publish(Draft("Hi", (clip(),))))
    assert (
        result.url == only_post(simulator)["url"] == f"https://www.youtube.com/shorts/{result.id}"
    )


def test_a_video_asked_for_as_such_gets_the_address_every_video_has(simulator: Simulator):
    result = published(make_drive(simulator).publish(Draft("Hi", (clip(),), post_type="Video")))
    assert result.url == f"https://www.youtube.com/watch?v={result.id}"


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"width": 1920, "height": 1080}, "portrait or square; this video is landscape"),
        ({"width": 1081, "height": 1080}, "portrait or square"),
        ({"duration_seconds": 180.5}, "up to 180 seconds"),
    ],
)
def test_another_video_cannot_be_asked_for_as_a_short(facts: dict[str, Any], message: str):
    draft = Draft("Hi", (clip(**facts),), post_type="Short")
    with pytest.raises(Unsupported, match=message):
        YouTube().check(draft)
    assert YouTube().form(draft, draft.media[0]) is None
    YouTube().check(dataclasses.replace(draft, post_type="Video"))


def test_a_square_video_of_three_minutes_is_a_short():
    item = clip(width=1080, height=1080, duration_seconds=180.0)
    YouTube().check(Draft("Hi", (item,), post_type="Short"))


def test_there_are_videos_and_shorts_and_nothing_else():
    with pytest.raises(Unsupported, match="knows Video, Short; not 'Story'"):
        YouTube().check(Draft("Hi", (clip(),), post_type="Story"))


# Options


def test_every_option_reaches_youtube(simulator: Simulator):
    drive = make_drive(simulator)
    draft = make_draft(
        WIDE,
        madeForKids=True,
        categoryId="28",
        containsSyntheticMedia=True,
        notifySubscribers=False,
        embeddable=False,
        license="creativeCommon",
        defaultLanguage="pt-BR",
        privacyStatus="private",
    )
    YouTube().check(draft)
    assert isinstance(drive.publish(draft), Published)
    extra = only_post(simulator)["extra"]
    assert extra["snippet"] == {
        "title": "Hello",
        "description": "A video\n\nabout us",
        "tags": ["one", "two words"],
        "categoryId": "28",
        "defaultLanguage": "pt-BR",
    }
    assert extra["status"] == {
        "privacyStatus": "private",
        "selfDeclaredMadeForKids": True,
        "containsSyntheticMedia": True,
        "embeddable": False,
        "license": "creativeCommon",
    }
    assert extra["notifySubscribers"] is False


def test_what_is_not_asked_for_is_said_all_the_same(simulator: Simulator):
    make_drive(simulator).publish(Draft("Hi", (clip(),)))
    extra = only_post(simulator)["extra"]
    assert extra["snippet"] == {"title": "Hi", "description": "Hi", "tags": [], "categoryId": "22"}
    assert extra["status"] == {
        "privacyStatus": "public",
        "selfDeclaredMadeForKids": False,
        "containsSyntheticMedia": False,
        "embeddable": True,
        "license": "youtube",
    }
    assert extra["notifySubscribers"] is True


def test_youtubes_own_name_for_children_is_taken_too(simulator: Simulator):
    make_drive(simulator).publish(make_draft(WIDE, selfDeclaredMadeForKids=True))
    assert only_post(simulator)["extra"]["selfDeclaredMadeForKids"] is True


def test_a_category_that_cannot_be_chosen_is_refused_by_youtube(simulator: Simulator):
    refused = make_drive(simulator).raises(Rejected, make_draft(WIDE, categoryId="18"))
    assert (refused.code, refused.platform_code) == ("option_rejected", "invalidCategoryId")


# What became of the video


@pytest.mark.parametrize(("asked", "got"), [("public", "private"), ("private", "public")])
def test_another_privacy_than_the_asked_one_is_said(simulator: Simulator, asked: str, got: str):
    simulator.set("youtube", "privacy", got)
    result = published(make_drive(simulator).publish(make_draft(WIDE, privacyStatus=asked)))
    assert result.notes == (f"YouTube made the video {got}; {asked} was asked for.",)


def test_the_upload_itself_tells_of_the_privacy_where_nothing_else_may_be_read(
    simulator: Simulator,
):
    simulator.set("youtube", "privacy", "private")
    simulator.fault("youtube", call="videos", status=403)
    result = published(make_drive(simulator).publish(make_draft(WIDE)))
    assert result.notes == ("YouTube made the video private; public was asked for.",)


def test_a_video_is_published_while_youtube_still_processes_it(simulator: Simulator):
    simulator.set("youtube", "processing_seconds", 3600)
    assert isinstance(make_drive(simulator).publish(make_draft(WIDE)), Published)


#: What processing ends with → our code, our words.
UNWANTED = [
    ("failed:codec", "media_rejected", "does not know the codec"),
    ("failed:invalidFile", "media_rejected", "type of file"),
    ("failed:somethingNew", "media_rejected", "somethingNew"),
    ("failed", "media_rejected", "does not say why"),
    ("rejected:copyright", "media_rejected", "infringes a copyright"),
    ("rejected:duplicate", "duplicate_content", "the same video before"),
    ("rejected:length", "account_restricted", "verify the channel"),
    ("rejected:uploaderAccountSuspended", "account_restricted", "is suspended"),
    ("rejected", "media_rejected", "does not say why"),
    ("deleted", "media_rejected", "was deleted"),
]


def test_a_video_that_youtube_does_not_want_ends_failed_with_its_reason(simulator: Simulator):
    simulator.set("youtube", "processing_seconds", 0)
    drive = make_drive(simulator)
    for fate, code, words in UNWANTED:
        simulator.set("youtube", "processing_result", fate)
        drive.checkpoint = {}
        error = drive.fails(make_draft(WIDE))
        told = (type(error), error.code, error.platform_code)
        assert (fate, told) == (fate, (Rejected, code, fate.partition(":")[2] or fate))
        assert words in error.message
        assert drive.public()[0]["id"] in error.message


def test_a_found_video_that_youtube_does_not_want_is_refused(simulator: Simulator):
    drive, draft = make_drive(simulator), make_draft(WIDE)
    simulator.set("youtube", "processing_result", "rejected:claim")
    simulator.set("youtube", "processing_seconds", 0)
    drive.fault(call="put_bytes", drop="after", times=1)
    drive.raises(OutcomeUnknown, draft)
    found = drive.find(draft)
    assert isinstance(found, RefusedLater)
    assert "another party has claimed" in found.error.message


def kept_after_failure(drive: Drive, draft: Draft) -> dict[str, Any]:
    """What the pipeline keeps of the checkpoint together with the error."""

    async def store(values: dict[str, Any], sending: bool) -> None:
        pass

    async def run() -> dict[str, Any]:
        checkpoint = Checkpoint({}, store)
        transport = Transport(gateway=drive.gateway)
        http = Client(transport, explain=drive.adapter.explain, checkpoint=checkpoint)
        with pytest.raises(Rejected):
            await drive.adapter.publish(Call(draft, drive.account, http, checkpoint))
        await transport.close()
        return dict(checkpoint)

    return asyncio.run(run())


def test_after_a_video_that_youtube_does_not_want_the_next_try_is_a_new_upload(
    simulator: Simulator,
):
    drive, draft = make_drive(simulator), make_draft(WIDE)
    simulator.set("youtube", "processing_seconds", 0)
    simulator.set("youtube", "processing_result", "failed:codec")
    drive.checkpoint = kept_after_failure(drive, draft)
    unwanted = only_post(simulator)["id"]
    simulator.set("youtube", "processing_result", "processed")
    result = published(drive.publish(draft))
    assert [post["id"] for post in simulator.posts("youtube", CHANNEL)] == [result.id, unwanted]
