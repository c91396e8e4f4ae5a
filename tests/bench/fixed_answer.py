"""A network that costs next to nothing: it answers every request with the same 201, after a pause.

Its one body holds what the text posts of all networks read from theirs.
`python -m tests.bench.fixed_answer [milliseconds] [port]` prints its address and serves.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench.stub import Connection

BODY = json.dumps(
    {
        "id": "1780000000000000001",
        "data": {"id": "1780000000000000001"},
        "status": "FINISHED",
        "status_code": "FINISHED",
        "success": True,
        "is_published": True,
        "permalink": "https://www.example.com/1",
        "permalink_url": "/1",
    }
).encode()
ANSWER = (
    "HTTP/1.1 201 Created\r\n"
    "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
    "Content-Type: application/json; charset=utf-8\r\n"
    f"Content-Length: {len(BODY)}\r\n"
    "Connection: keep-alive\r\n"
    "X-Request-Id: 0123456789abcdef\r\n"
    "X-RestLi-Id: urn:li:share:7267273672367362736\r\n"
    "X-Rate-Limit-Limit: 100000\r\n"
    "X-Rate-Limit-Remaining: 99999\r\n"
    "\r\n"
).encode() + BODY


class Fixed:
    """For `stub.Connection`: one answer to everything."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def pause(self, path: bytes) -> float:
        return self._seconds

    def answer(self, method: bytes, path: bytes, body: bytes) -> bytes:
        return ANSWER


async def serve(seconds: float, port: int) -> None:
    """Print the address, then serve."""
    loop, fixed = asyncio.get_running_loop(), Fixed(seconds)
    server = await loop.create_server(
        lambda: Connection(fixed), "127.0.0.1", port, backlog=1000, reuse_address=True
    )
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


@contextmanager
def running(milliseconds: float, port: int = 0) -> Iterator[str]:
    """A stub in a process of its own for the length of the block; yields its address."""
    command = [sys.executable, "-m", "tests.bench.fixed_answer", str(milliseconds), str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            yield child.stdout.readline().strip()
        finally:
            child.kill()


if __name__ == "__main__":
    milliseconds = float(sys.argv[1]) if len(sys.argv) > 1 else 50
    asyncio.run(serve(milliseconds / 1000, int(sys.argv[2]) if len(sys.argv) > 2 else 0))
