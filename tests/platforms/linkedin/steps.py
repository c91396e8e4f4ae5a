"""What the tests of LinkedIn share: members, pages, and files that it takes."""

import json
import uuid
from typing import Any

from platforms.drafts import Credentials, Media
from platforms.linkedin.adapter import LinkedIn
from tests.conftest import Simulator
from tests.platforms.driver import Drive, media

PART_BYTES = 4 * 1024 * 1024
SMALL_PART_BYTES = 64 * 1024
PDF = b"%PDF-1.7\n%%EOF\n"


def connect(simulator: Simulator, kind: str, **fields: Any) -> Drive:
    """A member (`person`) or a page (`organization`) with its everlasting token."""
    number = str(uuid.uuid4().int)[:10]
    extra = {"author": f"urn:li:{kind}:{number}"}
    token = simulator.connect("linkedin", number, extra={**extra, **fields})
    account = Credentials(number, "acme", token, extra=extra)
    return Drive(LinkedIn(), account, simulator)


def shown(simulator: Simulator, post: dict[str, Any]) -> list[bytes]:
    """The files of a post as readers get them."""
    return [simulator.http.get(f"/files/{name}").content for name in post["media"]]


def clip_bytes(size: int = 100_000) -> bytes:
    """What begins like an MP4, each megabyte of it different."""
    pieces = (bytes([65 + n % 26]) * 1024 * 1024 for n in range(size // 1024**2 + 1))
    return (b"\0\0\0\x18ftypmp42" + b"".join(pieces))[:size]


def clip(size: int = 100_000, **fields: Any) -> Media:
    return media(clip_bytes(size), kind="video", **fields)


#: Three small parts, the last one short.
BIG = clip(2 * SMALL_PART_BYTES + 1000)


def pdf(**fields: Any) -> Media:
    return media(PDF, kind="document", filename="plan.pdf", **fields)


def rest(drive: Drive, method: str, path: str, **options: Any) -> Any:
    """A call without the adapter; `without` a header, or with others."""
    headers = {
        "Authorization": f"Bearer {drive.account.token}",
        "LinkedIn-Version": "202608",
        "X-Restli-Protocol-Version": "2.0.0",
        **options.pop("headers", {}),
    }
    headers = {name: value for name, value in headers.items() if value}
    url = f"/api.linkedin.com{path}"
    return drive.simulator.http.request(method, url, headers=headers, **options)


def post_body(drive: Drive, **changes: Any) -> dict[str, Any]:
    body = {
        "author": drive.account.extra["author"],
        "commentary": "Hello",
        "visibility": "PUBLIC",
        "distribution": {
            "feedDistribution": "MAIN_FEED",
            "targetEntities": [],
            "thirdPartyDistributionChannels": [],
        },
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


def duplicate_of(made_ms: int) -> str:
    """LinkedIn's refusal of a post that it says was made then."""
    words = f"Content is a duplicate of urn:li:share:{made_ms << 22}"
    inputs = [{"description": words, "code": "DUPLICATE_POST"}]
    return json.dumps({"message": words, "errorDetails": {"inputErrors": inputs}})
