"""The simulator takes files only as X does."""

import base64
from typing import Any

import pytest

from tests.platforms.driver import Drive, image
from tests.platforms.x.account import call, connect

START = {"media_type": "video/mp4", "total_bytes": 8, "media_category": "tweet_video"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"media_category": "tweet_clip"},
        {"media_type": "image/png"},
        {"total_bytes": 0},
        {"total_bytes": "8"},
        {"total_bytes": 513 * 1024 * 1024},
        {"colour": "red"},
    ],
)
def test_an_upload_is_announced_as_it_is(drive: Drive, wrong: dict[str, Any]):
    body = {**START, **wrong}
    assert call(drive, "POST", "/2/media/upload/initialize", json=body).status_code == 400


def test_gaps_and_wrong_sums_are_not_finalized(drive: Drive):
    begun = call(drive, "POST", "/2/media/upload/initialize", json=START).json()["data"]
    path = f"/2/media/upload/{begun['id']}"
    status = {"command": "STATUS", "media_id": begun["id"]}

    def append(index: Any, content: bytes = b"1234", who: Drive = drive) -> int:
        form = {"data": {"segment_index": str(index)}, "files": {"media": ("m", content)}}
        return call(who, "POST", f"{path}/append", **form).status_code

    assert append(-1) == append(1000) == append("x") == 400
    assert append(0, b"") == append(0, b"x" * (5 * 1024 * 1024 + 1)) == 413
    assert append(0, who=connect(drive.simulator)) == 404
    assert append(1) == 200
    assert call(drive, "POST", f"{path}/finalize").status_code == 400
    assert append(0, b"12345") == 200
    assert call(drive, "POST", f"{path}/finalize").status_code == 400
    assert call(drive, "GET", "/2/media/upload", params=status).status_code == 400
    assert append(0) == 200
    post = {"text": "Look", "media": {"media_ids": [begun["id"]]}}
    assert call(drive, "POST", "/2/tweets", json=post).status_code == 400
    done = call(drive, "POST", f"{path}/finalize").json()["data"]
    assert done["processing_info"]["state"] == "pending"
    assert call(drive, "POST", "/2/tweets", json=post).status_code == 400
    assert append(0) == 400


def test_an_image_may_come_as_base64_and_in_segments(drive: Drive):
    content = image()
    whole = {"media": base64.b64encode(content).decode(), "media_category": "tweet_image"}
    one = call(drive, "POST", "/2/media/upload", json=whole).json()["data"]
    start = {
        "media_type": "image/png",
        "total_bytes": len(content),
        "media_category": "tweet_image",
    }
    two = call(drive, "POST", "/2/media/upload/initialize", json=start).json()["data"]
    path = f"/2/media/upload/{two['id']}"
    part = {"segment_index": 0, "media": whole["media"]}
    assert call(drive, "POST", f"{path}/append", json=part).status_code == 200
    assert "image" in call(drive, "POST", f"{path}/finalize").json()["data"]
    post = {"media": {"media_ids": [one["id"], two["id"]]}}
    assert call(drive, "POST", "/2/tweets", json=post).status_code == 201
