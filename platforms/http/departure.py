"""The last check before an irreversible request leaves.

Between "we said that it leaves" and the first byte lie a full pool, a name server, a connect and a
handshake, and the process may be stopped at any of them: by a signal, with its machine, by the lid
of a laptop. By then another worker may have looked, found nothing public, and sent it again. So a
request may carry a question, `may_leave`, which is asked when the connection is ready, right before
anything is written to it. "No" before the first byte is `NotSent`. "No" later cuts the connection
in the middle of the body, which no server takes for a whole one, and counts as a lost answer.

Two gaps remain that no program can close: a stop after the last "yes" and before the operating
system has the bytes (a few instructions, or, while a large body drains, as long as the network
takes for the piece before), and bytes that the operating system or the route delivers late.
"""

from collections.abc import AsyncIterator, Callable

import aiohttp
from aiohttp.abc import AbstractStreamWriter

from platforms.http.failures import Body


class Question:
    """Asks `may_leave`, until the one who wanted to know has gone."""

    def __init__(self, may_leave: Callable[[], bool]) -> None:
        self._may_leave = may_leave
        self.is_over = False

    def __call__(self) -> bool:
        return self._may_leave() and not self.is_over


class Stop(aiohttp.ClientError):
    """`may_leave` returned False."""


class Departure(aiohttp.Payload):
    """The body of an irreversible request, which asks before it is written.

    The head waits for the first piece or, without any, for the end. Nothing else runs between a
    question and the write after it.
    """

    has_begun = False
    is_withheld = False

    def __init__(self, body: Body, may_leave: Callable[[], bool]) -> None:
        super().__init__(body)
        self._may_leave = may_leave
        if not isinstance(body, AsyncIterator):
            self._size = len(body or b"")

    async def write(self, writer: AbstractStreamWriter) -> None:
        self._ask()
        if isinstance(self._value, bytes):
            await self._write(self._value, writer)
        elif self._value is not None:
            async for piece in self._value:
                await self._write(piece, writer)

    async def _write(self, piece: bytes, writer: AbstractStreamWriter) -> None:
        self._ask()
        self.has_begun = True
        await writer.write(piece)

    def _ask(self) -> None:
        if not self._may_leave():
            self.is_withheld = not self.has_begun
            raise Stop

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        raise TypeError("a body is written, not read")
