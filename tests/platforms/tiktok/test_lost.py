"""What is made of TikTok's lost answers, and of workers and tokens that end in the middle."""

import dataclasses
import hashlib
import time

import pytest

from platforms.checkpoint import Checkpoint
from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown, Unauthorized, Unavailable
from platforms.outcomes import Absent, Processing, Published, Undeterminable
from platforms.tiktok import lookup
from platforms.tiktok import media as upload
from tests.conftest import Simulator
from tests.platforms.driver import Drive
from tests.platforms.tiktok.steps import (
    OPEN_ID,
    answer_body,
    lose_last_answer,
    make_draft,
    make_drive,
    only_post,
    status_is,
)


def test_a_lost_last_answer_is_found_by_the_publish_id(simulator: Simulator):
    drive, draft = make_drive(simulator), make_draft()
    lose_last_answer(drive, draft)
    assert drive.find(draft) == Processing(2)
    assert isinstance(drive.find_out(draft), Published)
    assert isinstance(drive.finish(draft), Published)
    assert (drive.sends, len(simulator.posts())) == (1, 1)


def test_an_unknown_status_word_is_still_pending(simulator: Simulator):
    drive, draft = make_drive(simulator), make_draft()
    status_is(simulator, status="SOMETHING_NEW")
    assert drive.publish(draft) == Processing(2)
    assert drive.find(draft) == Processing(2)


def test_a_status_that_lags_behind_the_201_is_no_absence(simulator: Simulator):
    drive, draft = make_drive(simulator), make_draft()
    status_is(simulator, status="PROCESSING_UPLOAD", uploaded_bytes=0)
    assert drive.publish(draft) == Processing(2)
    assert drive.find(draft) == Processing(2)


@pytest.mark.parametrize("status", [500, 429, 503])
def test_a_failed_poll_spends_no_try(simulator: Simulator, status: int):
    drive, draft = make_drive(simulator), make_draft()
    body = answer_body("rate_limit_exceeded" if status == 429 else "internal_error")
    drive.fault(call="status", status=status, body=body, times=2)
    assert drive.publish(draft) == Processing(60)
    assert drive.publish(draft) == Processing(60)
    assert isinstance(drive.finish(draft), Published)
    assert drive.sends == 1


def test_a_token_that_ends_while_tiktok_is_posting_does_not_mean_failure(simulator: Simulator):
    drive, draft = make_drive(simulator), make_draft()
    drive.fault(call="status", status=401, body=answer_body("access_token_invalid"), times=1)
    assert drive.raises(OutcomeUnknown, draft).platform_code == "access_token_invalid"
    assert isinstance(drive.find_out(draft), Published)
    only_post(simulator)


def test_a_worker_may_die_after_any_checkpoint(simulator: Simulator, small_pieces: Draft):
    drive = make_drive(simulator)
    # It dies with the last piece's answer unread, having saved what it saved on the way.
    drive.fault(call="put_chunk", drop="after", skip=4, times=1)
    drive.raises(OutcomeUnknown, small_pieces)
    digest = hashlib.sha256(small_pieces.media[0].open().read()).hexdigest()
    assert [save.sending for save in drive.saves] == [False] * 5 + [True]
    for save in drive.saves:
        again = make_drive(simulator)
        again.checkpoint = dict(save.values)
        if save.sending:
            assert not isinstance(again.find(small_pieces), Absent)
        assert isinstance(again.finish(small_pieces), Published)
        assert again.sends == 0
        assert only_post(simulator)["extra"]["sha256"] == digest


def test_a_worker_that_died_in_the_middle_sends_the_rest_and_no_more(
    simulator: Simulator, small_pieces: Draft
):
    drive = make_drive(simulator)
    drive.fault(call="put_chunk", drop="before", skip=3, times=1)
    drive.raises(Unavailable, small_pieces)
    again = make_drive(simulator)
    again.checkpoint = dict(drive.saves[-1].values)
    # Any piece that is sent again would be refused: the fourth, the fifth and the last count.
    drive.fault(call="put_chunk", status=500, skip=2)
    assert isinstance(again.finish(small_pieces), Published)
    assert only_post(simulator)["extra"]["publish_id"] == drive.checkpoint["publish_id"]


def test_an_upload_goes_on_where_tiktok_says_it_is(simulator: Simulator, small_pieces: Draft):
    drive = make_drive(simulator)
    drive.fault(call="put_chunk", drop="after", skip=1, times=1)
    drive.raises(Unavailable, small_pieces)
    # The status lags behind: it knows of one piece, and TikTok has two.
    status_is(simulator, times=1, status="PROCESSING_UPLOAD", uploaded_bytes=500_000)
    assert isinstance(drive.finish(small_pieces), Published)
    assert drive.saves[2].values["uploaded_bytes"] == 1_000_000
    only_post(simulator)


@pytest.mark.parametrize("told", ["", "bytes 0-0/25000003"])
def test_an_upload_that_tiktok_has_lost_is_begun_again_by_its_status(told: str):
    headers = {"content-range": told} if told else {}
    answer = upload.Answer(416, headers, b"")
    with pytest.raises(Unavailable):
        upload._next(answer, 5_000_000, 5_000_000)


@pytest.mark.parametrize("told", ["bytes 0-10000000/25000003", "bytes 0-9999999/25000003"])
def test_a_count_and_a_last_byte_mean_the_same_place(told: str):
    answer = upload.Answer(416, {"content-range": told}, b"")
    assert upload._next(answer, 5_000_000, 5_000_000) == 10_000_000


@pytest.mark.parametrize("call", ["creator_info", "init", "status"])
def test_a_token_that_ends_before_the_last_piece_costs_no_second_upload(
    simulator: Simulator, small_pieces: Draft, call: str
):
    drive = make_drive(simulator)
    if call == "status":
        drive.fault(call="put_chunk", drop="before", skip=2, times=1)
        drive.raises(Unavailable, small_pieces)
    ended = answer_body("access_token_invalid")
    drive.fault(call=call, status=401, body=ended, times=1)
    assert drive.raises(Unauthorized, small_pieces).code == "account_needs_reconnection"
    drive.account = dataclasses.replace(drive.account, token=simulator.connect("tiktok", OPEN_ID))
    publish_id = drive.checkpoint.get("publish_id")
    assert isinstance(drive.finish(small_pieces), Published)
    assert publish_id in (None, "", only_post(simulator)["extra"]["publish_id"])
    assert drive.sends == 1


def test_what_a_program_knows_of_a_file_may_change_while_it_is_sent(
    simulator: Simulator, small_pieces: Draft
):
    drive = make_drive(simulator)
    drive.fault(call="put_chunk", drop="before", skip=2, times=1)
    drive.raises(Unavailable, small_pieces)
    publish_id = drive.checkpoint["publish_id"]
    known = dataclasses.replace(small_pieces.media[0], video_codec="h264", frames_per_second=30.0)
    drive.finish(dataclasses.replace(small_pieces, media=(known,)))
    assert only_post(simulator)["extra"]["publish_id"] == publish_id


def test_a_post_that_may_be_out_is_never_begun_anew_for_another_draft(simulator: Simulator):
    drive, draft = make_drive(simulator), make_draft()
    lose_last_answer(drive, draft)
    other = dataclasses.replace(draft, text="Edited")
    assert isinstance(drive.finish(other), Published)
    assert (drive.sends, len(simulator.posts())) == (1, 1)


def test_an_edited_draft_gets_an_upload_of_its_own(simulator: Simulator, small_pieces: Draft):
    drive = make_drive(simulator)
    drive.fault(call="put_chunk", drop="before", skip=1, times=1)
    drive.raises(Unavailable, small_pieces)
    drive.finish(dataclasses.replace(small_pieces, text="Edited"))
    assert only_post(simulator)["text"] == "Edited"


def test_a_checkpoint_of_an_earlier_release_still_finds_its_post(simulator: Simulator):
    drive, draft = make_drive(simulator), make_draft()
    lose_last_answer(drive, draft)
    new = ("username", "notes")
    drive.checkpoint = {k: v for k, v in drive.checkpoint.items() if k not in new}
    assert isinstance(drive.find_out(draft), Published)


@pytest.mark.parametrize(
    ("waited_seconds", "pause_seconds"),
    [(0, 2), (4, 2), (6, 5), (30, 10), (300, 60), (899, 60), (901, 300)],
)
def test_polls_slow_down(waited_seconds: float, pause_seconds: float):
    async def unsaved(values: dict, sending: bool) -> None:
        """Nothing is saved."""

    checkpoint = Checkpoint({"started_at": time.time() - waited_seconds}, unsaved)
    assert lookup.pause_seconds(checkpoint) == pytest.approx(pause_seconds, abs=0.1)


def test_without_a_publish_id_nothing_can_have_been_posted(simulator: Simulator):
    drive: Drive = make_drive(simulator)
    assert drive.find(make_draft()) == Absent(proven=True)
    assert not isinstance(drive.find(make_draft()), Undeterminable)
