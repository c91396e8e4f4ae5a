"""A way to PostgreSQL on which the answer to a COMMIT is sometimes lost, or late."""

import asyncio
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

#: As drivers send it: its letter, its length, its words.
COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
PIECE_BYTES = 65536


class CommitProxy:
    """Of so many commits it forwards one, waits until it is done, and resets the connection; or it
    passes the answer on after so many seconds.

    Which one is a matter of chance: a process that repeats the same three commits would lose the
    same one for ever.
    """

    def __init__(self, socket: Path, every: int, late_by: float = 0) -> None:
        self._socket, self._every, self._late_by = socket, every, late_by
        self._random, self._hurts = random.Random(every), True
        #: Commits that PostgreSQL has made without telling the client, or without telling in time.
        self.hurt = 0
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0)
        )
        port = self._server.sockets[0].getsockname()[1]
        self.database_url = f"postgresql://postgres@127.0.0.1:{port}/postgres"

    def run(self) -> None:
        self._loop.run_forever()

    def heal(self) -> None:
        """From now on nothing is lost or late."""
        self._hurts = False

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _serve(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            answers, server = await asyncio.open_unix_connection(self._socket)
            down = asyncio.create_task(self._pass_on(answers, back))
            while piece := await client.read(PIECE_BYTES):
                is_hurt = piece.endswith(COMMIT) and self._is_next()
                if is_hurt:
                    down.cancel()
                    await asyncio.wait([down])
                server.write(piece)
                await server.drain()
                if not is_hurt:
                    continue
                # Its answer: the commit is made. The customer of it never learns, or late.
                answer = await answers.read(PIECE_BYTES)
                self.hurt += 1
                if not self._late_by:
                    break
                await asyncio.sleep(self._late_by)
                back.write(answer)
                down = asyncio.create_task(self._pass_on(answers, back))
            server.close()
        back.transport.abort()

    async def _pass_on(self, answers: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await answers.read(PIECE_BYTES):
                back.write(piece)
                await back.drain()
        back.close()

    def _is_next(self) -> bool:
        return self._hurts and self._random.randrange(self._every) == 0


@contextmanager
def proxy_of_commits(socket: Path, every: int, late_by: float = 0) -> Iterator[CommitProxy]:
    proxy = CommitProxy(socket, every, late_by)
    serving = threading.Thread(target=proxy.run, daemon=True)
    serving.start()
    try:
        yield proxy
    finally:
        proxy.close()
        serving.join()
