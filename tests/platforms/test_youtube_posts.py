"""Every kind of YouTube post: videos, Shorts, options, thumbnails, and what became of them."""

import asyncio
import dataclasses
import itertools
from typing import Any

import pytest

from platforms.base import Checkpoint, Draft, Media, Published, Refused
from platforms.client import Client, Transport
from platforms.errors import OutcomeUnknown, PlatformError, Rejected, Unsupported
from platforms.youtube import thumbnail
from platforms.youtube.adapter import YouTube
from tests.conftest import Simulator
from tests.platforms.driver import Drive, image, media, video
from tests.platforms.youtube import CHANNEL, make_draft, make_drive, only_post

UPRIGHT = video(seconds=1, width=64, height=128)
WIDE = video(seconds=1, width=128, height=64)
PICTURE = image(720, 1280)


def film(content: bytes = UPRIGHT, **facts: Any) -> Media:
    shape = {"width": 64, "height": 128} if content is UPRIGHT else {"width": 128, "height": 64}
    return media(content, "video", **{**shape, "duration_seconds": 1.0, **facts})


def short(*more: Media, **settings: Any) -> Draft:
    return Draft("Hi", (film(), *more), settings, post_type="Short")


def with_thumbnail(*, content: bytes = WIDE, post_type: str = "", **facts: Any) -> Draft:
    picture = media(PICTURE, width=720, height=1280, **facts)
    return Draft("Hi", (film(content), picture), {"useImageAsThumbnail": True}, post_type)


def resource(simulator: Simulator, drive: Drive, video_id: str) -> dict[str, Any]:
    """The video as its owner reads it."""
    answer = simulator.http.get(
        "/www.googleapis.com/youtube/v3/videos",
        params={"part": "snippet,status", "id": video_id},
        headers={"Authorization": f"Bearer {drive.account.token}"},
    )
    answer.raise_for_status()
    return answer.json()["items"][0]


def has_thumbnail(simulator: Simulator, drive: Drive, video_id: str) -> bool:
    url = resource(simulator, drive, video_id)["snippet"]["thumbnails"]["default"]["url"]
    return url.startswith("/files/") and simulator.http.get(url).content == PICTURE


# Shorts


def test_a_short_is_published_under_its_own_address(simulator: Simulator):
    drive = make_drive(simulator)
    YouTube().check(short())
    result = drive.publish(short())
    post = only_post(simulator)
    assert result == Published(post["id"], f"https://www.youtube.com/shorts/{post['id']}")
    assert (post["extra"]["kind"], post["url"]) == ("Short", result.url)


def test_a_film_that_is_a_short_by_its_shape_gets_the_address_of_one(simulator: Simulator):
    result = make_drive(simulator).publish(Draft("Hi", (film(),)))
    assert isinstance(result, Published)
    assert (
        result.url == only_post(simulator)["url"] == f"https://www.youtube.com/shorts/{result.id}"
    )


def test_a_video_asked_for_as_such_gets_the_address_every_video_has(simulator: Simulator):
    result = make_drive(simulator).publish(Draft("Hi", (film(),), post_type="Video"))
    assert isinstance(result, Published)
    assert result.url == f"https://www.youtube.com/watch?v={result.id}"


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"width": 1920, "height": 1080}, "upright or square; this video is wider than high"),
        ({"width": 1081, "height": 1080}, "upright or square"),
        ({"duration_seconds": 180.5}, "up to 180 seconds"),
    ],
)
def test_another_film_cannot_be_asked_for_as_a_short(facts: dict[str, Any], message: str):
    draft = Draft("Hi", (film(**facts),), post_type="Short")
    with pytest.raises(Unsupported, match=message):
        YouTube().check(draft)
    assert YouTube().form(draft, draft.media[0]) is None
    YouTube().check(dataclasses.replace(draft, post_type="Video"))


def test_a_square_film_of_three_minutes_is_a_short():
    item = film(width=1080, height=1080, duration_seconds=180.0)
    YouTube().check(Draft("Hi", (item,), post_type="Short"))


def test_there_are_videos_and_shorts_and_nothing_else():
    with pytest.raises(Unsupported, match="knows Video, Short; not 'Story'"):
        YouTube().check(Draft("Hi", (film(),), post_type="Story"))


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
        "description": "A film\n\nabout us",
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
    make_drive(simulator).publish(Draft("Hi", (film(),)))
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
    with pytest.raises(Rejected) as refused:
        make_drive(simulator).publish(make_draft(WIDE, categoryId="18"))
    assert (refused.value.code, refused.value.platform_code) == (
        "option_rejected",
        "invalidCategoryId",
    )


# Thumbnails


def test_a_post_with_pictures_and_a_film_is_the_film_alone():
    picture, clip = media(), film()
    assert YouTube().pick((picture, clip)) == (clip,)
    assert YouTube().pick((picture, clip), {"useImageAsThumbnail": False}) == (clip,)


def test_the_first_picture_is_kept_for_a_thumbnail_and_needs_no_alt_text():
    first, second = media(alt_text="A dove"), media()
    clip = film()
    kept = YouTube().pick((first, clip, second), {"useImageAsThumbnail": True})
    assert kept == (clip, dataclasses.replace(first, alt_text=""))


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
    draft = Draft("Hi", (film(), picture), {"useImageAsThumbnail": True}, post_type)
    if fits:
        YouTube().check(draft)
    else:
        with pytest.raises(Unsupported, match="640"):
            YouTube().check(draft)


def test_a_thumbnail_youtube_does_not_read_is_brought_into_a_form_it_does():
    picture = media(content_type="image/webp", width=1280, height=720)
    draft = Draft("Hi", (film(WIDE), picture), {"useImageAsThumbnail": True})
    form = YouTube().form(draft, picture)
    assert form is not None
    assert (form.content_type, form.max_bytes) == ("image/jpeg", 50 * 1024 * 1024)
    assert YouTube().form(draft, draft.media[0]) is None


def test_a_thumbnail_is_set_after_the_upload(simulator: Simulator):
    drive = make_drive(simulator)
    YouTube().check(with_thumbnail())
    result = drive.publish(with_thumbnail())
    assert isinstance(result, Published)
    assert result.notes == ()
    assert has_thumbnail(simulator, drive, result.id)


def test_the_thumbnail_of_a_short_waits_until_the_film_is_processed(simulator: Simulator):
    drive = make_drive(simulator)
    draft = with_thumbnail(content=UPRIGHT, post_type="Short")
    result = drive.publish(draft)
    assert isinstance(result, Published)
    assert result.notes == ()
    assert has_thumbnail(simulator, drive, result.id)


def test_a_short_that_is_processed_too_long_is_published_with_a_note(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(thumbnail, "PROCESSING_PAUSES_SECONDS", (0, 0))
    simulator.set("youtube", "processing_seconds", 3600)
    drive = make_drive(simulator)
    result = drive.publish(with_thumbnail(content=UPRIGHT, post_type="Short"))
    assert isinstance(result, Published)
    assert "still processed the Short" in result.notes[0]
    assert not has_thumbnail(simulator, drive, result.id)


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [("phone_verified", False, "does not allow"), ("thumbnails_per_day", 1, "all the thumbnails")],
)
def test_a_thumbnail_that_is_refused_is_a_note_and_the_post_is_published(
    simulator: Simulator, setting: str, value: Any, words: str
):
    drive = make_drive(simulator)
    drive.publish(with_thumbnail())
    simulator.set("youtube", setting, value)
    drive.checkpoint = {}
    result = drive.publish(with_thumbnail())
    assert isinstance(result, Published)
    assert result.notes[0].startswith("The thumbnail could not be set: ")
    assert words in result.notes[0]


@pytest.mark.parametrize("fault", [{"status": 404}, {"status": 503}, {"drop": "after"}])
def test_a_thumbnail_that_fails_for_a_moment_is_set_again(
    simulator: Simulator, fault: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(thumbnail, "TRY_PAUSES_SECONDS", (0, 0, 0))
    simulator.fault("youtube", call="set_thumbnail", times=2, **fault)
    drive = make_drive(simulator)
    result = drive.publish(with_thumbnail())
    assert isinstance(result, Published)
    assert result.notes == ()
    assert has_thumbnail(simulator, drive, result.id)


def test_a_thumbnail_that_takes_too_long_is_a_note(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(thumbnail, "PUT_SECONDS", 0.1)
    simulator.fault("youtube", call="set_thumbnail", delay_seconds=1, times=1)
    result = make_drive(simulator).publish(with_thumbnail())
    assert isinstance(result, Published)
    assert result.notes == ("The thumbnail could not be set: it took too long.",)


def test_a_picture_that_cannot_be_read_spoils_nothing(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(thumbnail, "TRY_PAUSES_SECONDS", (0, 0, 0))
    draft = with_thumbnail()
    clip, picture = draft.media
    lost = dataclasses.replace(picture, open=lambda: open("/nowhere/picture.png", "rb"))  # noqa: SIM115, PTH123
    result = make_drive(simulator).publish(dataclasses.replace(draft, media=(clip, lost)))
    assert isinstance(result, Published)
    assert len(result.notes) == 1


def test_a_found_video_still_gets_its_thumbnail(simulator: Simulator):
    drive = make_drive(simulator)
    simulator.fault("youtube", call="put_bytes", drop="after", times=1)
    with pytest.raises(OutcomeUnknown):
        drive.publish(with_thumbnail())
    found = drive.find(with_thumbnail())
    assert isinstance(found, Published)
    assert has_thumbnail(simulator, drive, found.id)


# What became of the video


@pytest.mark.parametrize(("asked", "got"), [("public", "private"), ("private", "public")])
def test_another_privacy_than_the_asked_one_is_said(simulator: Simulator, asked: str, got: str):
    simulator.set("youtube", "privacy", got)
    result = make_drive(simulator).publish(make_draft(WIDE, privacyStatus=asked))
    assert isinstance(result, Published)
    assert result.notes == (f"YouTube made the video {got}; {asked} was asked for.",)


def test_the_upload_itself_tells_of_the_privacy_where_nothing_else_may_be_read(
    simulator: Simulator,
):
    simulator.set("youtube", "privacy", "private")
    simulator.fault("youtube", call="videos", status=403)
    result = make_drive(simulator).publish(make_draft(WIDE))
    assert isinstance(result, Published)
    assert result.notes == ("YouTube made the video private; public was asked for.",)


def test_a_video_is_published_while_youtube_still_processes_it(simulator: Simulator):
    simulator.set("youtube", "processing_seconds", 3600)
    assert isinstance(make_drive(simulator).publish(make_draft(WIDE)), Published)


@pytest.mark.parametrize(
    ("fate", "code", "words"),
    [
        ("failed:codec", "media_rejected", "does not know the codec"),
        ("failed:invalidFile", "media_rejected", "kind of file"),
        ("failed:somethingNew", "media_rejected", "somethingNew"),
        ("failed", "media_rejected", "does not say why"),
        ("rejected:copyright", "media_rejected", "infringes a copyright"),
        ("rejected:duplicate", "duplicate_content", "the same video before"),
        ("rejected:length", "account_restricted", "verify the channel"),
        ("rejected:uploaderAccountSuspended", "account_restricted", "is suspended"),
        ("rejected", "media_rejected", "does not say why"),
        ("deleted", "media_rejected", "was deleted"),
    ],
)
def test_a_video_that_youtube_does_not_want_ends_failed_with_its_reason(
    simulator: Simulator, fate: str, code: str, words: str
):
    simulator.set("youtube", "fate", fate)
    simulator.set("youtube", "processing_seconds", 0)
    with pytest.raises(Rejected) as refused:
        make_drive(simulator).publish(make_draft(WIDE))
    assert (refused.value.code, refused.value.platform_code) == (
        code,
        fate.partition(":")[2] or fate,
    )
    assert words in refused.value.message
    assert only_post(simulator)["id"] in refused.value.message


def test_a_found_video_that_youtube_does_not_want_is_refused(simulator: Simulator):
    drive, draft = make_drive(simulator), make_draft(WIDE)
    simulator.set("youtube", "fate", "rejected:claim")
    simulator.set("youtube", "processing_seconds", 0)
    simulator.fault("youtube", call="put_bytes", drop="after", times=1)
    with pytest.raises(OutcomeUnknown):
        drive.publish(draft)
    found = drive.find(draft)
    assert isinstance(found, Refused)
    assert "somebody else has claimed" in found.error.message


def kept_after_failure(drive: Drive, draft: Draft) -> dict[str, Any]:
    """What the pipeline keeps of the checkpoint together with the error."""

    async def store(values: dict[str, Any], sending: bool) -> None:
        pass

    async def run() -> dict[str, Any]:
        checkpoint = Checkpoint({}, store)
        transport = Transport(gateway=drive.gateway)
        http = Client(transport, explain=drive.adapter.explain, checkpoint=checkpoint)
        with pytest.raises(Rejected):
            await drive.adapter.publish(draft, drive.account, http, checkpoint)
        await transport.close()
        return dict(checkpoint)

    return asyncio.run(run())


def test_after_a_film_that_youtube_does_not_want_the_next_try_is_a_new_upload(
    simulator: Simulator,
):
    drive, draft = make_drive(simulator), make_draft(WIDE)
    simulator.set("youtube", "processing_seconds", 0)
    simulator.set("youtube", "fate", "failed:codec")
    drive.checkpoint = kept_after_failure(drive, draft)
    unwanted = only_post(simulator)["id"]
    simulator.set("youtube", "fate", "processed")
    result = drive.publish(draft)
    assert isinstance(result, Published)
    assert [post["id"] for post in simulator.posts("youtube", CHANNEL)] == [result.id, unwanted]


# A worker dies at any step


def steps(simulator: Simulator, draft: Draft) -> list[dict[str, Any]]:
    drive = make_drive(simulator)
    assert isinstance(drive.publish(draft), Published)
    return [save.values for save in drive.saves]


@pytest.mark.parametrize("step", range(4))
@pytest.mark.parametrize("looks_first", [False, True])
def test_whoever_goes_on_after_a_death_makes_no_second_video(
    simulator: Simulator, step: int, looks_first: bool
):
    draft = with_thumbnail()
    saves = [{}, *steps(simulator, draft)]
    if step == 0:
        # Nothing was saved: there is no session, so nothing can have been made by it.
        simulator.http.post("/control/clear")
    drive = make_drive(simulator)
    drive.checkpoint = dict(saves[step])
    result = drive.find(draft) if looks_first else None
    if not isinstance(result, Published):
        result = drive.publish(draft)
    assert isinstance(result, Published)
    assert only_post(simulator)["id"] == result.id
    assert has_thumbnail(simulator, drive, result.id)


@pytest.mark.parametrize(
    ("call", "drop"),
    list(
        itertools.product(
            ["start_session", "put_bytes", "ask_session", "videos", "set_thumbnail"],
            ["before", "after"],
        )
    ),
)
def test_a_connection_lost_at_any_call_ends_in_one_video(
    simulator: Simulator, call: str, drop: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(thumbnail, "TRY_PAUSES_SECONDS", (0, 0, 0))
    simulator.fault("youtube", call=call, drop=drop, times=1)
    drive, draft = make_drive(simulator), with_thumbnail()
    try:
        result: Any = drive.publish(draft)
    except OutcomeUnknown:
        result = drive.find(draft)
    except PlatformError:
        result = None
    if not isinstance(result, Published):
        result = drive.publish(draft)
    assert isinstance(result, Published)
    assert only_post(simulator)["id"] == result.id
    assert result.notes == ()


def test_a_session_gone_after_its_last_byte_is_looked_for_before_another_is_begun(
    simulator: Simulator,
):
    drive, draft = make_drive(simulator), make_draft(WIDE)
    simulator.fault("youtube", call="put_bytes", drop="after", times=1)
    with pytest.raises(OutcomeUnknown):
        drive.publish(draft)
    simulator.fault("youtube", call="ask_session", status=404)
    with pytest.raises(OutcomeUnknown, match="an earlier upload"):
        drive.publish(draft)
    found = drive.find(draft)
    assert isinstance(found, Published)
    assert found.id == only_post(simulator)["id"]


def test_a_video_the_lists_never_showed_is_sent_again_on_a_persons_word_only(
    simulator: Simulator,
):
    drive, draft = make_drive(simulator), make_draft(WIDE)
    simulator.set("youtube", "listing_lag_seconds", 3600)
    simulator.fault("youtube", call="put_bytes", drop="after", times=1)
    with pytest.raises(OutcomeUnknown):
        drive.publish(draft)
    simulator.fault("youtube", call="ask_session", status=410)
    assert not isinstance(drive.find(draft), Published)
    # The pipeline publishes an unproven absence again only when somebody says so.
    assert isinstance(drive.publish(draft), Published)


def test_a_session_gone_before_its_last_byte_left_has_made_nothing(simulator: Simulator):
    draft = make_draft(WIDE)
    begun = steps(simulator, draft)[0]
    drive = make_drive(simulator)
    drive.checkpoint = dict(begun)
    simulator.fault("youtube", call="ask_session", status=404)
    found = drive.find(draft)
    assert getattr(found, "proven", False)
