"""Ask whether our own web host, from which some networks fetch files, answers.

A network only says that it could not fetch a file. Our own request for the same URL tells whether
our host is the cause.
"""

import asyncio
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from platforms.http.transport import Transport

#: How long to wait for the host's answer.
TIMEOUT_SECONDS = 5.0
#: How long the result is cached for all callers.
CACHE_SECONDS = 3.0


class MediaHost:
    """Used on one event loop."""

    def __init__(self, transport: "Transport") -> None:
        self._transport = transport
        self._locks: dict[str, asyncio.Lock] = {}
        #: Origin → when it was asked (monotonic), and whether it answered.
        self._cache: dict[str, tuple[float, bool]] = {}

    async def answers(self, url: str) -> bool:
        """Return whether the host of this file answers, with anything but a 5xx."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        async with self._locks.setdefault(origin, asyncio.Lock()):
            asked_at, answered = self._cache.get(origin, (float("-inf"), False))
            if time.monotonic() - asked_at > CACHE_SECONDS:
                status = await self._transport.status_of(url, TIMEOUT_SECONDS)
                answered = status is not None and status < 500
                self._cache[origin] = time.monotonic(), answered
            return answered
