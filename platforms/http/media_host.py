"""Whether our own web host answers, from which some networks fetch files.

A network only says that it could not fetch a file. Asked by ourselves at the same address, our host
tells whether that is its fault.
"""

import asyncio
import time
from urllib.parse import urlsplit

from platforms.http.transport import Transport

#: The longest wait for its answer.
TIMEOUT_SECONDS = 5.0
#: How long an answer is cached for all callers.
SHARED_SECONDS = 3.0


class MediaHost:
    """Used on one event loop."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._locks: dict[str, asyncio.Lock] = {}
        #: By origin: when it was asked (monotonic), and whether it answered.
        self._known: dict[str, tuple[float, bool]] = {}

    async def answers(self, url: str) -> bool:
        """Whether the host of this file answers at all, other than by an error of its own.

        Any answer to anything but a 5xx counts: what a network then makes of the file is its word.
        """
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        async with self._locks.setdefault(origin, asyncio.Lock()):
            asked_at, answered = self._known.get(origin, (float("-inf"), False))
            if time.monotonic() - asked_at > SHARED_SECONDS:
                status = await self._transport.status_of(url, TIMEOUT_SECONDS)
                answered = status is not None and status < 500
                self._known[origin] = time.monotonic(), answered
            return answered
