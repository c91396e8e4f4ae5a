"""Conversations with servers that customers name run apart, and hold up no network."""

import asyncio
import threading
from contextlib import AbstractAsyncContextManager, suppress

import pytest
from aiohttp import web

from destinations.runtime.worker.event_loop import Strangers
from platforms.http.transport import Transport
from tests.platforms.http import web_server

HOST = "relay.example"


def serving(asked: list[str]) -> AbstractAsyncContextManager[str]:
    """A server that says back what it hears, and notes what it was asked; its address."""

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request.method)
        if "upgrade" not in request.headers:
            return web.Response(text="taken")
        opened = web.WebSocketResponse()
        await opened.prepare(request)
        async for message in opened:
            await opened.send_str(str(message.data))
        return opened

    return web_server.serving(HOST, answer)


@pytest.fixture(scope="module")
def strangers() -> Strangers:
    return Strangers()


def test_a_reader_that_holds_its_loop_holds_up_no_other(strangers):
    """A mistake in how a stranger's words are read would hold it."""
    has_begun, may_end = threading.Event(), threading.Event()

    def hear(text: str) -> None:
        has_begun.set()
        may_end.wait(30)

    async def play() -> int:
        async with serving([]) as gateway:
            known = Transport(gateway=gateway, apart=strangers.run)
            stuck = asyncio.create_task(
                known.send(
                    "WS", f"https://{HOST}/", headers={}, body=b"coo", is_foreign=True, hear=hear
                )
            )
            await asyncio.to_thread(has_begun.wait, 30)
            answer = await known.send("GET", f"https://{HOST}/", headers={})
            may_end.set()
            assert (await stuck).content == b'["coo"]'
            await known.close()
        return answer.status

    assert asyncio.run(play()) == 200


def test_what_was_given_up_does_not_leave_later(strangers):
    """Its loop was held up when it was cancelled; another worker may have sent it since."""
    is_asked, may_end = threading.Event(), threading.Event()
    asked: list[str] = []

    def may_leave() -> bool:
        is_asked.set()
        return may_end.wait(30)

    async def play() -> None:
        async with serving(asked) as gateway:
            known = Transport(gateway=gateway, apart=strangers.run)
            url = f"https://{HOST}/"
            post = known.send(
                "POST", url, headers={}, body=b"coo", is_foreign=True, may_leave=may_leave
            )
            given_up = asyncio.create_task(post)
            await asyncio.to_thread(is_asked.wait, 30)
            given_up.cancel()
            with suppress(asyncio.CancelledError):
                await given_up
            may_end.set()
            # What would leave has left when a later request was answered.
            await known.send("GET", url, headers={}, is_foreign=True)
            await known.close()

    asyncio.run(play())
    assert asked == ["GET"]
