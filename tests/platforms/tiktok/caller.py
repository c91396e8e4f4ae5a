"""Calls of simulated TikTok without an adapter, and what TikTok accepts."""

from copy import deepcopy
from typing import Any

from tests.conftest import Simulator
from tests.platforms.tiktok.steps import OPEN_ID, make_photos

API = "/open.tiktokapis.com/v2"
SHARED = {
    "privacy_level": "PUBLIC_TO_EVERYONE",
    "disable_comment": True,
    "brand_content_toggle": False,
    "brand_organic_toggle": False,
}
VIDEO: dict[str, Any] = {
    "post_info": {**SHARED, "title": "Hi", "disable_duet": True, "disable_stitch": True},
    "source_info": {
        "source": "FILE_UPLOAD",
        "video_size": 1000,
        "chunk_size": 1000,
        "total_chunk_count": 1,
    },
}
PHOTOS: dict[str, Any] = {
    "media_type": "PHOTO",
    "post_mode": "DIRECT_POST",
    "post_info": {**SHARED, "description": "Hi", "auto_add_music": False},
    "source_info": {
        "source": "PULL_FROM_URL",
        "photo_cover_index": 0,
        "photo_images": [make_photos(1).media[0].url],
    },
}
INBOX = {"source_info": VIDEO["source_info"]}
VIDEO_INIT, PHOTO_INIT = "post/publish/video/init/", "post/publish/content/init/"
INBOX_INIT = "post/publish/inbox/video/init/"


class Caller:
    """Calls with a token, without an adapter."""

    def __init__(self, simulator: Simulator, account: str = OPEN_ID, **extra: Any) -> None:
        self._http = simulator.http
        token = simulator.connect("tiktok", account, extra=extra)
        self.headers = {"Authorization": f"Bearer {token}"}

    def post(self, path: str, body: Any = None, **query: str) -> tuple[int, str, dict[str, Any]]:
        url = f"{API}/{path}"
        answer = self._http.post(url, json=body, headers=self.headers, params=query or None)
        told = answer.json()
        assert told["error"]["log_id"]
        return answer.status_code, told["error"]["code"], told["data"]

    def code(self, path: str, body: Any = None, **query: str) -> tuple[int, str]:
        return self.post(path, body, **query)[:2]

    def creator_info(self) -> tuple[int, str]:
        return self.code("post/publish/creator_info/query/", {})

    def status(self, publish_id: str) -> dict[str, Any]:
        return self.post("post/publish/status/fetch/", {"publish_id": publish_id})[2]


def changed(body: dict[str, Any], *path: str, to: Any) -> dict[str, Any]:
    """The body with one value at a path; None takes it away."""
    new = deepcopy(body)
    inner = new
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    if to is None:
        del inner[path[-1]]
    return new
