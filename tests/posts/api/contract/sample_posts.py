"""Posts with files of exactly the size, shape and length that a row is about."""

from typing import Any

from posts.models import Media
from tests.factories import make_account
from tests.platforms.facts import all_facts
from tests.posts.conftest import Caller
from tests.posts.factories import FUTURE, make_media

#: What every network takes as it is.
IMAGE = {
    "kind": "image",
    "content_type": "image/jpeg",
    "size_bytes": 1_000_000,
    "width": 1080,
    "height": 1350,
}
VIDEO = {
    "kind": "video",
    "content_type": "video/mp4",
    "size_bytes": 1_000_000,
    "width": 540,
    "height": 960,
    "duration_seconds": 30,
    "frames_per_second": 30,
    "video_codec": "h264",
    "audio_codec": "aac",
    "index_first": True,
}
PDF = {"kind": "document", "content_type": "application/pdf", "size_bytes": 1_000_000, "pages": 1}


def give(caller: Caller, fields: dict[str, Any]) -> str:
    """The id of a file with these facts: no call can send one of 256 GB."""
    media = make_media(caller.workspace)
    Media.objects.filter(pk=media.pk).update(**fields)
    return str(media.pk)


def wanted(caller: Caller, platform: str, *files: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The body of POST /posts for a new account of this platform."""
    extra = all_facts()[platform].account.extra_of("1")
    account = make_account(caller.workspace, platform, extra=extra)
    ids = [give(caller, fields) for fields in files]
    required = {"content": "Hi", "account_ids": [account.pk], "media_ids": ids}
    return {**required, "scheduled_at": FUTURE, **more}


def post(caller: Caller, platform: str, *files: dict[str, Any], **more: Any) -> Any:
    return caller.post("/posts", wanted(caller, platform, *files, **more))


def notes(caller: Caller, platform: str, file: dict[str, Any]) -> list[str]:
    """What POST /posts/validate tells of a post that POST /posts takes."""
    body = wanted(caller, platform, file)
    assert caller.post("/posts", body).status_code == 201
    [verdict] = caller.post("/posts/validate", body).json()["data"]["accounts"]
    return verdict["notes"]
