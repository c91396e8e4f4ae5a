"""Calls to the board that an account is: its Pins, and one of them.

Source: OpenAPI 5.23.0 of github.com/pinterest/api-description, /boards/{board_id}/pins, /pins (read
2026-12-01). That lists begin with the newest Pin is what is seen; it is not documented.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from platforms.drafts import Credentials
from platforms.http.client import Answer, Client
from platforms.metrics import objects_in
from platforms.pinterest.errors import ORIGIN

API = f"{ORIGIN}/v5"
ID = re.compile(r"[0-9]{1,20}")
#: The Pins of a page: each may have texts of 1,400 letters, and a carousel's pictures texts too.
PAGE = 25


@dataclass(frozen=True, slots=True)
class Page:
    """Some Pins of a list. `bookmark` leads to the next ones; empty: these are the last."""

    pins: list[dict[str, Any]]
    bookmark: str


class Board:
    """All calls raise PlatformError."""

    def __init__(self, account: Credentials, http: Client) -> None:
        self.id = account.platform_account_id
        self._http, self._headers = http, account.bearer

    async def about(self) -> Mapping[str, Any]:
        answer = await self._call("GET", f"boards/{self.id}")
        answer.take("id")
        return answer.json_object()

    async def pins(self, section: str, *, bookmark: str = "", count: int = PAGE) -> Page:
        """Return Pins of the board, or of one of its sections."""
        within = f"sections/{section}/" if section else ""
        query = {"page_size": str(count), **({"bookmark": bookmark} if bookmark else {})}
        answer = await self._call("GET", f"boards/{self.id}/{within}pins", params=query)
        pins = objects_in(answer.take_list("items"))
        if not all(ID.fullmatch(str(pin.get("id"))) for pin in pins):
            answer.unreadable("its list could not be read")
        return Page(pins, str(answer.json_object().get("bookmark") or ""))

    async def create(self, request: Mapping[str, Any]) -> str:
        """Publish a Pin; return its id."""
        answer = await self._call("POST", "pins", irreversible=True, **request)
        pin_id = answer.take("id")
        if not ID.fullmatch(pin_id):
            answer.unreadable("its answer held no id")
        return pin_id

    async def pin(self, pin_id: str, **query: str) -> Mapping[str, Any] | None:
        """Return a Pin; None if there is none."""
        answer = await self._on_pin("GET", pin_id, **query)
        if answer is None:
            return None
        answer.take("id")
        return answer.json_object()

    async def delete(self, pin_id: str) -> bool:
        """Delete a Pin; False if there was none."""
        return await self._on_pin("DELETE", pin_id) is not None

    async def register_video(self) -> Answer:
        """Announce a video, whose file is then sent by a form that the answer describes."""
        return await self._call("POST", "media", json={"media_type": "video"})

    async def video_status(self, media_id: str) -> str:
        return (await self._call("GET", f"media/{media_id}")).take("status")

    async def _on_pin(self, method: str, pin_id: str, **query: str) -> Answer | None:
        if not ID.fullmatch(pin_id):
            return None
        answer = await self._call(method, f"pins/{pin_id}", params=query or None, accept=(404,))
        return None if answer.is_missing() else answer

    async def _call(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **options: Any
    ) -> Answer:
        return await self._http.request(
            method, f"{API}/{path}", headers={**self._headers, **(headers or {})}, **options
        )


def link(pin_id: str) -> str:
    """Return where people see a Pin."""
    return f"https://www.pinterest.com/pin/{pin_id}/"
