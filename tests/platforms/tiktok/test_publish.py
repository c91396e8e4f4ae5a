"""Videos that are sent to TikTok."""

import hashlib

import pytest

from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown, Unavailable
from platforms.outcomes import Absent, Processing, Published
from tests.conftest import Simulator
from tests.platforms.driver import counted, padded, published
from tests.platforms.tiktok.steps import (
    CLIP,
    assert_tells_no_secret,
    make_draft,
    make_drive,
    only_post,
    status_is,
)


def test_a_video_is_published_once_tiktok_has_processed_it(simulator: Simulator):
    drive, draft = make_drive(simulator), make_draft()
    assert drive.publish(draft) == Processing(2)
    result = drive.finish(draft)
    post = only_post(simulator)
    assert result == Published(post["id"], f"https://www.tiktok.com/@acme/video/{post['id']}")
    assert post["text"] == "Hello #video"
    assert post["extra"]["sha256"] == hashlib.sha256(CLIP).hexdigest()
    assert post["extra"]["privacy_level"] == "PUBLIC_TO_EVERYONE"
    for flag in ("comment", "duet", "stitch"):
        assert post["extra"][f"disable_{flag}"] is True
    shown = simulator.http.get(f"/files/{post['media'][0]}")
    assert (shown.content, shown.headers["content-type"]) == (CLIP, "video/mp4")
    assert (drive.sends, len(simulator.posts())) == (1, 1)


def test_the_publish_id_is_durable_before_any_byte_leaves(simulator: Simulator):
    drive = make_drive(simulator)
    drive.fault(call="put_chunk", drop="before")
    drive.raises(OutcomeUnknown, make_draft())
    assert [save.sending for save in drive.saves] == [False, True]
    assert drive.saves[0].values["publish_id"].startswith("v_pub_file~")


def test_a_large_file_goes_out_in_pieces_and_only_the_last_is_irreversible(simulator: Simulator):
    """Four pieces of 16 MB and one with the rest; the file is never read in more than a MiB."""
    content = padded(CLIP, 80_000_005)
    item, asked = counted(content)
    drive = make_drive(simulator)
    assert isinstance(drive.finish(Draft("Hi", (item,))), Published)
    assert [save.sending for save in drive.saves[:6]] == [False] * 4 + [False, True]
    assert [s.values.get("uploaded_bytes") for s in drive.saves[:5]] == [
        None,
        16_000_000,
        32_000_000,
        48_000_000,
        64_000_000,
    ]
    assert only_post(simulator)["extra"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert 0 < min(asked) <= max(asked) <= 1024 * 1024
    assert sum(asked) == len(content)


def test_a_post_for_few_has_no_id_and_is_not_waited_for(simulator: Simulator):
    drive = make_drive(simulator)
    draft = make_draft(privacyLevel="SELF_ONLY", allowComments=True)
    result = drive.finish(draft)
    assert result == Published(drive.checkpoint["publish_id"], "https://www.tiktok.com/@acme")
    assert only_post(simulator)["extra"]["disable_comment"] is False


@pytest.mark.parametrize("ids", ["7123456789012345678", [7123456789012345678, 1]])
def test_an_id_may_be_a_number_in_a_list_or_bare_text(simulator: Simulator, ids: object):
    drive, draft = make_drive(simulator), make_draft()
    status_is(simulator, status="PUBLISH_COMPLETE", publicaly_available_post_id=ids)
    assert published(drive.publish(draft)).id == "7123456789012345678"


# Broken uploads go on


def test_an_upload_cut_in_the_middle_goes_on_at_the_cut_piece(
    simulator: Simulator, small_pieces: Draft
):
    drive, draft = make_drive(simulator), small_pieces
    drive.fault(call="store_piece", drop="before", skip=3, times=1)
    cut = drive.raises(Unavailable, draft)
    assert_tells_no_secret(cut, drive)
    publish_id, uploaded = drive.checkpoint["publish_id"], drive.checkpoint["uploaded_bytes"]
    assert (drive.state, uploaded) == ("unsent", 500_000)
    assert isinstance(drive.finish(draft), Published)
    post = only_post(simulator)
    assert post["extra"]["publish_id"] == publish_id
    assert post["extra"]["sha256"] == hashlib.sha256(draft.media[0].open().read()).hexdigest()


def test_a_last_piece_cut_in_the_middle_is_proven_absent_and_goes_on(simulator: Simulator):
    drive, draft = make_drive(simulator), make_draft()
    drive.fault(call="store_piece", drop="before", times=1)
    drive.raises(OutcomeUnknown, draft)
    publish_id = drive.checkpoint["publish_id"]
    assert drive.find(draft) == Absent(proven=True)
    assert isinstance(drive.finish(draft), Published)
    assert only_post(simulator)["extra"]["publish_id"] == publish_id


@pytest.mark.parametrize("status", [403, 404])
def test_an_expired_upload_url_leads_to_a_new_publish_id(
    simulator: Simulator, small_pieces: Draft, status: int
):
    drive, draft = make_drive(simulator), small_pieces
    drive.fault(call="put_chunk", status=status, body=" ", skip=1, times=1)
    drive.raises(Unavailable, draft)
    publish_id = drive.checkpoint["publish_id"]
    assert isinstance(drive.finish(draft), Published)
    assert only_post(simulator)["extra"]["publish_id"] != publish_id


@pytest.mark.parametrize("status", [403, 404, 416])
def test_a_refused_last_piece_never_leads_to_a_new_publish_id_at_once(
    simulator: Simulator, status: int
):
    drive, draft = make_drive(simulator), make_draft()
    drive.fault(call="put_chunk", status=status, body=" ", times=1)
    drive.raises(OutcomeUnknown, draft)
    publish_id = drive.checkpoint["publish_id"]
    assert drive.find(draft) == Absent(proven=True)
    assert isinstance(drive.finish(draft), Published)
    assert only_post(simulator)["extra"]["publish_id"] == publish_id


def test_an_upload_not_ended_an_hour_later_begins_anew(simulator: Simulator):
    drive, draft = make_drive(simulator), make_draft()
    drive.fault(call="store_piece", drop="before", times=1)
    drive.raises(OutcomeUnknown, draft)
    publish_id = drive.checkpoint["publish_id"]
    drive.checkpoint = {**drive.checkpoint, "started_at": drive.checkpoint["started_at"] - 3901}
    assert isinstance(drive.finish(draft), Published)
    assert only_post(simulator)["extra"]["publish_id"] != publish_id


def test_a_last_piece_that_is_not_the_last_for_tiktok_is_tried_again(simulator: Simulator):
    drive, draft = make_drive(simulator), make_draft()
    drive.fault(call="put_chunk", status=206, body=" ", times=1)
    with pytest.raises(Unavailable, match="whole file"):
        drive.publish(draft)
    assert isinstance(drive.finish(draft), Published)
    only_post(simulator)


def test_a_lost_init_answer_posts_nothing_and_is_repeated(simulator: Simulator):
    drive, draft = make_drive(simulator), make_draft()
    drive.fault(call="init", drop="after", times=1)
    drive.raises(Unavailable, draft)
    assert (drive.saves, drive.find(draft)) == ([], Absent(proven=True))
    assert isinstance(drive.finish(draft), Published)
    only_post(simulator)
