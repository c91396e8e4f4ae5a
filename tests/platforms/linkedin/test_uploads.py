"""LinkedIn's simulator takes uploads as LinkedIn does."""

import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from platforms.drafts import Draft
from platforms.outcomes import Published
from tests.conftest import Simulator
from tests.platforms.driver import Drive, image
from tests.platforms.linkedin.steps import (
    PART_BYTES,
    PDF,
    clip,
    clip_bytes,
    connect,
    post_body,
    rest,
)

pytestmark = pytest.mark.usefixtures("at_once")


def post(drive: Drive, **changes: Any) -> Any:
    return rest(drive, "POST", "/rest/posts", json=post_body(drive, **changes))


def begin(drive: Drive, collection: str, **facts: Any) -> Any:
    asked = {"owner": drive.account.extra["author"], **facts}
    params = {"action": "initializeUpload"}
    body = {"initializeUploadRequest": asked}
    path = f"/rest/{collection}"
    return rest(drive, "POST", path, params=params, json=body)


def begin_clip(drive: Drive, size: int = PART_BYTES + 10) -> Any:
    flags = {"uploadCaptions": False, "uploadThumbnail": False}
    return begin(drive, "videos", fileSizeBytes=size, **flags)


def put(drive: Drive, url: str, content: bytes, **headers: str) -> Any:
    bearer = {"Authorization": f"Bearer {drive.account.token}", "Content-Type": "image/png"}
    return drive.simulator.http.put(url, content=content, headers={**bearer, **headers})


def uploaded(drive: Drive, kind: str = "image", content: bytes | None = None) -> str:
    value = begin(drive, f"{kind}s").json()["value"]
    put(drive, value["uploadUrl"], image() if content is None else content)
    return value[kind]


def test_a_file_is_owned_by_the_author_it_was_begun_for(page: Drive):
    other = connect(page.simulator, "organization")
    urn = uploaded(other)
    assert post(page, content={"media": {"id": urn}}).status_code == 403
    assert rest(page, "GET", f"/rest/images/{quote(urn)}").status_code == 403
    assert post(other, content={"media": {"id": urn}}).status_code == 201


@pytest.mark.parametrize(
    ("kind", "readable"), [("image", False), ("document", False), ("video", True)]
)
def test_a_member_may_read_the_state_of_a_video_only(
    simulator: Simulator, kind: str, readable: bool
):
    member = connect(simulator, "person")
    if kind == "video":
        urn = begin_clip(member).json()["value"]["video"]
    else:
        urn = begin(member, f"{kind}s").json()["value"][kind]
    looked = rest(member, "GET", f"/rest/{kind}s/{quote(urn)}")
    assert looked.status_code == (200 if readable else 403)


def test_a_file_is_waited_for_then_processed_then_there(page: Drive):
    page.simulator.set("linkedin", "processing_seconds", 60)
    value = begin(page, "images").json()["value"]
    path = f"/rest/images/{quote(value['image'])}"
    states = [rest(page, "GET", path).json()["status"]]
    put(page, value["uploadUrl"], image())
    states.append(rest(page, "GET", path).json()["status"])
    waiting = post(page, content={"media": {"id": value["image"]}})
    assert waiting.json()["code"] == "MEDIA_ASSET_WAITING_UPLOAD"
    page.simulator.advance(61)
    states.append(rest(page, "GET", path).json()["status"])
    assert states == ["WAITING_UPLOAD", "PROCESSING", "AVAILABLE"]


@pytest.mark.parametrize(
    ("kind", "content"), [("image", b"GIF?"), ("image", image(format="BMP")), ("document", b"%PNG")]
)
def test_a_file_that_is_something_else_cannot_be_posted(page: Drive, kind: str, content: bytes):
    urn = uploaded(page, kind, content)
    answer = post(page, content={"media": {"id": urn, "title": "x"}})
    assert answer.json()["code"] == "MEDIA_ASSET_PROCESSING_FAILED"


def test_an_address_takes_one_file_of_its_owner_for_its_time(page: Drive):
    url = begin(page, "documents").json()["value"]["uploadUrl"]
    stranger = connect(page.simulator, "organization")
    assert put(stranger, url, PDF).status_code == 403
    assert put(page, url, PDF, Authorization="").status_code == 401
    assert put(page, url, PDF).status_code == 201
    assert put(page, url, PDF).json()["code"] == "UPDATING_ASSET_FAILED"
    late = begin(page, "documents").json()["value"]["uploadUrl"]
    page.simulator.advance(24 * 3600 + 1)
    assert put(page, late, PDF).json()["code"] == "EXPIRED_UPLOAD_URL"


@pytest.mark.parametrize(
    ("collection", "facts", "code"),
    [
        ("images", {"owner": "urn:li:person:1"}, "ACCESS_DENIED"),
        ("images", {"size": 1}, "INVALID_VALUE_FOR_FIELD"),
        ("videos", {}, "MISSING_FIELD"),
    ],
)
def test_an_upload_that_is_not_as_documented_is_not_begun(
    page: Drive, collection: str, facts: dict[str, Any], code: str
):
    assert begin(page, collection, **facts).json()["code"] == code


@pytest.mark.parametrize("size", [75 * 1024 - 1, 5 * 1024**3 + 1, "9"])
def test_a_video_has_a_size_that_linkedin_takes(page: Drive, size: Any):
    assert begin_clip(page, size).status_code == 400


def finalize(drive: Drive, value: dict[str, Any], etags: list[str]) -> Any:
    facts = {"video": value["video"], "uploadToken": value["uploadToken"]}
    body = {"finalizeUploadRequest": {**facts, "uploadedPartIds": etags}}
    params = {"action": "finalizeUpload"}
    return rest(drive, "POST", "/rest/videos", params=params, json=body)


SPOILED: dict[str, Callable[[dict[str, Any], list[str]], Any]] = {
    "order": lambda value, etags: etags.reverse(),
    "gap": lambda value, etags: etags.pop(),
    "quotes": lambda value, etags: etags.append(f'"{etags.pop()}"'),
    "token": lambda value, etags: value.update(uploadToken="x"),
}


@pytest.mark.parametrize("how", [*SPOILED, "short part", "nothing wrong"])
def test_a_video_is_put_together_once_from_its_parts_in_order(page: Drive, how: str):
    content = clip_bytes(PART_BYTES + 10)
    value = begin_clip(page).json()["value"]
    spans = [(p["firstByte"], p["lastByte"]) for p in value["uploadInstructions"]]
    assert spans == [(0, PART_BYTES - 1), (PART_BYTES, PART_BYTES + 9)]
    etags = []
    for part in value["uploadInstructions"]:
        piece = content[part["firstByte"] : part["lastByte"] + (how != "short part")]
        kind = {"Content-Type": "application/octet-stream"}
        answer = page.simulator.http.put(part["uploadUrl"], content=piece, headers=kind)
        etags.append(answer.headers["etag"].strip('"'))
    if how in SPOILED:
        SPOILED[how](value, etags)
    answer = finalize(page, value, etags)
    assert answer.status_code == (200 if how == "nothing wrong" else 400)
    assert finalize(page, value, etags).status_code == 400


def test_a_large_video_is_sent_in_constant_memory(page: Drive, tmp_path: Path):
    size = 8 * PART_BYTES
    path = tmp_path / "video.mp4"
    with path.open("wb") as file:
        file.write(clip_bytes(1000))
        file.truncate(size)
    item = replace(clip(), size_bytes=size, open=lambda: path.open("rb"))
    tracemalloc.start()
    assert isinstance(page.finish(Draft("Look", (item,))), Published)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < size / 2
