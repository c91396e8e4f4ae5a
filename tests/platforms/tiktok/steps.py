"""What the tests of TikTok share."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from platforms.drafts import Credentials, Draft
from platforms.errors import OutcomeUnknown, PlatformError
from platforms.tiktok.adapter import TikTok
from tests.conftest import Simulator
from tests.platforms.driver import Drive, image, media, video

OPEN_ID = "open-id-1"
CLIP = video()
PULL = {"transfer": "PULL_FROM_URL"}


def make_drive(simulator: Simulator, **extra: Any) -> Drive:
    token = simulator.connect("tiktok", OPEN_ID, extra=extra)
    return Drive(TikTok(), Credentials(OPEN_ID, "acme", token), simulator)


def make_draft(content: bytes = CLIP, text: str = "Hello #video", **settings: Any) -> Draft:
    return Draft(text, (media(content, "video"),), settings)


def make_photos(count: int = 2, text: str = "Hello #photos", **settings: Any) -> Draft:
    """Pictures that differ from each other."""
    pictures = [image(64, 64 + number, "JPEG") for number in range(count)]
    files = tuple(media(picture, content_type="image/jpeg") for picture in pictures)
    return Draft(text, files, settings)


def only_post(simulator: Simulator) -> dict[str, Any]:
    (post,) = simulator.posts("tiktok", OPEN_ID)
    return post


def answer_body(code: str = "ok", **data: Any) -> str:
    return json.dumps({"data": data, "error": {"code": code, "message": "No.", "log_id": "L1"}})


def status_is(simulator: Simulator, times: int = 0, **data: Any) -> None:
    body = answer_body(**data)
    simulator.fault("tiktok", call="status", status=200, body=body, times=times)


def assert_tells_no_secret(error: PlatformError, drive: Drive) -> None:
    url = drive.checkpoint.get("upload_url", "")
    secrets = [drive.account.token, url, *parse_qs(urlsplit(url).query).get("upload_token", [])]
    for told in (str(error), error.message, error.body, repr(error)):
        assert not any(secret and secret in told for secret in secrets)


def lose_last_answer(drive: Drive, draft: Draft) -> None:
    drive.fault(call="put_chunk", drop="after", times=1)
    lost = drive.raises(OutcomeUnknown, draft)
    assert drive.state == "sent"
    assert_tells_no_secret(lost, drive)
