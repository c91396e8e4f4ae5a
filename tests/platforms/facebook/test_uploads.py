"""Videos, reels and stories of a Page: processing that is waited for, and uploads that go on."""

import json
from typing import Any

import pytest

from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown, PlatformError, Rejected, Unavailable
from platforms.outcomes import Processing, Published, RefusedLater
from tests.platforms.driver import Drive, media, video
from tests.platforms.facebook.videos import CALLS, draft, trouble, upright, videos


@videos
def test_processing_is_waited_for(drive: Drive, kind: str):
    drive.simulator.set("facebook", "processing_seconds", 60)
    assert drive.publish(draft(kind)) == Processing(5)
    assert drive.publish(draft(kind)) == Processing(5)
    assert drive.sends == 1


@videos
def test_a_status_that_cannot_be_read_after_the_call_is_no_failure(drive: Drive, kind: str):
    drive.fault(call="read_video", status=401, times=2)
    assert drive.publish(draft(kind)) == Processing(5)
    assert drive.publish(draft(kind)) == Processing(5)
    assert isinstance(drive.finish(draft(kind)), Published)
    assert drive.sends == 1


@videos
def test_processing_that_fails_late_is_the_files_fault(drive: Drive, kind: str):
    said = {"code": 1363128, "message": "The video is broken."}
    drive.simulator.set("facebook", "processing_error", said)
    with pytest.raises(Rejected) as caught:
        drive.finish(draft(kind))
    assert (caught.value.code, caught.value.platform_code) == ("media_rejected", "1363128")
    assert "The video is broken." in caught.value.message
    assert drive.public() == []


def test_processing_that_fails_by_facebooks_fault_is_tried_with_a_new_upload(drive: Drive):
    drive.simulator.set("facebook", "processing_error", {"code": 6000, "message": "Try again."})
    with pytest.raises(Unavailable) as caught:
        drive.finish(draft("video"))
    assert (caught.value.code, drive.checkpoint["video"]) == ("media_processing_failed", None)
    drive.simulator.set("facebook", "processing_error", None)
    assert isinstance(drive.finish(draft("video")), Published)
    assert len(drive.public()) == 1


@videos
def test_a_lookup_that_sees_processing_fail_says_refused(drive: Drive, kind: str):
    drive.simulator.set("facebook", "processing_error", {"code": 352, "message": "No video."})
    drive.fault(call=CALLS[kind][2], drop="after", times=1)
    drive.raises(OutcomeUnknown, draft(kind))
    found = drive.find_out(draft(kind))
    assert isinstance(found, RefusedLater)
    assert isinstance(found.error, Rejected)
    assert drive.checkpoint["video"] is None


def test_what_is_no_video_is_rejected(drive: Drive):
    with pytest.raises(Rejected, match="format that is not supported"):
        drive.finish(Draft("Fake", (media(b"no video at all", kind="video"),)))


def test_a_reel_of_ten_pictures_a_second_fails_at_facebook(drive: Drive):
    clip = media(upright(10), kind="video")
    with pytest.raises(Rejected, match="frame rate"):
        drive.finish(Draft("", (clip,), post_type="Reels"))


# Bytes


def test_a_cut_video_goes_on_where_it_stopped(drive: Drive):
    drive.fault(call="transfer_video", drop="before", skip=1, times=1)
    drive.raises(Unavailable, draft("video"))
    assert drive.checkpoint["video"]["first"] == 1000
    drive.fault(call="start_video", status=500)
    assert isinstance(drive.finish(draft("video")), Published)
    assert len(drive.public()) == 1


def test_a_piece_whose_answer_was_lost_is_not_sent_twice(drive: Drive):
    drive.fault(call="transfer_video", drop="after", skip=1, times=1)
    drive.raises(Unavailable, draft("video"))
    assert drive.checkpoint["video"]["first"] == 1000
    result = drive.finish(draft("video"))
    (post,) = drive.public()
    assert isinstance(result, Published)
    assert drive.simulator.http.get(f"/files/{post['media'][0]}").content == video()


@pytest.mark.parametrize("as_text", [True, False])
def test_a_wrong_offset_is_corrected_by_what_facebook_says(drive: Drive, as_text: bool):
    wanted: Any = {"start_offset": "0", "end_offset": "1000"}
    data = json.dumps(wanted) if as_text else wanted
    body = trouble(100, 1363037, error_data=data)
    drive.fault(call="transfer_video", status=400, body=body, times=1)
    assert isinstance(drive.finish(draft("video")), Published)


def test_an_offset_that_never_moves_gives_up_for_now(drive: Drive):
    body = json.dumps({"start_offset": "0", "end_offset": "1000"})
    drive.fault(call="transfer_video", status=200, body=body)
    with pytest.raises(Unavailable, match="stores no more bytes"):
        drive.publish(draft("video"))
    assert drive.public() == []


def test_a_video_that_facebook_took_only_in_part_is_sent_anew(drive: Drive):
    body = json.dumps({"start_offset": "7", "end_offset": "7"})
    drive.fault(call="transfer_video", status=200, body=body, times=1)
    drive.raises(Unavailable, draft("video"))
    assert drive.checkpoint["video"] is None
    assert isinstance(drive.finish(draft("video")), Published)


@pytest.mark.parametrize("kind", ["reel", "video story"])
def test_a_cut_reel_goes_on_from_the_bytes_that_arrived(drive: Drive, kind: str):
    padded = upright() + bytes(2 * 1024 * 1024)
    big = Draft("", (media(padded, kind="video"),), post_type=draft(kind).post_type)
    drive.fault(call="store_piece", drop="before", skip=4, times=1)
    drive.raises(Unavailable, big)
    node = drive.checkpoint["video"]["id"]
    seen = drive.simulator.http.get(
        f"/graph.facebook.com/v26.0/{node}",
        params={"fields": "status", "access_token": drive.account.token},
    ).json()
    assert 0 < seen["status"]["uploading_phase"]["bytes_transferred"] < len(padded)
    drive.fault(call=CALLS[kind][0], status=500)
    assert isinstance(drive.finish(big), Published)
    (post,) = drive.public()
    assert drive.simulator.http.get(f"/files/{post['media'][0]}").content == padded


def test_an_upload_that_facebook_has_forgotten_is_begun_again(drive: Drive):
    drive.fault(call="put_bytes", status=500, times=1)
    drive.raises(Unavailable, draft("reel"))
    drive.checkpoint["video"]["id"] = "1400000000000000"
    assert isinstance(drive.finish(draft("reel")), Published)


def test_a_finished_video_that_cannot_be_seen_is_never_begun_again(drive: Drive):
    drive.fault(call="finish_reel", drop="after", times=1)
    drive.raises(OutcomeUnknown, draft("reel"))
    drive.fault(call="read_video", status=400, body=trouble(100, 33))
    drive.raises(PlatformError, draft("reel"))
    with pytest.raises(Unavailable):
        drive.find(draft("reel"))
    assert (drive.sends, len(drive.public())) == (1, 1)


@pytest.mark.parametrize("code", [6000, 6001])
def test_a_problem_with_the_bytes_is_tried_with_a_new_upload(drive: Drive, code: int):
    drive.fault(call="transfer_video", status=400, body=trouble(code), times=1)
    drive.raises(Unavailable, draft("video"))
    assert drive.checkpoint["video"] is None
    assert isinstance(drive.finish(draft("video")), Published)
    assert len(drive.public()) == 1


def test_a_video_that_was_asked_to_be_finished_is_never_replaced_by_another(drive: Drive):
    drive.fault(call="finish_video", status=400, body=trouble(6000), times=1)
    drive.raises(Unavailable, draft("video"))
    drive.fault(call="start_video", status=500)
    assert isinstance(drive.finish(draft("video")), Published)
    assert len(drive.public()) == 1


@pytest.mark.parametrize("kind", ["video", "reel"])
def test_a_long_upload_renews_its_deadline_while_bytes_flow(
    drive: Drive, kind: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("platforms.facebook.media.RENEW_BYTES", 1024 * 1024)
    drive.simulator.set("facebook", "chunk_bytes", 16 * 1024 * 1024)
    clip = media(upright() + bytes(4 * 1024 * 1024), kind="video")
    post_type = "Reels" if kind == "reel" else ""
    drive.finish(Draft("", (clip,), post_type=post_type))
    begun = [save for save in drive.saves if not save.values["video"].get("uploaded")]
    # One when the upload begins, one when its piece is in, the others on the way.
    assert len(begun) >= 5
    assert drive.sends == 1
