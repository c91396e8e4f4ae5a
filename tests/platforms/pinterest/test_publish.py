"""Publishing Pins: what is sent, what is refused before, and what refusals mean."""

import base64
import dataclasses
import json
from typing import Any

import pytest

from platforms.drafts import Draft
from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
    Unsupported,
)
from platforms.http.client import Answer
from platforms.outcomes import Processing
from platforms.pinterest import media as uploads
from platforms.pinterest import pin
from platforms.pinterest.adapter import Pinterest
from tests.conftest import Simulator
from tests.platforms.driver import Drive, image, media, padded, published, video
from tests.platforms.pinterest import steps
from tests.platforms.samples import JPEG, PHOTO

ADAPTER = Pinterest()


def stored(d: Drive) -> list[bytes]:
    """The files of the newest Pin, as the public sees them."""
    [post] = d.public()
    return [d.simulator.http.get(f"/files/{file}").content for file in post["media"]]


def content(item: Any) -> bytes:
    with item.open() as file:
        return bytes(file.read())


# What is sent


def test_a_pin_has_its_texts_its_link_and_its_picture(d: Drive):
    result = published(d.finish(steps.IMAGE))

    [post] = d.public()
    assert result.url == f"https://www.pinterest.com/pin/{result.id}/" == post["url"]
    assert (post["text"], post["extra"]["title"]) == ("Coo", "Of doves")
    assert post["extra"]["link"] == "https://example.com/doves"
    assert post["extra"]["alt"] == ["A dove"]
    assert stored(d) == [content(PHOTO)]


def test_pictures_are_sent_byte_for_byte_in_their_order_with_one_alt_text(d: Drive):
    # Lengths that leave nothing, one or two bytes beside whole groups of base64.
    files = [media(image() + bytes(n + 1024**2), alt_text=f"Dove {n}.") for n in range(3)]
    published(d.finish(Draft("", tuple(files))))

    [post] = d.public()
    assert stored(d) == [content(each) for each in files]
    assert post["extra"]["alt"] == ["Dove 0. Dove 1. Dove 2."]
    assert post["extra"]["media"] == "multiple_images"


def test_what_is_not_said_is_not_sent():
    made = json.dumps(pin._source(Draft("", (JPEG,)), "", "mark"))
    assert json.loads(made) == {
        "source_type": "image_base64",
        "content_type": "image/jpeg",
        "data": "mark",
    }


@pytest.mark.parametrize(
    ("settings", "cover"),
    [
        ({}, {"cover_image_key_frame_time": 0}),
        ({"coverSeconds": 3}, {"cover_image_key_frame_time": 3}),
    ],
)
def test_a_moment_of_a_video_is_its_cover(settings: dict, cover: dict):
    made = pin._source(Draft("Coo", (steps.CLIP,), settings), "612", "mark")
    assert made == {"source_type": "video_id", "media_id": "612", **cover}


def test_a_picture_beside_a_video_is_its_cover_and_the_video_is_the_pin(d: Drive):
    published(d.finish(steps.COVERED))
    assert stored(d) == [content(steps.CLIP)]
    made = pin._source(steps.COVERED, "612", "mark")
    assert (made["cover_image_content_type"], made["cover_image_data"]) == ("image/jpeg", "mark")


def test_a_pin_may_stand_in_a_section(d: Drive):
    published(d.finish(steps.IN_SECTION))
    [post] = d.public()
    assert post["extra"]["section"] == "5001"


def test_the_accounts_own_board_may_be_named_and_no_other(d: Drive):
    own = d.account.platform_account_id
    published(d.finish(Draft("Coo", (JPEG,), {"boardId": own})))
    d.requests.clear()

    error = d.fails(Draft("Coo", (JPEG,), {"boardId": "5"}))
    assert (type(error), error.code) == (Rejected, "option_rejected")
    assert not d.requests


# Videos


def test_a_video_is_waited_for_and_uploaded_once(d: Drive):
    d.set("processing_seconds", 1)
    assert isinstance(d.publish(steps.MOVING), Processing)
    assert isinstance(d.publish(steps.MOVING), Processing)
    d.simulator.advance(2)
    published(d.publish(steps.MOVING))

    assert sum(each == "POST /api.pinterest.com/v5/media" for each in d.requests) == 1
    assert stored(d) == [content(steps.CLIP)]


def test_the_form_of_an_upload_is_kept_nowhere(d: Drive):
    d.set("processing_seconds", 1)
    d.publish(steps.MOVING)
    kept = json.dumps([save.values for save in d.saves] + [d.checkpoint])
    assert "x-amz" not in kept
    assert set(d.checkpoint["video"]) == {"id", "sent"}


def test_an_upload_that_breaks_off_begins_anew(d: Drive):
    for fault in ({"drop": "before"}, {"status": 503}):
        d.fault(call="store_file", times=1, **fault)
        assert type(d.raises(Unavailable, steps.MOVING)) is Unavailable
        assert "video" not in d.checkpoint
    published(d.finish(steps.MOVING))
    assert len(d.public()) == 1


def test_a_worker_that_dies_goes_on_with_the_uploaded_video(d: Drive):
    d.crash(steps.MOVING, 1)
    published(d.finish(steps.MOVING))
    assert sum(each == "POST /api.pinterest.com/v5/media" for each in d.requests) == 1


@pytest.mark.parametrize("outcome", ["failed", "never"])
def test_a_video_that_is_not_processed_is_uploaded_again(d: Drive, monkeypatch, outcome: str):
    d.set("processing_outcome", outcome)
    d.set("processing_seconds", 0)
    monkeypatch.setattr(uploads, "STUCK_SECONDS", -1)
    error = d.raises(Unavailable, steps.MOVING)
    assert (error.code, d.checkpoint["video"]) == ("media_processing_failed", None)

    d.set("processing_outcome", "")
    published(d.finish(steps.MOVING))


def test_a_video_that_was_uploaded_long_ago_is_not_used(d: Drive):
    d.set("processing_seconds", 1)
    d.publish(steps.MOVING)
    d.checkpoint["video"]["sent"] -= uploads.OLD_SECONDS + 1
    d.set("processing_seconds", 0)
    published(d.finish(steps.MOVING))
    assert sum(each == "POST /api.pinterest.com/v5/media" for each in d.requests) == 2


def test_a_long_upload_says_that_it_goes_on(d: Drive, monkeypatch):
    monkeypatch.setattr(uploads, "STEP_BYTES", 1024**2)
    long = media(padded(video(4), 3 * 1024**2 + 5), kind="video")
    published(d.finish(Draft("Coo", (long,))))
    assert len(d.saves) >= 5


@pytest.mark.parametrize("body", ["{}", '{"media_id": "5", "upload_url": "https://a.example/"}'])
def test_a_registration_that_cannot_be_read_publishes_nothing(d: Drive, body: str):
    d.fault(call="register_media", status=201, body=body)
    assert type(d.fails(steps.MOVING)) is Unavailable
    assert d.state == "unsent"


# What is refused before


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (Draft("Coo"), "needs an image or a video"),
        (Draft("a" * 801, (JPEG,)), "801 characters"),
        (Draft("", (JPEG,) * 6), "up to 5 files"),
        (Draft("", (JPEG, steps.CLIP)), "files of one kind"),
        (Draft("", (steps.CLIP,) * 2), "one video"),
        (Draft("", (steps.CLIP,), {"useImageAsCover": True}), "needs an image beside a video"),
        (Draft("", (JPEG, JPEG), {"useImageAsCover": True}), "needs an image beside a video"),
        (Draft("", (JPEG,), {"title": "a" * 101}), "1 to 100 characters"),
        (Draft("", (JPEG,), {"link": "example.com"}), "link must be a URL"),
        (Draft("", (JPEG,), {"link": "https:///x"}), "link must be a URL"),
        (Draft("", (JPEG,), {"link": "https://a.example/ b"}), "link must be a URL"),
        (Draft("", (JPEG,), {"boardId": "a/b"}), "boardId must be a number"),
        (Draft("", (JPEG,), {"sectionId": "../7"}), "sectionId must be a number"),
        (Draft("", (JPEG,), {"board": "7"}), "Do you mean 'boardId'"),
        (Draft("", (JPEG,), {"coverSeconds": -1}), "from 0 to 900"),
        (Draft("", (JPEG,), {"coverSeconds": 3}), "coverSeconds is for a video"),
        (Draft("", (JPEG,), {"coverSeconds": 0}), "coverSeconds is for a video"),
        (Draft("", (steps.CLIP, JPEG), {"coverSeconds": 0, "useImageAsCover": True}), "not with"),
    ],
)
def test_what_pinterest_does_not_carry_is_refused(draft: Draft, said: str):
    with pytest.raises(Unsupported, match=said):
        ADAPTER.check(draft)


def test_alt_texts_are_counted_together():
    long = dataclasses.replace(JPEG, alt_text="a" * 250)
    ADAPTER.check(Draft("", (long, dataclasses.replace(long, alt_text="a" * 249))))
    with pytest.raises(Unsupported, match="one alt text"):
        ADAPTER.check(Draft("", (long, long)))


def test_options_may_be_null(d: Drive):
    nothing = dict.fromkeys((each.name for each in ADAPTER.options), None)
    draft = Draft("Coo", (JPEG,), nothing)
    ADAPTER.check(draft)
    ADAPTER.preview(draft)
    published(d.finish(draft))


@pytest.mark.parametrize(
    ("settings", "kinds"),
    [({}, ["image", "image"]), ({"useImageAsCover": True}, ["video", "image"])],
)
def test_a_post_for_many_networks_gives_the_files_that_fit(settings: dict, kinds: list[str]):
    draft = Draft("Coo", (PHOTO, steps.CLIP, PHOTO), settings)
    picked = ADAPTER.pick(draft)
    assert [each.kind for each in picked] == kinds
    ADAPTER.check(dataclasses.replace(draft, media=picked))
    # A cover has no alt text.
    assert [bool(each.alt_text) for each in picked] == [not settings] * 2


# What refusals mean


def said(code: int, words: str = "No.") -> str:
    return json.dumps({"code": code, "message": words})


REFUSALS: list[tuple[int, str, type[PlatformError], str]] = [
    (400, said(1), Rejected, "content_rejected"),
    (400, said(1, "It looks like you entered an invalid URL."), Rejected, "option_rejected"),
    (400, said(1, "The format of the image is not supported"), Rejected, "media_rejected"),
    (400, said(9999), Rejected, "content_rejected"),
    (401, said(2), Unauthorized, "account_needs_reconnection"),
    (401, said(3), Unauthorized, "permission_missing"),
    (401, said(3, "No access to this restricted feature."), Unavailable, "app_refused"),
    (401, said(1104), Unauthorized, "account_needs_reconnection"),
    (403, said(29), Unauthorized, "permission_missing"),
    (403, said(29, "Apps with Trial access may not"), Unavailable, "app_refused"),
    (403, said(2625), Unauthorized, "account_restricted"),
    (404, said(40), Unauthorized, "account_needs_reconnection"),
    (404, said(2031), Rejected, "target_missing"),
    (404, said(404, "Board or section not found."), Rejected, "target_missing"),
    (413, "<html>", Rejected, "media_rejected"),
    (429, said(8), RateLimited, "rate_limited"),
    (500, said(2), OutcomeUnknown, "outcome_unknown"),
    (503, "", OutcomeUnknown, "outcome_unknown"),
]


def test_refusals_say_who_must_act(d: Drive):
    for status, body, error, code in REFUSALS:
        told = d.refusal(steps.IMAGE, "create_pin", status, body)
        assert (body, type(told), told.code) == (body, error, code)
        assert (told.http_status, told.message != "") == (status, True)
    assert d.public() == []


def test_what_no_table_knows_is_marked(d: Drive):
    told = d.refusal(steps.IMAGE, "create_pin", 400, said(9999, "Purple."))
    assert (told.unmapped, told.platform_code) == (True, "9999")
    assert "Purple." in told.message


def test_trial_access_is_told_to_the_operator_with_what_to_do(d: Drive):
    d.set("access", "trial")
    told = d.raises(Unavailable, steps.IMAGE)
    assert (told.code, told.actor, told.platform_code) == ("app_refused", "operator", "29")
    wanted = "PLATFORM_BASE_URLS=https://api.pinterest.com=https://api-sandbox.pinterest.com"
    assert wanted in told.message
    assert d.state == "answered"
    assert d.public() == []


LIMIT = '100, 100;w=1;name="a", 1000;w=60;name="b"'


@pytest.mark.parametrize(
    ("headers", "seconds", "code"),
    [
        ({"retry-after": "7", "x-ratelimit-reset": "9"}, 7, "rate_limited"),
        ({"x-ratelimit-reset": "9"}, 9, "rate_limited"),
        ({"x-ratelimit-reset": "9, 9"}, 9, "rate_limited"),
        ({"x-ratelimit-reset": "40000"}, 40000, "daily_limit_reached"),
        ({"x-ratelimit-reset": "1790000000", "x-ratelimit-limit": LIMIT}, 60, "rate_limited"),
        ({"x-ratelimit-limit": LIMIT}, 60, "rate_limited"),
        ({"x-ratelimit-limit": "1000, 1000;w=86400"}, 86400, "daily_limit_reached"),
        ({"x-ratelimit-limit": "100"}, None, "rate_limited"),
        ({"x-ratelimit-reset": "soon"}, None, "rate_limited"),
        ({}, None, "rate_limited"),
    ],
)
def test_a_limit_says_how_long_to_wait(headers: dict, seconds: float | None, code: str):
    told = ADAPTER.explain(Answer(429, headers, said(8).encode()))
    assert (type(told), told.retry_after_seconds, told.code) == (RateLimited, seconds, code)


# Deleting and numbers


@pytest.mark.parametrize("status", [404, 502])
def test_an_answer_that_is_not_pinterests_says_nothing_of_a_pin(d: Drive, status: int):
    pin_id = published(d.finish(steps.IMAGE)).id
    for call, work in (("get_pin", d.shows_as_own), ("delete_pin", d.delete)):
        d.fault(call=call, status=status, body="<html>", times=1)
        with pytest.raises(PlatformError):
            work(pin_id)
    assert d.shows_as_own(pin_id) is True


def test_a_pin_of_another_board_of_the_person_is_not_this_accounts(simulator: Simulator):
    ours = steps.drive(simulator)
    owner = ours.account.platform_account_id
    other = steps.drive(simulator, owner=owner)
    pin_id = published(other.finish(steps.IMAGE)).id
    assert other.shows_as_own(pin_id) is True
    assert ours.shows_as_own(pin_id) is False


def test_a_picture_that_is_not_base64_or_of_another_type_is_refused_by_the_simulator(d: Drive):
    post = d.simulator.http.post
    for kind, data in (("image/png", "AAAA"), ("image/jpeg", "====="), ("image/gif", "AAAA")):
        source = {"source_type": "image_base64", "content_type": kind, "data": data}
        body = {"board_id": d.account.platform_account_id, "media_source": source}
        answer = post("/api.pinterest.com/v5/pins", json=body, headers=d.account.bearer)
        assert (kind, answer.status_code, answer.json()["code"]) == (kind, 400, 1)
    good = {"source_type": "image_base64", "content_type": "image/png"}
    good["data"] = base64.b64encode(image()).decode()
    body = {"board_id": d.account.platform_account_id, "media_source": good}
    answer = post("/api.pinterest.com/v5/pins", json=body, headers=d.account.bearer)
    assert answer.status_code == 201
