"""What the tests of YouTube share: a channel at the simulator, drafts, and its error bodies."""

import json
import re
from typing import Any

from platforms.base import Credentials, Draft
from platforms.errors import PlatformError
from platforms.youtube.adapter import YouTube
from tests.conftest import Simulator
from tests.platforms.driver import Drive, media

CHANNEL = "UCabcdefghijklmnopqrstuv"
MIB = 1024 * 1024
SETTINGS = {"title": "Hello", "tags": ["one", "two words"]}


def padded(film: bytes, size: int) -> bytes:
    """A real MP4 of exactly this size: a `free` box at its end."""
    rest = size - len(film)
    return film + rest.to_bytes(4, "big") + b"free" + bytes(rest - 8)


def make_drive(simulator: Simulator, **extra: Any) -> Drive:
    token = simulator.connect("youtube", CHANNEL, extra=extra)
    return Drive(YouTube(), Credentials(CHANNEL, "acme", token), simulator.url)


def make_draft(content: bytes, text: str = "A film\n\nabout us", **settings: Any) -> Draft:
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
