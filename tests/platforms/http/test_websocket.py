"""Conversations over websockets, and what of them may have left."""

import asyncio
import base64
import contextlib
import hashlib
import itertools
import re
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from aiohttp import WSMsgType, web

from platforms.checkpoint import Checkpoint
from platforms.errors import OutcomeUnknown, PlatformError, Unavailable
from platforms.http.client import Answer, Client
from platforms.http.failures import NoAnswer, NotSent
from platforms.http.foreign import public_hosts, websocket
from platforms.http.refusals import explain_by_status
from platforms.http.transport import Transport
from tests.platforms.http import web_server

Handler = Callable[[web.WebSocketResponse], Awaitable[None]]
HOST = "relay.example"
#: For what must come to pass on a busy machine: no test measures it.
PATIENCE_SECONDS = 60


def serving(
    handler: Handler | None, refuse: web.Response | None = None
) -> AbstractAsyncContextManager[str]:
    """A server whose websocket is handled so; its address."""

    async def open_one(request: web.Request) -> web.StreamResponse:
        if refuse is not None:
            return refuse
        opened = web.WebSocketResponse(autoping=False)
        await opened.prepare(request)
        assert handler is not None
        await handler(opened)
        return opened

    return web_server.serving(HOST, open_one)


async def talk(
    gateway: str, hear: websocket.Hear, *, seconds: float | None = None, **options: Any
) -> list[str]:
    """Return what the server said. `seconds` bound each step, but not the opening."""
    known = Transport(gateway=gateway, timeout_seconds=PATIENCE_SECONDS)
    options |= {"headers": {}, "body": b"coo", "timeout_seconds": seconds}
    try:
        answer = await known.send("WS", f"https://{HOST}/", hear=hear, **options)
    finally:
        await known.close()
    return list(Answer(*answer).json())


def run(
    handler: Handler | None,
    hear: websocket.Hear = lambda _: None,
    refuse: web.Response | None = None,
    **options: Any,
) -> list[str]:
    async def play() -> list[str]:
        async with serving(handler, refuse) as gateway:
            return await talk(gateway, hear, **options)

    return asyncio.run(play())


async def echo(socket: web.WebSocketResponse) -> None:
    async for message in socket:
        await socket.send_str(f"{message.data}!")


def test_a_conversation_lasts_until_enough_was_heard():
    answers = {"coo!": ["roo"], "roo!": (), "more": None}

    async def handler(socket: web.WebSocketResponse) -> None:
        for _ in range(2):
            await socket.send_str(f"{(await socket.receive()).data}!")
        await socket.send_str("more")
        await socket.receive()

    assert run(handler, lambda text: answers[text]) == ["coo!", "roo!", "more"]


@pytest.mark.parametrize("status", [200, 302, 403, 503])
def test_a_server_that_opens_no_websocket_got_nothing(status: int):
    refuse = web.Response(status=status)
    with pytest.raises(NotSent, match=f"answered {status}"):
        run(None, refuse=refuse)


def test_what_was_not_reached_got_nothing():
    with pytest.raises(NotSent):
        asyncio.run(talk("http://127.0.0.1:9", lambda _: None))


async def _close(socket: web.WebSocketResponse) -> None:
    await socket.receive()
    await socket.close()


async def _be_silent(socket: web.WebSocketResponse) -> None:
    while not socket.closed:
        await socket.receive()


async def _send_bytes(socket: web.WebSocketResponse) -> None:
    await socket.receive()
    await socket.send_bytes(b"coo")


async def _send_much(socket: web.WebSocketResponse) -> None:
    await socket.receive()
    await socket.send_str("x" * (websocket.MOST_BYTES + 1))


@pytest.mark.parametrize("handler", [_close, _be_silent, _send_bytes, _send_much])
def test_what_was_said_may_have_been_heard_without_an_answer(handler: Handler):
    with pytest.raises(NoAnswer) as caught:
        run(handler, seconds=1 if handler is _be_silent else None)
    assert not isinstance(caught.value, NotSent)


def test_a_conversation_without_an_end_is_ended(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(websocket, "MOST_FRAMES", 3)

    with pytest.raises(NoAnswer, match="too large"):
        run(_without_end(lambda socket: socket.send_str("coo" * 10_000)), lambda _: ())


def _without_end(say: Handler) -> Handler:
    """A server that says so for ever. It shares the loop with whom it speaks to, and gives way."""

    async def handler(socket: web.WebSocketResponse) -> None:
        with contextlib.suppress(ConnectionError):
            while not socket.closed:
                await say(socket)
                await asyncio.sleep(0)

    return handler


def test_a_server_that_only_pings_is_heard_no_longer_than_it_may(monkeypatch: pytest.MonkeyPatch):
    pings = itertools.count()

    async def ping(socket: web.WebSocketResponse) -> None:
        next(pings)
        await socket.ping()

    monkeypatch.setattr(websocket, "MOST_FRAMES", 100)
    with pytest.raises(NoAnswer, match="too large"):
        run(_without_end(ping))
    # It was not left alone with the loop: millions would fit into the buffers between them.
    assert next(pings) < 100_000


def test_opening_has_a_time_of_its_own():
    """A slow handshake is no silence of a step, which here may take no time at all."""
    with pytest.raises(NoAnswer, match="ReadTimeout") as caught:
        run(_be_silent, seconds=1e-9)
    assert not isinstance(caught.value, NotSent)


def test_pings_are_answered_and_make_no_step_longer():
    async def handler(socket: web.WebSocketResponse) -> None:
        await socket.receive()
        with contextlib.suppress(ConnectionError):
            while not socket.closed:
                await socket.ping(b"coo")
                heard.append((await socket.receive()).type)
                await asyncio.sleep(0.01)

    heard: list[Any] = []
    with pytest.raises(NoAnswer, match="ReadTimeout"):
        run(handler, seconds=0.5)
    assert heard[0] is WSMsgType.PONG


@contextlib.contextmanager
def flooding() -> Iterator[str]:
    """A server that opens a websocket and sends pings for ever; its address."""

    def serve() -> None:
        connection, _ = listening.accept()
        asked = connection.recv(65536).decode()
        key = re.findall(r"(?i)sec-websocket-key: (\S+)", asked)[0]
        accept = base64.b64encode(
            hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
        )
        connection.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        with contextlib.suppress(OSError):
            while True:
                connection.sendall(b"\x89\x00" * 100_000)
        connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        serving.join(10)
        assert not serving.is_alive(), "It is still listened to"


def test_a_flood_of_pings_lets_others_have_their_turn_and_is_cut():
    turns = 0

    async def pulse() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    async def play(gateway: str) -> None:
        beside = asyncio.create_task(pulse())
        with pytest.raises(NoAnswer, match="too large"):
            await talk(gateway, lambda _: None)
        beside.cancel()

    with flooding() as gateway:
        asyncio.run(play(gateway))
    assert turns >= websocket.MOST_FRAMES


def test_nothing_is_said_by_who_may_not():
    heard: list[str] = []

    async def handler(socket: web.WebSocketResponse) -> None:
        heard.extend([str(message.data) async for message in socket])

    with pytest.raises(NotSent, match="paused"):
        run(handler, may_leave=lambda: False)
    assert heard == []


def test_who_may_no_longer_say_more_counts_as_unanswered():
    asked = iter([True, False])
    with pytest.raises(NoAnswer) as caught:
        run(echo, lambda _: ["roo"], may_leave=lambda: next(asked))
    assert not isinstance(caught.value, NotSent)


def test_a_foreign_server_cannot_redirect_a_handshake(monkeypatch: pytest.MonkeyPatch):
    """Redirected, it would call any address that the server names."""
    reached: list[str] = []

    async def handler(socket: web.WebSocketResponse) -> None:
        reached.append("here")

    async def play() -> None:
        async with serving(handler) as inner:
            moved = web.Response(status=302, headers={"Location": f"{inner}/{HOST}/"})
            async with serving(None, moved) as outer:
                known = Transport(timeout_seconds=PATIENCE_SECONDS)
                # As if the outer server's address were public.
                monkeypatch.setattr(public_hosts, "check", lambda url: None)
                try:
                    await known.send(
                        "WS",
                        f"{outer}/{HOST}/",
                        headers={},
                        body=b"coo",
                        hear=lambda _: None,
                        is_foreign=True,
                    )
                finally:
                    await known.close()

    with pytest.raises(NotSent):
        asyncio.run(play())
    assert reached == []


@pytest.mark.parametrize("url", ["https://10.0.0.8/", "https://localhost/", "http://a.example/"])
def test_a_private_host_is_never_called(url: str):
    async def play() -> list[Answer | PlatformError]:
        known = Transport(timeout_seconds=PATIENCE_SECONDS)
        client = Client(known, explain=lambda answer: explain_by_status("Coo", answer))
        try:
            return await client.converse([url], ["coo"], lambda _: lambda _: None)
        finally:
            await known.close()

    [error] = asyncio.run(play())
    assert isinstance(error, Unavailable)
    assert error.code == "address_refused"


def test_several_servers_are_told_at_once_and_marked_once(monkeypatch: pytest.MonkeyPatch):
    marks: list[bool] = []

    async def store(values: dict[str, Any], sending: bool) -> None:
        marks.append(sending)

    async def play(handlers: list[Handler]) -> tuple[list[Answer | PlatformError], str]:
        checkpoint = Checkpoint({}, store)
        async with serving(handlers[0]) as first, serving(handlers[1]) as second:
            known = Transport(
                base_urls={
                    "https://a.example": f"{first}/{HOST}",
                    "https://b.example": f"{second}/{HOST}",
                },
                timeout_seconds=PATIENCE_SECONDS,
            )
            client = Client(
                known,
                explain=lambda answer: explain_by_status("Coo", answer),
                checkpoint=checkpoint,
            )
            try:
                urls = ["https://a.example/", "https://b.example/"]
                said = await client.converse(
                    urls, "coo", lambda _: lambda _: None, irreversible=True
                )
            finally:
                await known.close()
        return said, checkpoint.state

    (answer, error), state = asyncio.run(play([echo, _close]))
    assert isinstance(answer, Answer)
    assert answer.json() == ['"coo"!']
    assert type(error) is OutcomeUnknown
    # Only who reads the answers knows what they settle.
    assert (marks, state) == ([True], "sent")
