"""Videos, reels and stories of a Page: one post, also if the publishing call fails."""

from dataclasses import replace

import pytest

from platforms.drafts import Credentials, Draft
from platforms.errors import OutcomeUnknown, RateLimited, Rejected, Unauthorized
from platforms.outcomes import Absent, Processing, Published
from tests.platforms.driver import Drive
from tests.platforms.facebook.caller import PAGE
from tests.platforms.facebook.videos import CALLS, LONG_AGO, draft, kinds, trouble, videos

STORY_NOTE = "Facebook stories show no text: it was left out."


@kinds
def test_each_kind_is_published_once_with_its_bytes(drive: Drive, kind: str):
    result = drive.finish(draft(kind))
    (post,) = drive.public()
    assert isinstance(result, Published)
    assert (result.id, result.url) == (post["id"], post["url"])
    assert (drive.sends, drive.state) in ((1, "answered"), (1, "unsent"))
    opened = draft(kind).media[0].open
    assert opened is not None
    assert drive.simulator.http.get(f"/files/{post['media'][0]}").content == opened().read()
    words = {"video": "A video", "reel": "A reel"}
    assert post["text"] == words.get(kind, "")
    assert post["extra"].get("title", "") == ("Doves" if kind in words else "")


def test_a_photo_story_keeps_its_alt_text(drive: Drive):
    drive.finish(draft("photo story"))
    (post,) = drive.public()
    assert (post["extra"]["kind"], post["extra"]["alt"]) == ("Story", ["A dove"])


@videos
def test_a_video_that_was_made_with_ai_is_labelled(drive: Drive, kind: str):
    made = draft(kind)
    drive.finish(replace(made, settings={**made.settings, "isAiGenerated": True}))
    (post,) = drive.public()
    assert post["extra"]["is_ai_generated"] is True


def test_the_simulator_knows_no_label_of_photos_and_texts(drive: Drive):
    headers = {"Authorization": f"Bearer {drive.account.token}"}
    body = {"message": "Hello", "is_ai_generated": True}
    for edge in ("feed", "photos"):
        url = f"/graph.facebook.com/v26.0/{PAGE}/{edge}"
        assert (
            drive.simulator.http.post(url, headers=headers, json=body).json()["error"]["code"]
            == 100
        )


@pytest.mark.parametrize("kind", ["photo story", "video story"])
def test_a_storys_text_is_left_out_and_noted(drive: Drive, kind: str):
    story = draft(kind)
    result = drive.finish(Draft("Words", story.media, post_type="Story"))
    (post,) = drive.public()
    assert isinstance(result, Published)
    assert (result.notes, post["text"]) == ((STORY_NOTE,), "")


@videos
def test_the_video_is_known_before_anything_is_public(drive: Drive, kind: str):
    drive.finish(draft(kind))
    (sending,) = [save for save in drive.saves if save.sending]
    kept = sending.values["video"]
    assert (kept["uploaded"], kept["finishing"], kept.get("finished")) == (True, True, None)
    (post,) = drive.public()
    assert kept["id"] == post["extra"].get("media_id", post["id"])


@pytest.mark.parametrize("is_stored", [True, False])
@kinds
def test_a_worker_that_dies_at_any_step_goes_on_without_a_second_post(
    drive: Drive, kind: str, is_stored: bool
):
    drive.finish(draft(kind))
    steps = len(drive.saves)
    for step in range(1, steps + 1):
        drive.simulator.http.post("/control/clear").raise_for_status()
        drive.simulator.set("facebook", "chunk_bytes", 1000)
        drive.simulator.set("facebook", "processing_seconds", 0)
        worker = Drive(drive.adapter, drive.account, drive.simulator)
        worker.crash(draft(kind), step, is_stored=is_stored)
        found = worker.find(draft(kind), LONG_AGO) if worker.sends else Absent()
        if found == Absent():
            found = worker.finish(draft(kind))
        if kind == "photo story" and worker.sends and not drive.public():
            # It died before the call left, and no list can prove that.
            assert found == Absent(proven=False)
            continue
        assert isinstance(found, Published)
        assert [post["id"] for post in drive.public()] == [found.id]


STEPS = [(kind, step) for kind in CALLS for step in range(3)]


@pytest.mark.parametrize(("kind", "step"), STEPS)
def test_a_token_that_dies_at_any_step_is_replaced_and_the_upload_goes_on(
    drive: Drive, kind: str, step: int
):
    drive.fault(call=CALLS[kind][step], status=401, times=1)
    assert drive.raises(Unauthorized, draft(kind)).code == "account_needs_reconnection"
    assert drive.public() == []
    token = drive.simulator.connect("facebook", PAGE)
    drive.account = Credentials(PAGE, "acme", token)
    if step == 2:
        # Nothing is uploaded again.
        drive.fault(call=CALLS[kind][0], status=500)
    assert isinstance(drive.finish(draft(kind)), Published)
    assert len(drive.public()) == 1


@pytest.mark.parametrize("drop", ["before", "after"])
@kinds
def test_a_lost_answer_of_the_call_that_publishes_is_found_out(drive: Drive, kind: str, drop: str):
    drive.fault(call=CALLS[kind][2], drop=drop, times=1)
    with pytest.raises(OutcomeUnknown):
        drive.finish(draft(kind))
    found = drive.find_out(draft(kind))
    if drop == "after":
        (post,) = drive.public()
        assert isinstance(found, Published)
        assert (found.id, found.url) == (post["id"], post["url"])
        return
    assert found == Absent(proven=False)
    assert drive.public() == []


@pytest.mark.parametrize("status", [500, 502, 200])
@kinds
def test_trouble_after_the_call_that_publishes_worked_never_publishes_twice(
    drive: Drive, kind: str, status: int
):
    body = trouble(2) if status != 502 else "<html>Bad gateway</html>"
    drive.fault(call=CALLS[kind][2], status=status, body=body, effect=True, times=1)
    with pytest.raises(OutcomeUnknown):
        drive.finish(draft(kind))
    assert isinstance(drive.find_out(draft(kind)), Published)
    assert len(drive.public()) == 1


@videos
def test_a_call_without_effect_is_proven_after_five_quiet_minutes_and_repeated(
    drive: Drive, kind: str
):
    drive.fault(call=CALLS[kind][2], drop="before", times=1)
    drive.raises(OutcomeUnknown, draft(kind))
    kept = drive.checkpoint["video"]["id"]
    assert drive.find(draft(kind), LONG_AGO) == Absent(proven=True)
    assert isinstance(drive.finish(draft(kind)), Published)
    assert drive.checkpoint["video"]["id"] == kept
    assert len(drive.public()) == 1


@videos
def test_a_second_call_that_is_refused_may_mean_that_the_first_one_worked(drive: Drive, kind: str):
    drive.fault(call=CALLS[kind][2], drop="before", times=1)
    drive.raises(OutcomeUnknown, draft(kind))
    assert drive.find(draft(kind), LONG_AGO) == Absent(proven=True)
    refusal = trouble(100)
    drive.fault(call=CALLS[kind][2], status=400, body=refusal, effect=True)
    drive.raises(OutcomeUnknown, draft(kind))
    assert isinstance(drive.find_out(draft(kind)), Published)


@videos
def test_a_call_that_is_refused_each_time_is_refused(drive: Drive, kind: str):
    drive.fault(call=CALLS[kind][2], status=400, body=trouble(100))
    for _ in range(2):
        drive.raises(Rejected, draft(kind))


def test_an_acknowledgement_without_effect_is_not_a_publication(drive: Drive):
    drive.fault(call="finish_reel", status=200, body='{"success":true}', effect=False, times=1)
    assert drive.publish(draft("reel")) == Processing(5)
    assert drive.find(draft("reel"), LONG_AGO) == Absent(proven=True)
    assert isinstance(drive.finish(draft("reel")), Published)
    assert len(drive.public()) == 1


# Limits and lists


def test_the_thirty_first_reel_of_a_day_waits(drive: Drive):
    drive.simulator.set("facebook", "reels_per_day", 1)
    drive.finish(draft("reel"))
    drive.checkpoint = {}
    with pytest.raises(RateLimited):
        drive.finish(draft("reel"))
    drive.simulator.advance(24 * 3600)
    assert isinstance(drive.finish(draft("reel")), Published)
    assert len(drive.public()) == 2


def test_a_story_that_is_not_listed_yet_is_published_without_its_address(drive: Drive):
    drive.simulator.set("facebook", "listing_lag_seconds", 600)
    result = drive.finish(draft("photo story"))
    (post,) = drive.public()
    assert result == Published(post["id"])


def test_a_photo_story_without_an_archive_is_never_called_absent(drive: Drive):
    drive.simulator.set("facebook", "story_archive", False)
    drive.fault(call="photo_story", drop="after", times=1)
    drive.raises(OutcomeUnknown, draft("photo story"))
    assert drive.find(draft("photo story"), LONG_AGO) == Absent(proven=False)


@kinds
def test_nothing_was_sent_without_an_upload(drive: Drive, kind: str):
    assert drive.find(draft(kind)) == Absent(proven=True)
