"""Photos and videos that TikTok fetches itself: the init is the post."""

import dataclasses
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown, Rejected, Unauthorized, Unavailable
from platforms.outcomes import Absent, Processing, Published, Undeterminable
from tests.conftest import Simulator
from tests.platforms.driver import Drive, image, media, published
from tests.platforms.tiktok.steps import (
    CLIP,
    OPEN_ID,
    PULL,
    answer_body,
    make_draft,
    make_drive,
    make_photos,
    only_post,
    status_is,
)

PROFILE = "https://www.tiktok.com/@acme"
LISTS = ("video.publish", "video.list")


def digests(draft: Draft) -> list[str]:
    return [hashlib.sha256(item.open().read()).hexdigest() for item in draft.media]


def lose_init(drive: Drive, draft: Draft, call: str = "photo_init") -> None:
    drive.fault(call=call, drop="after", times=1)
    drive.raises(OutcomeUnknown, draft)
    assert (drive.state, drive.checkpoint.get("publish_id")) == ("sent", None)


def test_photos_are_published_once_in_their_order(simulator: Simulator):
    drive, draft = make_drive(simulator), make_photos(3)
    result = drive.finish(draft)
    post = only_post(simulator)
    assert result == Published(post["id"], f"{PROFILE}/photo/{post['id']}")
    assert post["text"] == "Hello #photos"
    assert post["extra"]["sha256"] == digests(draft)
    assert len(post["media"]) == 3
    assert [save.sending for save in drive.saves] == [True, False]
    assert drive.saves[1].values["publish_id"].startswith("p_pub_url~v2.")


def test_thirty_five_photos_are_one_post(simulator: Simulator):
    draft = make_photos(35)
    assert isinstance(make_drive(simulator).finish(draft), Published)
    assert only_post(simulator)["extra"]["sha256"] == digests(draft)


def test_a_webp_photo_is_taken(simulator: Simulator):
    item = media(image(format="WEBP"), content_type="image/webp")
    assert isinstance(make_drive(simulator).finish(Draft("Hi", (item,))), Published)


def test_a_video_may_be_fetched_too(simulator: Simulator):
    drive, draft = make_drive(simulator), make_draft(**PULL)
    result = drive.finish(draft)
    post = only_post(simulator)
    assert result == Published(post["id"], f"{PROFILE}/video/{post['id']}")
    assert post["extra"]["sha256"] == hashlib.sha256(CLIP).hexdigest()
    assert [save.sending for save in drive.saves] == [True, False]
    assert drive.saves[1].values["publish_id"].startswith("v_pub_url~v2.")


def test_a_post_that_is_being_fetched_is_only_polled(simulator: Simulator):
    drive, draft = make_drive(simulator), make_photos()
    simulator.set("tiktok", "processing_seconds", 60)
    for _ in range(3):
        assert drive.publish(draft) == Processing(2)
    simulator.advance(61)
    assert isinstance(drive.finish(draft), Published)
    assert (drive.sends, len(simulator.posts())) == (1, 1)


def test_a_worker_that_dies_after_the_init_was_answered_goes_on_polling(simulator: Simulator):
    drive, draft = make_drive(simulator), make_photos()
    drive.publish(draft)
    again = make_drive(simulator)
    again.checkpoint = drive.saves[-1].values
    assert isinstance(again.finish(draft), Published)
    assert (again.sends, len(simulator.posts())) == (0, 1)
    assert isinstance(again.find(draft), Published)


@pytest.mark.parametrize(
    ("call", "draft"), [("photo_init", make_photos()), ("init", make_draft(**PULL))]
)
def test_a_lost_init_is_found_in_the_list_of_public_posts(
    simulator: Simulator, call: str, draft: Draft
):
    drive = make_drive(simulator)
    simulator.set("tiktok", "listing_lag_seconds", 30)
    lose_init(drive, draft, call)
    assert drive.find(draft) == Absent(proven=False)
    simulator.advance(31)
    found = drive.find(draft)
    post = only_post(simulator)
    assert found == Published(post["id"], post["url"])
    assert drive.sends == 1
    drive.theirs = {post["id"]}
    assert drive.find(draft) == Absent(proven=False)


def test_a_long_text_is_recognised_by_its_beginning(simulator: Simulator):
    drive, draft = make_drive(simulator), make_photos(text="Doves  and\npigeons " * 20)
    simulator.set("tiktok", "listing_lag_seconds", 0)
    lose_init(drive, draft)
    assert isinstance(drive.find(draft), Published)


def test_a_post_made_before_is_never_taken_for_the_lost_one(simulator: Simulator):
    simulator.set("tiktok", "listing_lag_seconds", 0)
    drive, draft = make_drive(simulator), make_photos()
    drive.finish(draft)
    before = only_post(simulator)["created_at"]
    lost = make_drive(simulator)
    drive.fault(call="photo_init", drop="before", times=1)
    lost.raises(OutcomeUnknown, draft)
    two_seconds_later = datetime.fromtimestamp(before + 2, UTC)
    assert lost.find(draft, two_seconds_later) == Absent(proven=False)


def test_another_text_is_another_post(simulator: Simulator):
    simulator.set("tiktok", "listing_lag_seconds", 0)
    drive, draft = make_drive(simulator), make_photos()
    lose_init(drive, draft)
    assert drive.find(dataclasses.replace(draft, text="Hello #photo")) == Absent(proven=False)


@pytest.mark.parametrize(
    ("draft", "scopes"),
    [
        (make_photos(privacyLevel="SELF_ONLY"), LISTS),
        (make_photos(text=" "), LISTS),
        (make_photos(), ("video.publish",)),
    ],
)
def test_a_lost_init_that_no_list_can_show_is_for_a_person(
    simulator: Simulator, draft: Draft, scopes: tuple[str, ...]
):
    drive = make_drive(simulator)
    drive.account = dataclasses.replace(drive.account, scopes=scopes)
    lose_init(drive, draft)
    assert drive.find(draft) == Undeterminable(PROFILE)


def test_a_list_that_was_not_allowed_is_for_a_person_and_no_reconnection(simulator: Simulator):
    drive, draft = make_drive(simulator, scopes=["video.publish"]), make_photos()
    lose_init(drive, draft)
    assert drive.find(draft) == Undeterminable(PROFILE)


def test_a_token_that_ended_before_a_lookup_is_told_from_a_missing_scope(simulator: Simulator):
    drive, draft = make_drive(simulator), make_photos()
    lose_init(drive, draft)
    ended = answer_body("access_token_invalid")
    drive.fault(call="list_videos", status=401, body=ended, times=1)
    with pytest.raises(Unauthorized):
        drive.find(draft)


@pytest.mark.parametrize("call", ["creator_info", "photo_init"])
def test_a_token_that_ends_before_the_post_is_made_costs_nothing(simulator: Simulator, call: str):
    drive, draft = make_drive(simulator), make_photos()
    body = answer_body("access_token_invalid")
    drive.fault(call=call, status=401, body=body, times=1)
    assert drive.raises(Unauthorized, draft).code == "account_needs_reconnection"
    assert drive.state in ("unsent", "answered")
    drive.account = dataclasses.replace(drive.account, token=simulator.connect("tiktok", OPEN_ID))
    assert isinstance(drive.finish(draft), Published)
    only_post(simulator)


def test_a_token_that_ends_while_polling_does_not_mean_failure(simulator: Simulator):
    drive, draft = make_drive(simulator), make_photos()
    body = answer_body("access_token_invalid")
    drive.fault(call="status", status=401, body=body, times=1)
    drive.raises(OutcomeUnknown, draft)
    drive.account = dataclasses.replace(drive.account, token=simulator.connect("tiktok", OPEN_ID))
    assert isinstance(drive.find_out(draft), Published)
    assert isinstance(drive.finish(draft), Published)
    assert (drive.sends, len(simulator.posts())) == (1, 1)


def test_a_file_that_cannot_be_fetched_is_tried_again_with_a_new_init(simulator: Simulator):
    drive, draft = make_drive(simulator), make_photos()
    gone = dataclasses.replace(draft.media[1], url=draft.media[1].url + "0000")
    broken = dataclasses.replace(draft, media=(draft.media[0], gone))
    with pytest.raises(Unavailable) as failed:
        drive.finish(broken)
    assert (failed.value.platform_code, failed.value.code) == (
        "photo_pull_failed",
        "media_unreachable",
    )
    assert simulator.posts() == []
    # As the pipeline saves it, however a try ends.
    drive.checkpoint["publish_id"] = ""
    assert isinstance(drive.finish(draft), Published)
    assert (drive.sends, len(simulator.posts())) == (2, 1)


def test_media_without_an_address_is_not_sent(simulator: Simulator):
    draft = make_photos(1)
    item = dataclasses.replace(draft.media[0], url="")
    drive = make_drive(simulator)
    refused = drive.raises(Unavailable, dataclasses.replace(draft, media=(item,)))
    assert (refused.code, drive.sends) == ("media_unreachable", 0)


def test_an_address_that_is_not_verified_is_the_operators_to_resolve(simulator: Simulator):
    draft = make_photos(1)
    item = dataclasses.replace(draft.media[0], url="https://media.example.com/1.jpg")
    refused = make_drive(simulator).raises(Rejected, dataclasses.replace(draft, media=(item,)))
    assert (refused.platform_code, refused.actor) == ("url_ownership_unverified", "operator")


def test_a_post_in_the_inbox_is_not_called_public(simulator: Simulator):
    drive, draft = make_drive(simulator), make_photos()
    status_is(simulator, status="SEND_TO_USER_INBOX")
    result = published(drive.publish(draft))
    assert (result.url, len(result.notes)) == (PROFILE, 1)


def test_an_unreadable_yes_to_the_init_is_never_repeated_blindly(simulator: Simulator):
    body: dict[str, Any] = {"data": {}, "error": {"code": "ok"}}
    simulator.fault(
        "tiktok", call="photo_init", status=200, body=json.dumps(body), effect=True, times=1
    )
    make_drive(simulator).raises(OutcomeUnknown, make_photos())
    only_post(simulator)
