"""A request is not sent once its worker may no longer send it, however late that is known."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from platforms.adapter import explain_by_status
from platforms.checkpoint import Checkpoint
from platforms.errors import OutcomeUnknown, PlatformError, Unavailable
from platforms.http.client import Client
from platforms.http.transport import Transport
from tests.platforms.http.raw_server import OK

PIECES = [b"a" * 100_000, b"b" * 100_000, b"c" * 100_000]
LENGTH = {"headers": {"Content-Length": "300000"}}


async def pieces() -> AsyncIterator[bytes]:
    for piece in PIECES:
        yield piece


@dataclass
class Post:
    """A request that may leave for the first `yes` questions, and then no more."""

    yes: int
    asked: int = 0
    #: What the server received, and over how many connections.
    received: bytes = b""
    connections: int = 0
    error: PlatformError | None = None
    state: str = ""

    def may_leave(self) -> bool:
        self.asked += 1
        return self.asked <= self.yes

    def run(self, **options: Any) -> None:
        asyncio.run(self._run({"irreversible": True, **options}))

    async def _run(self, options: dict[str, Any]) -> None:
        async def store(values: dict[str, Any], sending: bool) -> None: ...

        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        transport = Transport(timeout_seconds=5)
        checkpoint = Checkpoint({}, store, self.may_leave)
        client = Client(
            transport,
            explain=lambda answer: explain_by_status("The network", answer),
            checkpoint=checkpoint,
        )
        host, port = server.sockets[0].getsockname()
        try:
            await client.post(f"http://{host}:{port}/post", **options)
        except PlatformError as error:
            self.error = error
        self.state = checkpoint.state
        await transport.close()
        server.close()
        await self._hung_up.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while data := await reader.read(65536):
            self.received += data
            head, end, body = self.received.partition(b"\r\n\r\n")
            if end and len(body) == (300_000 if b"300000" in head else 0):
                writer.write(OK)
        writer.close()
        self._hung_up.set()

    def __post_init__(self) -> None:
        self._hung_up = asyncio.Event()


@pytest.mark.parametrize(
    ("yes", "options"),
    [
        (0, {}),
        (0, {"json": {"text": "Hello"}}),
        (1, {"json": {"text": "Hello"}}),
        (1, {"data": {"text": "Hello"}}),
        (0, {"content": pieces, **LENGTH}),
        (1, {"content": pieces, **LENGTH}),
    ],
)
def test_a_no_before_the_first_byte_sends_nothing(yes: int, options: dict[str, Any]):
    post = Post(yes)

    post.run(**{name: value() if callable(value) else value for name, value in options.items()})

    assert type(post.error) is Unavailable
    assert post.error.platform_code == "NotSent"
    assert post.error.message == "Nothing was sent: the worker was paused for too long."
    assert post.state == "answered"
    assert (post.connections, post.received) == (1, b"")


def test_a_no_in_the_middle_of_a_body_cuts_it_off_and_the_outcome_is_unknown():
    post = Post(yes=2)

    post.run(content=pieces(), **LENGTH)

    assert type(post.error) is OutcomeUnknown
    assert post.state == "sent"
    assert post.received.endswith(PIECES[0])


def test_the_question_is_asked_before_the_head_and_before_each_piece():
    post = Post(yes=4)

    post.run(content=pieces(), **LENGTH)

    assert (post.error, post.state, post.asked) == (None, "answered", 4)
    assert post.received.endswith(b"".join(PIECES))


def test_a_call_that_publishes_nothing_needs_no_permission():
    post = Post(yes=0)

    post.run(irreversible=False)

    assert (post.error, post.asked) == (None, 0)
