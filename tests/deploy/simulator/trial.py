"""Sends the wrong versions of what our adapters send, each to a simulator in the very same state.

They are sent right before the request itself. If that is accepted then, the others were refused for
what is wrong with them, and for nothing else.
"""

import asyncio
import json
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import httpx

from platforms.http.transport import Response, Transport
from tests.deploy.simulator.wrong_requests import (
    WEBSOCKET,
    Sent,
    Wrong,
    call_of,
    wrong_versions,
)

#: Headers that say nothing about what is asked for.
SILENT = {"user-agent", "accept", "content-length"}


class State:
    """Everything that a simulator remembers below its folder; can be put back as it was."""

    def __init__(self, home: Path) -> None:
        self._files = home / "files"
        self._store = sqlite3.connect(home / "simulator.db", check_same_thread=False)
        self._copy = sqlite3.connect(":memory:", check_same_thread=False)

    def keep(self) -> None:
        self._store.backup(self._copy)
        self._kept = {path: path.read_bytes() for path in self._files.iterdir()}
        self._seen = self._look()

    def put_back(self) -> None:
        now = self._look()
        if now == self._seen:
            return
        self._copy.backup(self._store)
        for path in now[1].keys() - self._kept:
            path.unlink()
        for path, content in self._kept.items():
            if now[1].get(path) != self._seen[1][path]:
                path.write_bytes(content)
        self._seen = self._look()

    def _look(self) -> tuple[int, dict[Path, int]]:
        """What changes with the store, and with each file."""
        times = {path: path.stat().st_mtime_ns for path in self._files.iterdir()}
        return int(self._store.execute("PRAGMA data_version").fetchone()[0]), times

    def close(self) -> None:
        self._store.close()
        self._copy.close()


@dataclass
class Trial:
    """Sends the wrong versions of every request that adapters make, each kind once."""

    state: State
    http: httpx.Client
    refused: list[Wrong] = field(default_factory=list)
    accepted: list[Wrong] = field(default_factory=list)
    _known: set[tuple[object, ...]] = field(default_factory=set)

    def try_all(self, sent: Sent) -> list[tuple[Wrong, bool]]:
        """What is wrong with each, and whether it was accepted."""
        if self.http.get("/control/faults").json()["faults"]:
            return []  # that are meant for the request itself
        versions = list(wrong_versions(sent))
        shape = (call_of(sent), frozenset(wrong.place for wrong in versions))
        if shape in self._known:
            return []
        self.state.keep()
        tried = []
        for wrong in versions:
            request = wrong.request
            status, content = self._answer(request)
            # WordPress refuses some files with a 500 of its own.
            assert content != b"Internal Server Error", wrong
            tried.append((wrong, is_accepted(status, content)))
            self.state.put_back()
        return tried

    def _answer(self, request: Sent) -> tuple[int, bytes]:
        if request.method == WEBSOCKET:
            return 200, _say(request)
        answer = self.http.request(
            request.method, request.url, headers=list(request.headers), content=request.body
        )
        return answer.status_code, answer.content

    def count(self, sent: Sent, tried: list[tuple[Wrong, bool]]) -> None:
        """The request itself was accepted, so the others were refused for what is wrong."""
        self._known.add((call_of(sent), frozenset(wrong.place for wrong, _ in tried)))
        for wrong, accepted in tried:
            (self.accepted if accepted else self.refused).append(wrong)


def is_accepted(status: int, content: bytes) -> bool:
    """TikTok refuses with 200 too, and what is said over a websocket has no status."""
    if status >= 400:
        return False
    try:
        said = json.loads(content)
        error = said.get("error")
    except ValueError:
        return True
    except AttributeError:
        return not any(map(_refuses, said)) if isinstance(said, list) else True
    return not (isinstance(error, dict) and error.get("code", "ok") != "ok")


def _refuses(text: Any) -> bool:
    """Whether a message of a relay is a refusal."""
    message = json.loads(text) if isinstance(text, str) and text.startswith("[") else [""]
    return message[0] in ("NOTICE", "CLOSED") or (message[0] == "OK" and message[2] is False)


def _say(request: Sent) -> bytes:
    """What a server answers to one message over a websocket, from a thread without a loop."""
    heard: list[str] = []

    async def say() -> None:
        async with aiohttp.ClientSession() as session:
            try:
                socket = await session.ws_connect(request.url)
            except aiohttp.WSServerHandshakeError:
                heard.append('["NOTICE", "no websocket here"]')
                return
            await socket.send_str(request.body.decode())
            while not heard or heard[-1].startswith('["EVENT"'):
                heard.append(str((await socket.receive(5)).data))
            await socket.close()

    thread = threading.Thread(target=lambda: asyncio.run(say()))
    thread.start()
    thread.join()
    return json.dumps(heard).encode()


def watching(trial: Trial, send: Callable[..., Any]) -> Callable[..., Any]:
    """`Transport.send`, which tries wrong versions of each request to a network first."""

    async def watched(
        self: Transport,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: Any = None,
        **options: Any,
    ) -> Response:
        if not self.gateway:  # the simulator's own, which fetches files
            plain: Response = await send(self, method, url, headers=headers, body=body, **options)
            return plain
        if isinstance(body, AsyncIterator):
            body = b"".join([piece async for piece in body])
        said = tuple(pair for pair in headers.items() if pair[0].lower() not in SILENT)
        sent = Sent(method, self.resolve(url), said, body or b"")
        tried = trial.try_all(sent)
        answer: Response = await send(self, method, url, headers=headers, body=body, **options)
        if tried and is_accepted(answer.status, answer.content):
            trial.count(sent, tried)
        return answer

    return watched
