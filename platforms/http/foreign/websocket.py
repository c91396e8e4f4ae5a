"""Conversations over a websocket (RFC 6455): one message, and what the server says to it.

`hear` reads each text and returns what to say next: nothing yet, further messages, or None when it
has heard enough. Redirects are not followed, and nothing is repeated. Before the first message has
left, every failure is NotSent; the handshake itself publishes nothing.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING

import aiohttp

from platforms.http.failures import NoAnswer, NotSent
from platforms.http.foreign import public_hosts

if TYPE_CHECKING:
    import yarl

Hear = Callable[[str], Sequence[str] | None]

WITHHELD = "Nothing was sent: the worker was paused for too long."
#: The platform code of an address where no websocket is, and statuses that say less than that.
NO_WEBSOCKET = "NoWebsocket"
PASSING = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
#: The most frames of one conversation, pings too, and what they say: all of it is read at once.
MOST_FRAMES, MOST_BYTES = 2000, 1024 * 1024
OVER = (1000).to_bytes(2)


class _Redirected(aiohttp.ClientError):
    """The server names another address instead of opening a websocket."""


async def _refuse(*_: object) -> None:
    raise _Redirected


def no_redirects() -> aiohttp.TraceConfig:
    """Return what makes a session refuse redirects of a handshake, which has no option for it."""
    traces = aiohttp.TraceConfig()
    traces.on_request_redirect.append(_refuse)
    return traces


async def talk(
    session: aiohttp.ClientSession,
    target: "yarl.URL",
    first: bytes,
    hear: Hear,
    *,
    seconds: float,
    open_seconds: float,
    may_leave: Callable[[], bool] | None = None,
) -> bytes:
    """Return the texts that the server said, as a JSON list. `seconds` bound each step.

    Opening has `open_seconds`. Raises NotSent, or NoAnswer if something may have left.
    """
    socket = await _opened(session, target, open_seconds)
    has_begun = False
    try:
        async with asyncio.timeout(public_hosts.MOST_SECONDS):
            said: list[str] = []
            budget = iter(range(MOST_FRAMES))
            to_say: Sequence[str] | None = (first.decode(),)
            while to_say is not None:
                for text in to_say:
                    if may_leave and not may_leave():
                        raise (NoAnswer("ReadError") if has_begun else NotSent("NotSent", WITHHELD))
                    has_begun = True
                    await socket.send_str(text)
                to_say = hear(await _heard(socket, said, budget, seconds))
    except TimeoutError as failure:
        raise NoAnswer("ReadTimeout") from failure
    except (aiohttp.ClientError, OSError) as failure:
        raise NoAnswer("ReadError") from failure
    finally:
        await _close(socket)
    return json.dumps(said, ensure_ascii=False).encode(errors="replace")


async def _opened(
    session: aiohttp.ClientSession, target: "yarl.URL", seconds: float
) -> aiohttp.ClientWebSocketResponse[bool]:
    try:
        async with asyncio.timeout(seconds):
            return await session.ws_connect(target, autoping=False, max_msg_size=MOST_BYTES)
    except aiohttp.WSServerHandshakeError as failure:
        said = f"The server answered {failure.status} instead of opening a websocket."
        may_pass = failure.status >= HTTPStatus.INTERNAL_SERVER_ERROR or failure.status in PASSING
        raise NotSent("Handshake" if may_pass else NO_WEBSOCKET, said) from failure
    except (aiohttp.ClientError, OSError) as failure:
        is_late = isinstance(failure, TimeoutError)
        word = "ConnectTimeout" if is_late else "ConnectError"
        raise public_hosts.explained(failure) or NotSent(word) from failure


async def _close(socket: aiohttp.ClientWebSocketResponse[bool]) -> None:
    """Say that the conversation is over. A server that goes on talking is not listened to."""
    with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
        async with asyncio.timeout(1):
            await socket.send_frame(OVER, aiohttp.WSMsgType.CLOSE)
    # aiohttp's own `close` reads on until the server confirms it, and holds up the loop meanwhile.
    socket._response.close()


async def _heard(
    socket: aiohttp.ClientWebSocketResponse[bool],
    said: list[str],
    budget: Iterator[int],
    seconds: float,
) -> str:
    """Return the next text, which is added to those before. Raises NoAnswer if none comes.

    Pings are answered, as far as the budget of frames goes.
    """
    async with asyncio.timeout(seconds):
        for _ in budget:
            message = await socket.receive()
            # Frames that have arrived are returned without a pause, and nothing else would run.
            await asyncio.sleep(0)
            if message.type is aiohttp.WSMsgType.PING:
                await socket.pong(message.data)
            elif message.type is aiohttp.WSMsgType.TEXT:
                said.append(str(message.data))
                if sum(map(len, said)) > MOST_BYTES:
                    break
                return said[-1]
            elif message.type is not aiohttp.WSMsgType.PONG:
                raise NoAnswer("Closed")
    raise NoAnswer("TooLarge", "The server's answer is too large.")
