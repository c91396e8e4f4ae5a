"""Videos, reels and stories of a Page: uploads that go on, one post, and what becomes of it."""

import io
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import av
import pytest
from PIL import Image

from platforms.drafts import Credentials, Draft
from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)
from platforms.facebook.adapter import Facebook
from platforms.outcomes import Absent, Processing, Published, Refused
from tests.conftest import Simulator
from tests.platforms.driver import Drive, media, video

PAGE = "102938475610293"
LONG_AGO = datetime.now(UTC) - timedelta(minutes=6)
STORY_NOTE = "A Facebook story shows no text: it was left out."


@cache
def upright(rate: int = 24) -> bytes:
    """A film that a reel may be: 540 by 960, a bit over three seconds."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt = 540, 960, "yuv420p"
        frame = av.VideoFrame.from_image(Image.new("RGB", (540, 960), (90, 160, 90)))
        for number in range(rate * 3 + 2):
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return out.getvalue()


@cache
def draft(kind: str) -> Draft:
    if kind == "photo story":
        return Draft("", (media(alt_text="A dove"),), post_type="Story")
    if kind == "video":
        return Draft("A film", (media(video(), kind="video"),), {"title": "Doves"})
    film = media(upright(), kind="video")
    if kind == "reel":
        return Draft("A reel", (film,), {"title": "Doves"}, "Reels")
    return Draft("", (film,), post_type="Story")


#: kind → calls of the simulator: begin, bytes, the one that publishes
CALLS = {
    "video": ("start_video", "transfer_video", "finish_video"),
    "reel": ("start_reel", "put_bytes", "finish_reel"),
    "video story": ("start_story", "put_bytes", "finish_story"),
    "photo story": ("photos", "photos", "photo_story"),
}
VIDEOS = ("video", "reel", "video story")
kinds = pytest.mark.parametrize("kind", CALLS)
videos = pytest.mark.parametrize("kind", VIDEOS)


@pytest.fixture
def drive(simulator: Simulator) -> Drive:
    token = simulator.connect("facebook", PAGE)
    # Several pieces even of a small film.
    simulator.set("facebook", "chunk_bytes", 1000)
    simulator.set("facebook", "processing_seconds", 0)
    return Drive(Facebook(), Credentials(PAGE, "acme", token), simulator.url)


def public(simulator: Simulator) -> list[dict[str, Any]]:
    return simulator.posts("facebook", PAGE)


def trouble(code: int, subcode: int | None = None, **fields: Any) -> str:
    return json.dumps({"error": {"code": code, "error_subcode": subcode, **fields}})


@kinds
def test_each_kind_is_published_once_with_its_bytes(simulator: Simulator, drive: Drive, kind: str):
    result = drive.finish(draft(kind))
    (post,) = public(simulator)
    assert isinstance(result, Published)
    assert (result.id, result.url) == (post["id"], post["url"])
    assert (drive.sends, drive.state) in ((1, "answered"), (1, "unsent"))
    opened = draft(kind).media[0].open
    assert opened is not None
    assert simulator.http.get(f"/files/{post['media'][0]}").content == opened().read()
    words = {"video": "A film", "reel": "A reel"}
    assert post["text"] == words.get(kind, "")
    assert post["extra"].get("title", "") == ("Doves" if kind in words else "")


def test_a_photo_story_keeps_its_alt_text(simulator: Simulator, drive: Drive):
    drive.finish(draft("photo story"))
    (post,) = public(simulator)
    assert (post["extra"]["kind"], post["extra"]["alt"]) == ("Story", ["A dove"])


@videos
def test_a_video_that_was_made_with_ai_is_labelled(simulator: Simulator, drive: Drive, kind: str):
    made = draft(kind)
    drive.finish(replace(made, settings={**made.settings, "isAiGenerated": True}))
    (post,) = public(simulator)
    assert post["extra"]["is_ai_generated"] is True


def test_the_simulator_knows_no_label_of_photos_and_texts(simulator: Simulator, drive: Drive):
    headers = {"Authorization": f"Bearer {drive.account.token}"}
    body = {"message": "Hello", "is_ai_generated": True}
    for edge in ("feed", "photos"):
        url = f"/graph.facebook.com/v26.0/{PAGE}/{edge}"
        assert simulator.http.post(url, headers=headers, json=body).json()["error"]["code"] == 100


@pytest.mark.parametrize("kind", ["photo story", "video story"])
def test_a_storys_text_is_left_out_and_noted(simulator: Simulator, drive: Drive, kind: str):
    story = draft(kind)
    result = drive.finish(Draft("Words", story.media, post_type="Story"))
    (post,) = public(simulator)
    assert isinstance(result, Published)
    assert (result.notes, post["text"]) == ((STORY_NOTE,), "")


@videos
def test_the_video_is_known_before_anything_is_public(
    simulator: Simulator, drive: Drive, kind: str
):
    drive.finish(draft(kind))
    (sending,) = [save for save in drive.saves if save.sending]
    kept = sending.values["video"]
    assert (kept["uploaded"], kept["finishing"], kept.get("finished")) == (True, True, None)
    (post,) = public(simulator)
    assert kept["id"] == post["extra"].get("media_id", post["id"])


@videos
def test_processing_is_waited_for(simulator: Simulator, drive: Drive, kind: str):
    simulator.set("facebook", "processing_seconds", 60)
    assert drive.publish(draft(kind)) == Processing(5)
    assert drive.publish(draft(kind)) == Processing(5)
    assert drive.sends == 1


class Killed(BaseException):
    """The worker is gone: nothing after this is done."""


@dataclass
class Mortal(Drive):
    """Dies at its n-th save, right before or right after it is durable."""

    dies_at: int = 0
    dies_after: bool = False

    async def _save(self, values: dict[str, Any], sending: bool) -> None:
        self.dies_at -= 1
        if self.dies_at == 0 and not self.dies_after:
            raise Killed
        await super()._save(values, sending)
        if self.dies_at == 0:
            raise Killed


@pytest.mark.parametrize("dies_after", [True, False])
@kinds
def test_a_worker_that_dies_at_any_step_goes_on_without_a_second_post(
    simulator: Simulator, drive: Drive, kind: str, dies_after: bool
):
    drive.finish(draft(kind))
    steps = len(drive.saves)
    for step in range(1, steps + 1):
        simulator.http.post("/control/clear").raise_for_status()
        simulator.set("facebook", "chunk_bytes", 1000)
        simulator.set("facebook", "processing_seconds", 0)
        worker = Mortal(
            drive.adapter, drive.account, drive.gateway, dies_at=step, dies_after=dies_after
        )
        with pytest.raises(Killed):
            worker.finish(draft(kind))
        found = worker.find(draft(kind), LONG_AGO) if worker.sends else Absent()
        if found == Absent():
            found = worker.finish(draft(kind))
        if kind == "photo story" and worker.sends and not public(simulator):
            # It died before the call left, and no list can prove that.
            assert found == Absent(proven=False)
            continue
        assert isinstance(found, Published)
        assert [post["id"] for post in public(simulator)] == [found.id]


STEPS = [(kind, step) for kind in CALLS for step in range(3)]


@pytest.mark.parametrize(("kind", "step"), STEPS)
def test_a_token_that_dies_at_any_step_is_replaced_and_the_upload_goes_on(
    simulator: Simulator, drive: Drive, kind: str, step: int
):
    simulator.fault("facebook", call=CALLS[kind][step], status=401, times=1)
    with pytest.raises(Unauthorized) as caught:
        drive.publish(draft(kind))
    assert caught.value.code == "account_needs_reconnection"
    assert public(simulator) == []
    token = simulator.connect("facebook", PAGE)
    drive.account = Credentials(PAGE, "acme", token)
    if step == 2:
        # Nothing is uploaded again.
        simulator.fault("facebook", call=CALLS[kind][0], status=500)
    assert isinstance(drive.finish(draft(kind)), Published)
    assert len(public(simulator)) == 1


@pytest.mark.parametrize("drop", ["before", "after"])
@kinds
def test_a_lost_answer_of_the_call_that_publishes_is_found_out(
    simulator: Simulator, drive: Drive, kind: str, drop: str
):
    simulator.fault("facebook", call=CALLS[kind][2], drop=drop, times=1)
    with pytest.raises(OutcomeUnknown):
        drive.finish(draft(kind))
    found = drive.find_out(draft(kind))
    if drop == "after":
        (post,) = public(simulator)
        assert isinstance(found, Published)
        assert (found.id, found.url) == (post["id"], post["url"])
        return
    assert found == Absent(proven=False)
    assert public(simulator) == []


@pytest.mark.parametrize("status", [500, 502, 200])
@kinds
def test_trouble_after_the_call_that_publishes_worked_never_publishes_twice(
    simulator: Simulator, drive: Drive, kind: str, status: int
):
    body = trouble(2) if status != 502 else "<html>Bad gateway</html>"
    simulator.fault("facebook", call=CALLS[kind][2], status=status, body=body, effect=True, times=1)
    with pytest.raises(OutcomeUnknown):
        drive.finish(draft(kind))
    assert isinstance(drive.find_out(draft(kind)), Published)
    assert len(public(simulator)) == 1


@videos
def test_a_call_without_effect_is_proven_after_five_quiet_minutes_and_repeated(
    simulator: Simulator, drive: Drive, kind: str
):
    simulator.fault("facebook", call=CALLS[kind][2], drop="before", times=1)
    with pytest.raises(OutcomeUnknown):
        drive.publish(draft(kind))
    kept = drive.checkpoint["video"]["id"]
    assert drive.find(draft(kind), LONG_AGO) == Absent(proven=True)
    assert isinstance(drive.finish(draft(kind)), Published)
    assert drive.checkpoint["video"]["id"] == kept
    assert len(public(simulator)) == 1


@videos
def test_a_second_call_that_is_refused_may_mean_that_the_first_one_worked(
    simulator: Simulator, drive: Drive, kind: str
):
    simulator.fault("facebook", call=CALLS[kind][2], drop="before", times=1)
    with pytest.raises(OutcomeUnknown):
        drive.publish(draft(kind))
    assert drive.find(draft(kind), LONG_AGO) == Absent(proven=True)
    refusal = trouble(100)
    simulator.fault("facebook", call=CALLS[kind][2], status=400, body=refusal, effect=True)
    with pytest.raises(OutcomeUnknown):
        drive.publish(draft(kind))
    assert isinstance(drive.find_out(draft(kind)), Published)


@videos
def test_a_call_that_is_refused_each_time_is_refused(simulator: Simulator, drive: Drive, kind: str):
    simulator.fault("facebook", call=CALLS[kind][2], status=400, body=trouble(100))
    for _ in range(2):
        with pytest.raises(Rejected):
            drive.publish(draft(kind))


def test_an_acknowledgement_without_effect_is_not_a_publication(simulator: Simulator, drive: Drive):
    simulator.fault(
        "facebook", call="finish_reel", status=200, body='{"success":true}', effect=False, times=1
    )
    assert drive.publish(draft("reel")) == Processing(5)
    assert drive.find(draft("reel"), LONG_AGO) == Absent(proven=True)
    assert isinstance(drive.finish(draft("reel")), Published)
    assert len(public(simulator)) == 1


@videos
def test_a_status_that_cannot_be_read_after_the_call_is_no_failure(
    simulator: Simulator, drive: Drive, kind: str
):
    simulator.fault("facebook", call="read_video", status=401, times=2)
    assert drive.publish(draft(kind)) == Processing(5)
    assert drive.publish(draft(kind)) == Processing(5)
    assert isinstance(drive.finish(draft(kind)), Published)
    assert drive.sends == 1


@videos
def test_processing_that_fails_late_is_the_files_fault(
    simulator: Simulator, drive: Drive, kind: str
):
    said = {"code": 1363128, "message": "The video is broken."}
    simulator.set("facebook", "processing_error", said)
    with pytest.raises(Rejected) as caught:
        drive.finish(draft(kind))
    assert (caught.value.code, caught.value.platform_code) == ("media_rejected", "1363128")
    assert "The video is broken." in caught.value.message
    assert public(simulator) == []


def test_processing_that_fails_by_facebooks_fault_is_tried_with_a_new_upload(
    simulator: Simulator, drive: Drive
):
    simulator.set("facebook", "processing_error", {"code": 6000, "message": "Try again."})
    with pytest.raises(Unavailable) as caught:
        drive.finish(draft("video"))
    assert (caught.value.code, drive.checkpoint["video"]) == ("media_processing_failed", None)
    simulator.set("facebook", "processing_error", None)
    assert isinstance(drive.finish(draft("video")), Published)
    assert len(public(simulator)) == 1


@videos
def test_a_look_up_that_sees_processing_fail_says_refused(
    simulator: Simulator, drive: Drive, kind: str
):
    simulator.set("facebook", "processing_error", {"code": 352, "message": "No film."})
    simulator.fault("facebook", call=CALLS[kind][2], drop="after", times=1)
    with pytest.raises(OutcomeUnknown):
        drive.publish(draft(kind))
    found = drive.find_out(draft(kind))
    assert isinstance(found, Refused)
    assert isinstance(found.error, Rejected)
    assert drive.checkpoint["video"] is None


def test_what_is_no_film_is_rejected(simulator: Simulator, drive: Drive):
    with pytest.raises(Rejected, match="format that is not supported"):
        drive.finish(Draft("Fake", (media(b"no film at all", kind="video"),)))


def test_a_reel_of_ten_pictures_a_second_fails_at_facebook(simulator: Simulator, drive: Drive):
    film = media(upright(10), kind="video")
    with pytest.raises(Rejected, match="frame rate"):
        drive.finish(Draft("", (film,), post_type="Reels"))


# Bytes


def test_a_cut_video_goes_on_where_it_stopped(simulator: Simulator, drive: Drive):
    simulator.fault("facebook", call="transfer_video", drop="before", skip=1, times=1)
    with pytest.raises(Unavailable):
        drive.publish(draft("video"))
    assert drive.checkpoint["video"]["first"] == 1000
    simulator.fault("facebook", call="start_video", status=500)
    assert isinstance(drive.finish(draft("video")), Published)
    assert len(public(simulator)) == 1


def test_a_piece_whose_answer_was_lost_is_not_sent_twice(simulator: Simulator, drive: Drive):
    simulator.fault("facebook", call="transfer_video", drop="after", skip=1, times=1)
    with pytest.raises(Unavailable):
        drive.publish(draft("video"))
    assert drive.checkpoint["video"]["first"] == 1000
    result = drive.finish(draft("video"))
    (post,) = public(simulator)
    assert isinstance(result, Published)
    assert simulator.http.get(f"/files/{post['media'][0]}").content == video()


@pytest.mark.parametrize("as_text", [True, False])
def test_a_wrong_offset_is_corrected_by_what_facebook_says(
    simulator: Simulator, drive: Drive, as_text: bool
):
    wanted: Any = {"start_offset": "0", "end_offset": "1000"}
    data = json.dumps(wanted) if as_text else wanted
    body = trouble(100, 1363037, error_data=data)
    simulator.fault("facebook", call="transfer_video", status=400, body=body, times=1)
    assert isinstance(drive.finish(draft("video")), Published)


def test_an_offset_that_never_moves_gives_up_for_now(simulator: Simulator, drive: Drive):
    body = json.dumps({"start_offset": "0", "end_offset": "1000"})
    simulator.fault("facebook", call="transfer_video", status=200, body=body)
    with pytest.raises(Unavailable, match="stores no more bytes"):
        drive.publish(draft("video"))
    assert public(simulator) == []


def test_a_video_that_facebook_took_only_in_part_is_sent_anew(simulator: Simulator, drive: Drive):
    body = json.dumps({"start_offset": "7", "end_offset": "7"})
    simulator.fault("facebook", call="transfer_video", status=200, body=body, times=1)
    with pytest.raises(Unavailable):
        drive.publish(draft("video"))
    assert drive.checkpoint["video"] is None
    assert isinstance(drive.finish(draft("video")), Published)


@pytest.mark.parametrize("kind", ["reel", "video story"])
def test_a_cut_reel_goes_on_from_the_bytes_that_arrived(
    simulator: Simulator, drive: Drive, kind: str
):
    padded = upright() + bytes(2 * 1024 * 1024)
    big = Draft("", (media(padded, kind="video"),), post_type=draft(kind).post_type)
    simulator.fault("facebook", call="store_piece", drop="before", skip=4, times=1)
    with pytest.raises(Unavailable):
        drive.publish(big)
    node = drive.checkpoint["video"]["id"]
    seen = simulator.http.get(
        f"/graph.facebook.com/v26.0/{node}",
        params={"fields": "status", "access_token": drive.account.token},
    ).json()
    assert 0 < seen["status"]["uploading_phase"]["bytes_transferred"] < len(padded)
    simulator.fault("facebook", call=CALLS[kind][0], status=500)
    assert isinstance(drive.finish(big), Published)
    (post,) = public(simulator)
    assert simulator.http.get(f"/files/{post['media'][0]}").content == padded


def test_an_upload_that_facebook_has_forgotten_is_begun_again(simulator: Simulator, drive: Drive):
    simulator.fault("facebook", call="put_bytes", status=500, times=1)
    with pytest.raises(Unavailable):
        drive.publish(draft("reel"))
    drive.checkpoint["video"]["id"] = "1400000000000000"
    assert isinstance(drive.finish(draft("reel")), Published)


def test_a_finished_video_that_cannot_be_seen_is_never_begun_again(
    simulator: Simulator, drive: Drive
):
    simulator.fault("facebook", call="finish_reel", drop="after", times=1)
    with pytest.raises(OutcomeUnknown):
        drive.publish(draft("reel"))
    simulator.fault("facebook", call="read_video", status=400, body=trouble(100, 33))
    with pytest.raises(PlatformError):
        drive.publish(draft("reel"))
    with pytest.raises(Unavailable):
        drive.find(draft("reel"))
    assert (drive.sends, len(public(simulator))) == (1, 1)


@pytest.mark.parametrize("code", [6000, 6001])
def test_a_problem_with_the_bytes_is_tried_with_a_new_upload(
    simulator: Simulator, drive: Drive, code: int
):
    simulator.fault("facebook", call="transfer_video", status=400, body=trouble(code), times=1)
    with pytest.raises(Unavailable):
        drive.publish(draft("video"))
    assert drive.checkpoint["video"] is None
    assert isinstance(drive.finish(draft("video")), Published)
    assert len(public(simulator)) == 1


def test_a_video_that_was_asked_to_be_finished_is_never_replaced_by_another(
    simulator: Simulator, drive: Drive
):
    simulator.fault("facebook", call="finish_video", status=400, body=trouble(6000), times=1)
    with pytest.raises(Unavailable):
        drive.publish(draft("video"))
    simulator.fault("facebook", call="start_video", status=500)
    assert isinstance(drive.finish(draft("video")), Published)
    assert len(public(simulator)) == 1


# Limits and lists


def test_the_thirty_first_reel_of_a_day_waits(simulator: Simulator, drive: Drive):
    simulator.set("facebook", "reels_per_day", 1)
    drive.finish(draft("reel"))
    drive.checkpoint = {}
    with pytest.raises(RateLimited):
        drive.finish(draft("reel"))
    simulator.advance(24 * 3600)
    assert isinstance(drive.finish(draft("reel")), Published)
    assert len(public(simulator)) == 2


def test_a_story_that_is_not_listed_yet_is_published_without_its_address(
    simulator: Simulator, drive: Drive
):
    simulator.set("facebook", "listing_lag_seconds", 600)
    result = drive.finish(draft("photo story"))
    (post,) = public(simulator)
    assert result == Published(post["id"])


def test_a_photo_story_without_an_archive_is_never_called_absent(
    simulator: Simulator, drive: Drive
):
    simulator.set("facebook", "story_archive", False)
    simulator.fault("facebook", call="photo_story", drop="after", times=1)
    with pytest.raises(OutcomeUnknown):
        drive.publish(draft("photo story"))
    assert drive.find(draft("photo story"), LONG_AGO) == Absent(proven=False)


@kinds
def test_nothing_was_sent_without_an_upload(drive: Drive, kind: str):
    assert drive.find(draft(kind)) == Absent(proven=True)


@pytest.mark.parametrize("kind", ["video", "reel"])
def test_a_long_upload_renews_its_deadline_while_bytes_flow(
    simulator: Simulator, drive: Drive, kind: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("platforms.facebook.video.RENEW_BYTES", 1024 * 1024)
    simulator.set("facebook", "chunk_bytes", 16 * 1024 * 1024)
    film = media(upright() + bytes(4 * 1024 * 1024), kind="video")
    post_type = "Reels" if kind == "reel" else ""
    drive.finish(Draft("", (film,), post_type=post_type))
    begun = [save for save in drive.saves if not save.values["video"].get("uploaded")]
    # One when the upload begins, one when its piece is in, the others on the way.
    assert len(begun) >= 5
    assert drive.sends == 1
