"""The simulated Facebook accepts videos, reels and stories in Facebook's steps."""

import hashlib
import io
from typing import Any

import pytest

from tests.conftest import Simulator
from tests.platforms.driver import image, video
from tests.platforms.facebook.caller import OTHER, PAGE, Caller, code, page_caller


@pytest.fixture
def caller(simulator: Simulator) -> Caller:
    return page_caller(simulator)


# Videos


def start(caller: Caller, size: int) -> dict[str, str]:
    body = {"upload_phase": "start", "file_size": size}
    begun: dict[str, str] = caller.post(f"{PAGE}/videos", json=body)
    return begun


def transfer(caller: Caller, session: str, offset: str, data: bytes) -> Any:
    form = {"upload_phase": "transfer", "upload_session_id": session, "start_offset": offset}
    files = {"video_file_chunk": ("chunk", io.BytesIO(data), "application/octet-stream")}
    return caller.post(f"/graph-video.facebook.com/v26.0/{PAGE}/videos", data=form, files=files)


def finish(caller: Caller, session: str, **fields: Any) -> Any:
    body = {"upload_phase": "finish", "upload_session_id": session, **fields}
    return caller.post(f"{PAGE}/videos", json=body)


def test_a_chunked_video_needs_every_byte_in_order(caller: Caller, simulator: Simulator):
    simulator.set("facebook", "chunk_bytes", 1000)
    content = video()
    begun = start(caller, len(content))
    session = begun["upload_session_id"]
    assert (begun["start_offset"], begun["end_offset"]) == ("0", "1000")
    wrong = transfer(caller, session, "5", content[5:1000])
    assert code(wrong) == (100, 1363037)
    assert wrong["error"]["error_data"] == {"start_offset": "0", "end_offset": "1000"}
    assert code(transfer(caller, session, "0", content[:1001])) == (6001, None)
    assert code(transfer(caller, session, "0", b"")) == (6001, None)
    assert code(finish(caller, session)) == (6000, 1363019)
    assert transfer(caller, session, "0", content[:1000])["start_offset"] == "1000"
    last = transfer(caller, session, "1000", content[1000:])
    assert last["start_offset"] == last["end_offset"] == str(len(content))
    for _ in range(2):
        assert finish(caller, session, title="Doves") == {"success": True}
    (post,) = caller.public()
    assert post["id"] == begun["video_id"]


@pytest.mark.parametrize(
    "body",
    [
        {"upload_phase": "start"},
        {"upload_phase": "start", "file_size": "many"},
        {"upload_phase": "begin"},
        {"upload_phase": "finish", "upload_session_id": "1"},
        {"description": "No file"},
    ],
)
def test_an_invalid_video_call_is_refused(caller: Caller, body: dict[str, Any]):
    assert caller.post(f"{PAGE}/videos", json=body)["error"]["code"] == 100


def test_a_cancelled_upload_is_gone(caller: Caller):
    begun = start(caller, 10)
    body = {"upload_phase": "cancel", "upload_session_id": begun["upload_session_id"]}
    assert caller.post(f"{PAGE}/videos", json=body) == {"success": True}
    assert code(caller.get(begun["video_id"], fields="status")) == (100, 33)


def test_an_unpublished_video_is_a_draft(caller: Caller):
    content = video()
    begun = start(caller, len(content))
    transfer(caller, begun["upload_session_id"], "0", content)
    finish(caller, begun["upload_session_id"], published=False)
    seen = caller.get(begun["video_id"], fields="status,published")
    assert seen["status"]["publishing_phase"]["publish_status"] == "draft"
    assert (seen["published"], caller.public()) == (False, [])


def test_a_resumable_upload_gives_a_handle_for_a_video(caller: Caller):
    content = video()
    length = {"file_name": "a.mp4", "file_length": len(content), "file_type": "video/mp4"}
    upload = caller.post("app/uploads", params=length)["id"]
    oauth = {"Authorization": f"OAuth {caller.token}"}
    part = caller.post(upload, headers={**oauth, "file_offset": "0"}, content=content[:900])
    assert part["debug_info"]["type"] == "PartialRequestError"
    assert caller.get(upload) == {"id": upload, "file_offset": 900}
    wrong = caller.post(upload, headers={**oauth, "file_offset": "0"}, content=content)
    assert wrong["debug_info"]["type"] == "OffsetInvalidError"
    handle = caller.post(upload, headers={**oauth, "file_offset": "900"}, content=content[900:])[
        "h"
    ]
    made = caller.post(f"{PAGE}/videos", json={"fbuploader_video_file_chunk": handle})
    (post,) = caller.public()
    assert post["id"] == made["id"]


def test_a_video_that_cannot_be_fetched_is_refused(caller: Caller):
    body = {"file_url": "http://127.0.0.1:9/video.mp4"}
    assert code(caller.post(f"{PAGE}/videos", json=body)) == (389, 1363057)


def test_a_video_is_stored_unchanged(caller: Caller):
    content = video()
    begun = start(caller, len(content))
    transfer(caller, begun["upload_session_id"], "0", content)
    finish(caller, begun["upload_session_id"])
    (post,) = caller.public()
    stored = caller.simulator.http.get(f"/files/{post['media'][0]}").content
    assert hashlib.sha256(stored).digest() == hashlib.sha256(content).digest()


# Reels and stories


def begin(caller: Caller, edge: str = "video_reels") -> dict[str, str]:
    begun: dict[str, str] = caller.post(f"{PAGE}/{edge}", json={"upload_phase": "start"})
    return begun


def send(caller: Caller, url: str, content: bytes = b"bytes", **headers: str) -> Any:
    usual = {"Authorization": f"OAuth {caller.token}", "offset": "0"}
    usual["file_size"] = str(len(content))
    return caller.post(url, headers={**usual, **headers}, content=content)


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"Authorization": "Bearer {token}"}, "NotAuthorizedError"),
        ({"offset": "2"}, "OffsetInvalidError"),
        ({"offset": "first"}, "HeaderInvalidError"),
        ({"file_size": ""}, "HeaderInvalidError"),
        ({"file_size": "9"}, "PartialRequestError"),
    ],
)
def test_the_upload_host_refuses_undocumented_requests(
    caller: Caller, headers: dict[str, str], kind: str
):
    given = {name: value.format(token=caller.token) for name, value in headers.items()}
    assert send(caller, begin(caller)["upload_url"], **given)["debug_info"]["type"] == kind


def test_bytes_for_another_pages_reel_are_refused(caller: Caller, simulator: Simulator):
    other = Caller(simulator, simulator.connect("facebook", OTHER))
    assert code(send(other, begin(caller)["upload_url"])) == (100, 33)


@pytest.mark.parametrize("edge", ["video_reels", "video_stories"])
def test_a_reel_must_be_started_uploaded_and_finished_in_order(caller: Caller, edge: str):
    begun = begin(caller, edge)
    last = {"upload_phase": "FINISH", "video_id": begun["video_id"], "video_state": "PUBLISHED"}
    assert code(caller.post(f"{PAGE}/{edge}", json=last)) == (6000, 1363019)
    assert send(caller, begun["upload_url"]) == {"success": True}
    assert send(caller, begun["upload_url"])["debug_info"]["type"] == "OffsetInvalidError"
    wrong_edge = "video_stories" if edge == "video_reels" else "video_reels"
    assert code(caller.post(f"{PAGE}/{wrong_edge}", json=last)) == (100, 33)
    assert code(caller.post(f"{PAGE}/{edge}", json={**last, "video_idea": 1})) == (100, None)
    assert caller.post(f"{PAGE}/{edge}", json=last)["success"] is True


@pytest.mark.parametrize("state", ["", "LIVE"])
def test_a_reel_may_be_published_or_a_draft(caller: Caller, state: str):
    begun = begin(caller)
    send(caller, begun["upload_url"])
    body = {"upload_phase": "finish", "video_id": begun["video_id"], "video_state": state}
    assert code(caller.post(f"{PAGE}/video_reels", json=body)) == (100, None)


def test_an_unknown_phase_is_refused(caller: Caller):
    assert code(caller.post(f"{PAGE}/video_reels", json={"upload_phase": "go"})) == (100, None)


def test_a_reel_may_be_fetched_from_a_url(caller: Caller, simulator: Simulator):
    photo = caller.photo()
    caller.post(f"{PAGE}/feed", json={"attached_media": [{"media_fbid": photo}]})
    (post,) = caller.public()
    url = f"{simulator.url}/files/{post['media'][0]}"
    begun = begin(caller)
    headers = {"Authorization": f"OAuth {caller.token}", "file_url": url}
    assert caller.post(begun["upload_url"], headers=headers) == {"success": True}
    seen = caller.get(begun["video_id"], fields="status")["status"]
    assert seen["uploading_phase"]["bytes_transferred"] == len(image())
