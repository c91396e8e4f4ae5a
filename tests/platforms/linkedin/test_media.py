"""LinkedIn: uploads, and how they continue after a failure."""

import io
from dataclasses import replace
from typing import Any

import pytest

from platforms.drafts import Draft, Media
from platforms.errors import Rejected, Unavailable
from platforms.outcomes import Published
from tests.platforms.driver import Drive, media
from tests.platforms.linkedin.steps import BIG, clip_bytes, pdf, shown

pytestmark = pytest.mark.usefixtures("at_once", "small_parts")

CLIP = Draft("Look", (BIG,))


def kept(drive: Drive, item: Media = BIG) -> dict[str, Any]:
    return drive.checkpoint["media"][item.key]


# Videos in parts


def test_a_video_arrives_whole_in_the_parts_that_linkedin_asks_for(member: Drive):
    assert isinstance(member.finish(CLIP), Published)
    assert shown(member.simulator, member.public()[0]) == [clip_bytes(BIG.size_bytes)]
    progress = [save.values["media"][BIG.key].get("etags", []) for save in member.saves]
    assert [len(etags) for etags in progress][:4] == [0, 1, 2, 3]
    assert all('"' not in etag for etag in progress[3])


def test_a_broken_upload_goes_on_at_the_missing_part(member: Drive):
    member.fault(call="upload_part", status=503, skip=1, times=1)
    error = member.fails(CLIP)
    assert (type(error), error.http_status) == (Unavailable, 503)
    assert len(kept(member)["etags"]) == 1
    # Neither a new upload nor more than the two parts that are missing.
    member.fault(call="start_video", status=500)
    member.fault(call="upload_part", status=500, skip=2)
    assert isinstance(member.finish(CLIP), Published)
    assert shown(member.simulator, member.public()[0]) == [clip_bytes(BIG.size_bytes)]


@pytest.mark.parametrize("call", ["upload_part", "finalize_video", "get_video"])
@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_lost_answer_on_the_way_costs_no_new_upload(member: Drive, call: str, drop: str):
    member.fault(call=call, drop=drop, times=1)
    assert type(member.fails(CLIP)) is Unavailable
    member.fault(call="start_video", status=500)
    assert isinstance(member.finish(CLIP), Published)
    assert len(member.public()) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [(400, '{"status":400,"code":"EXPIRED_UPLOAD_URL","message":"Expired"}'), (401, "")],
)
def test_an_expired_part_address_means_a_new_upload_once(member: Drive, status: int, body: str):
    member.fault(call="upload_part", status=status, body=body, skip=1, times=2)
    error = member.fails(CLIP)
    assert (type(error), error.code) == (Unavailable, "media_processing_failed")
    assert member.checkpoint["media"] == {}
    again = member.fails(CLIP)
    assert (type(again), again.code) == (Rejected, "media_rejected")


def test_a_new_upload_after_an_expired_one_is_published(member: Drive):
    member.fault(call="upload_part", status=401, skip=2, times=1)
    assert type(member.fails(CLIP)) is Unavailable
    assert isinstance(member.finish(CLIP), Published)


def test_addresses_that_have_expired_while_waiting_are_not_used(member: Drive):
    member.fault(call="upload_part", status=500, times=1)
    member.fails(CLIP)
    first = kept(member)["urn"]
    member.checkpoint["media"] = {BIG.key: {**kept(member), "expires_ms": 1}}
    member.fault(call="start_video", status=500, skip=1)
    assert isinstance(member.finish(CLIP), Published)
    assert kept(member)["urn"] != first


def test_processing_that_never_ends_means_a_new_upload(member: Drive):
    member.simulator.set("linkedin", "processing_seconds", 10**6)
    member.publish(CLIP)
    member.checkpoint["media"] = {BIG.key: {**kept(member), "uploaded_at": 1}}
    error = member.fails(CLIP)
    assert (type(error), error.code) == (Unavailable, "media_processing_failed")
    member.simulator.set("linkedin", "processing_seconds", 0)
    assert isinstance(member.finish(CLIP), Published)


def test_the_address_of_a_part_is_never_shown(member: Drive):
    member.fault(call="upload_part", status=500, times=1)
    member.fails(CLIP)
    address = kept(member)["parts"][0]["uploadUrl"]
    member.fault(call="upload_part", status=500, body=f'{{"message":"{address}"}}')
    error = member.fails(CLIP)
    assert address not in error.message + error.body + repr(error)


# Whole files


@pytest.mark.parametrize("item", [media(), pdf()], ids=["image", "document"])
@pytest.mark.parametrize("code", ["EXPIRED_UPLOAD_URL", "UPDATING_ASSET_FAILED"])
def test_a_lost_file_is_uploaded_again_once(page: Drive, item: Media, code: str):
    body = f'{{"status":400,"code":"{code}","message":"Lost"}}'
    page.fault(call="create_post", status=400, body=body, times=1)
    draft = Draft("Look", (item,))
    error = page.fails(draft)
    assert (type(error), error.code) == (Unavailable, "media_processing_failed")
    assert page.checkpoint["media"] == {}
    assert isinstance(page.finish(draft), Published)
    assert len(page.public()) == 1


@pytest.mark.parametrize("body", ["{}", '{"value":{}}', '{"value":{"image":"urn:li:image:1"}}'])
def test_a_beginning_that_cannot_be_read_is_tried_again(page: Drive, body: str):
    page.fault(call="start_upload", status=200, body=body, times=1)
    draft = Draft("Look", (media(),))
    assert type(page.fails(draft)) is Unavailable
    assert isinstance(page.finish(draft), Published)


def test_a_part_without_an_etag_is_tried_again(member: Drive):
    member.fault(call="upload_part", status=200, body="{}", times=1)
    assert type(member.fails(CLIP)) is Unavailable
    assert isinstance(member.finish(CLIP), Published)


@pytest.mark.parametrize("opens", [None, lambda: io.BytesIO(b"short")], ids=["gone", "cut"])
def test_a_file_that_cannot_be_read_publishes_nothing(page: Drive, opens: Any):
    error = page.fails(Draft("Look", (replace(media(), open=opens),)))
    assert (type(error), page.sends, page.checkpoint) == (Unavailable, 0, {})


def test_what_is_uploaded_stays_when_a_later_file_fails(page: Drive):
    draft = Draft("Look", tuple(media() for _ in range(3)))
    page.fault(call="start_upload", status=500, skip=2, times=1)
    page.fails(draft)
    page.fault(call="start_upload", status=500, skip=1)
    assert isinstance(page.finish(draft), Published)
