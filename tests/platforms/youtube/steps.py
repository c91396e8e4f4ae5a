"""What the tests of YouTube share: a channel at the simulator, drafts, and its error bodies."""

import json
import re
from typing import Any

from platforms.drafts import Credentials, Draft, Media
from platforms.errors import PlatformError
from platforms.youtube.adapter import YouTube
from tests.conftest import Simulator
from tests.platforms.driver import Drive, image, media, video

CHANNEL = "UCabcdefghijklmnopqrstuv"
MIB = 1024 * 1024
CLIP = video()
UPRIGHT = video(seconds=1, width=64, height=128)
WIDE = video(seconds=1, width=128, height=64)
PICTURE = image(720, 1280)
SETTINGS = {"title": "Hello", "tags": ["one", "two words"]}


def make_drive(simulator: Simulator, **extra: Any) -> Drive:
    token = simulator.connect("youtube", CHANNEL, extra=extra)
    return Drive(YouTube(), Credentials(CHANNEL, "acme", token), simulator)


def make_draft(content: bytes = CLIP, text: str = "A video\n\nabout us", **settings: Any) -> Draft:
    return Draft(text, (media(content, "video"),), {**SETTINGS, **settings})


def only_post(simulator: Simulator) -> dict[str, Any]:
    (post,) = simulator.posts("youtube", CHANNEL)
    return post


def error_body(reason: str, message: str = "No.", **more: Any) -> str:
    errors = [{"message": message, "domain": "youtube.video", "reason": reason}]
    return json.dumps({"error": {"code": 400, "message": message, "errors": errors, **more}})


def assert_tells_no_secret(error: PlatformError, drive: Drive) -> None:
    session = drive.checkpoint.get("session", "")
    upload_id = re.search(r"upload_id=([\w-]+)", session)
    for told in (str(error), error.message, error.body, repr(error)):
        assert drive.account.token not in told
        assert not session or session not in told
        assert not upload_id or upload_id[1] not in told


def clip(content: bytes = UPRIGHT, **facts: Any) -> Media:
    shape = {"width": 64, "height": 128} if content is UPRIGHT else {"width": 128, "height": 64}
    return media(content, "video", **{**shape, "duration_seconds": 1.0, **facts})


def with_thumbnail(*, content: bytes = WIDE, post_type: str = "", **facts: Any) -> Draft:
    picture = media(PICTURE, width=720, height=1280, **facts)
    return Draft("Hi", (clip(content), picture), {"useImageAsThumbnail": True}, post_type)


def resource(drive: Drive, video_id: str) -> dict[str, Any]:
    """The video as its owner reads it."""
    answer = drive.simulator.http.get(
        "/www.googleapis.com/youtube/v3/videos",
        params={"part": "snippet,status", "id": video_id},
        headers={"Authorization": f"Bearer {drive.account.token}"},
    )
    answer.raise_for_status()
    return answer.json()["items"][0]


def has_thumbnail(drive: Drive, video_id: str) -> bool:
    url = resource(drive, video_id)["snippet"]["thumbnails"]["default"]["url"]
    return url.startswith("/files/") and drive.simulator.http.get(url).content == PICTURE
