"""Calls of TikTok's API: every answer holds `data` and `error`, and a 200 may be a refusal.

Source: TikTok for Developers, API v2 error handling (read 2026-11-24).
"""

from typing import Any

from platforms.http.client import Answer, Client
from platforms.tiktok import errors

API = "https://open.tiktokapis.com/v2"


async def call(
    http: Client,
    token: str,
    path: str,
    body: dict[str, Any],
    *,
    fields: str = "",
    irreversible: bool = False,
) -> Answer:
    """Return the answer to a POST, if its error code is `ok`. Raises PlatformError."""
    answer = await http.post(
        f"{API}/{path}",
        headers={
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json; charset=UTF-8",
        },
        params={"fields": fields} if fields else None,
        json=body,
        irreversible=irreversible,
    )
    return checked(http, answer)


def checked(http: Client, answer: Answer) -> Answer:
    """Return the answer, unless it refuses. Raises PlatformError."""
    if errors.code(answer) != "ok":
        raise http.refused(answer)
    return answer


def data(answer: Answer) -> dict[str, Any]:
    found = answer.json_object().get("data")
    if not isinstance(found, dict):
        answer.unreadable("its answer held no data")
    return found
