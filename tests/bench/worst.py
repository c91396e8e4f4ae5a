"""The worst servers that customers can name: `python -m tests.bench.worst PORT`.

The first part of a path says how a server behaves. `deep` answers JSON that is dear to read,
`refusing` refuses with a long text, `dripping` answers a byte a second, and `flooding` opens a
websocket and sends pings. Each answer has an end, which no reader should wait for.
"""

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable

from aiohttp import web

from platforms.http.foreign import stated

#: Ways of servers whose accounts are called by HTTP, and by a websocket.
CALLED, HEARD = ("deep", "refusing", "dripping"), "flooding"
DEPTH = 900
#: As much of each as is read at all.
VALUES = stated.MOST_ESCAPES // stated.VALUE_ESCAPES - 100
DEEP = ("[" + ",".join(['{"a":' * DEPTH + "1" + "}" * DEPTH] * (VALUES // DEPTH)) + "]").encode()
REFUSAL = ('{"error":"' + "\\u00e9" * ((stated.MOST_BYTES - 100) // 6) + '"}').encode()
DRIP_SECONDS, DRIPS = 1, 150
#: More frames than any conversation may have, in groups.
PINGS, GROUP = 20_000, 500
JSON = "application/json"


async def deep(_: web.Request) -> web.StreamResponse:
    return web.Response(body=DEEP, content_type=JSON)


async def refusing(_: web.Request) -> web.StreamResponse:
    return web.Response(status=422, body=REFUSAL, content_type=JSON)


async def dripping(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": JSON})
    await answer.prepare(request)
    with contextlib.suppress(ConnectionError):
        for _ in range(DRIPS):
            await answer.write(b" ")
            await asyncio.sleep(DRIP_SECONDS)
    return answer


async def flooding(request: web.Request) -> web.StreamResponse:
    if request.headers.get("Upgrade", "").lower() != "websocket":
        return await refusing(request)
    opened = web.WebSocketResponse(autoping=False)
    await opened.prepare(request)
    with contextlib.suppress(ConnectionError):
        for number in range(PINGS):
            await opened.ping()
            if number % GROUP == 0:
                await asyncio.sleep(0)
    return opened


WAYS: dict[str, Callable[[web.Request], Awaitable[web.StreamResponse]]] = {
    "deep": deep,
    "refusing": refusing,
    "dripping": dripping,
    "flooding": flooding,
}


def app() -> web.Application:
    found = web.Application()
    for way, answer in WAYS.items():
        found.router.add_route("*", f"/{way}{{rest:.*}}", answer)
    found.router.add_get("/ready", _ready)
    return found


async def _ready(_: web.Request) -> web.StreamResponse:
    return web.Response(text="ready")


if __name__ == "__main__":
    web.run_app(app(), host="127.0.0.1", port=int(sys.argv[1]), print=None)
