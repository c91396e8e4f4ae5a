"""A way to a relay on which an event or its answer is lost when a case says so."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

import aiohttp
from aiohttp import web

#: What is lost: the event, or the answer to it.
Cut = Literal["", "before", "after"]
#: The address of a path: `/HOST/…` goes there.
Route = Callable[[str], str]


class Carrier:
    def __init__(self, route: Route) -> None:
        self._route = route
        self.url = ""
        #: What the next event loses.
        self.cut: Cut = ""
        #: How many events were passed on.
        self.events = 0
        #: Sockets that get no answer any more.
        self._silent: set[int] = set()

    async def carry(self, request: web.Request) -> web.StreamResponse:
        target = self._route(request.path)
        async with aiohttp.ClientSession() as session:
            if request.method == "PUT":
                headers = {n: v for n, v in request.headers.items() if n.lower() != "host"}
                body = await request.read()
                async with session.put(target, data=body, headers=headers) as answer:
                    content, kind = await answer.read(), answer.content_type
                    return web.Response(body=content, status=answer.status, content_type=kind)
            outer = web.WebSocketResponse()
            await outer.prepare(request)
            async with session.ws_connect(target) as inner:
                back = asyncio.create_task(self._back(inner, outer))
                await self._forth(request, outer, inner)
                back.cancel()
        return outer

    async def _forth(
        self,
        request: web.Request,
        outer: web.WebSocketResponse,
        inner: "aiohttp.ClientWebSocketResponse[bool]",
    ) -> None:
        async for message in outer:
            is_event = str(message.data).startswith('["EVENT"')
            cut, self.cut = (self.cut, "") if is_event else ("", self.cut)
            if cut != "before":
                self.events += is_event
                await inner.send_str(str(message.data))
            if cut:
                if cut == "after":
                    # The other task must not pass the answer on.
                    self._silent.add(id(outer))
                    await asyncio.sleep(0.5)
                assert request.transport is not None
                request.transport.abort()
                return

    async def _back(
        self, inner: "aiohttp.ClientWebSocketResponse[bool]", outer: web.WebSocketResponse
    ) -> None:
        async for message in inner:
            if id(outer) not in self._silent:
                await outer.send_str(str(message.data))
        await outer.close()


@contextmanager
def running(route: Route) -> Iterator[Carrier]:
    """A carrier on a thread of its own."""
    carrier, loop, started = Carrier(route), asyncio.new_event_loop(), threading.Event()

    async def start() -> web.AppRunner:
        app = web.Application(client_max_size=2**24)
        app.router.add_route("*", "/{path:.*}", carrier.carry)
        runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        carrier.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    def run() -> None:
        runner = loop.run_until_complete(start())
        started.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield carrier
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
