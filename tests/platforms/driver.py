"""Drive an adapter against the simulator as a worker would, without a database.

drive = Drive(X(), credentials, simulator)
drive.publish(Draft("Hello"))       # one call of the adapter: Published, Processing, or raises
drive.finish(Draft("Hello"))        # calls again while Processing, as the pipeline does
drive.find(Draft("Hello"))          # after a lost answer
drive.fails(Draft("Hello"))         # the error of `finish`
drive.raises(Rejected)              # the error of one call, which must be of this kind
drive.fault(call="create_post")     # at the account's network
drive.public()                      # the account's posts, newest first
drive.requests                      # what the network was asked
drive.saves                         # every checkpoint that was made durable, oldest first
drive.checkpoint                    # set it to play a worker that goes on from a crash
"""

import asyncio
import dataclasses
import io
import itertools
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import av
import httpx
from PIL import Image

from platforms.adapter import Adapter, Call
from platforms.checkpoint import Checkpoint, Links, Lookalike
from platforms.drafts import Credentials, Draft, Media
from platforms.errors import PlatformError
from platforms.http.client import Client
from platforms.http.transport import Response, Transport
from platforms.http.versions import Versions
from platforms.limits import MediaKind
from platforms.metrics import Metrics
from platforms.outcomes import Finding, Outcome, Processing, Published, Removal

if TYPE_CHECKING:
    from tests.conftest import Simulator

T = TypeVar("T")
AnyError = TypeVar("AnyError", bound=PlatformError)

HELLO = Draft("Hello")
#: How often a file that is processed is asked for.
CALLS = 30


@dataclass(frozen=True)
class Save:
    """A checkpoint that was made durable; `sending` right before the irreversible call."""

    values: dict[str, Any]
    sending: bool


async def _sockets_closed(within_seconds: float = 5) -> None:
    """What was being sent when its answer came is let go by the loop, and not at once."""
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + within_seconds
    # The loop's own wake-up is always there.
    while len(loop._selector.get_map()) > 1 and loop.time() < give_up_at:  # type: ignore[attr-defined]
        await asyncio.sleep(0.001)


class _Noting(Transport):
    """Tells the driver of each request."""

    drive: "Drive"

    async def send(self, method: str, url: str, **options: Any) -> Response:
        self.drive.note(method, httpx.URL(self.resolve(url)))
        return await super().send(method, url, **options)


class Crash(BaseException):
    """A worker dies."""


@dataclass
class Drive:
    adapter: Adapter
    account: Credentials
    simulator: "Simulator"
    timeout_seconds: float = 10
    versions: Versions = field(default_factory=dict)
    checkpoint: dict[str, Any] = field(default_factory=dict)
    saves: list[Save] = field(default_factory=list)
    #: `unsent`, `sent` or `answered`, as the last call left it.
    state: str = "unsent"
    #: When the last irreversible call left.
    sent_at: datetime | None = None
    #: What the network was asked, oldest first.
    requests: list[str] = field(default_factory=list)
    #: The path and the query of each of them.
    queries: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    #: Ids of posts that other destinations have.
    theirs: set[str] = field(default_factory=set)
    #: Other destinations whose calls got no answer; None: too many.
    lookalikes: Sequence[Lookalike] | None = ()

    def __post_init__(self) -> None:
        #: Where requests go instead of to the network.
        self.gateway = self.simulator.url

    def publish(self, draft: Draft) -> Outcome:
        async def run(http: Client, checkpoint: Checkpoint) -> Outcome:
            return await self.adapter.publish(Call(draft, self.account, http, checkpoint))

        return asyncio.run(self._call(run))

    def finish(self, draft: Draft) -> Outcome:
        """Publish, calling again while the network processes."""
        return self._repeat(lambda: self.publish(draft))

    def fails(self, draft: Draft = HELLO) -> PlatformError:
        """The error that publishing ends with."""
        try:
            outcome = self.finish(draft)
        except PlatformError as error:
            return error
        raise AssertionError(f"{draft} did not fail: {outcome}.")

    def raises(self, error: type[AnyError], draft: Draft = HELLO) -> AnyError:
        """The error of this kind that one call to publish ends with."""
        try:
            outcome = self.publish(draft)
        except error as raised:
            return raised
        raise AssertionError(f"{draft} did not fail: {outcome}.")

    def crash(self, draft: Draft, step: int, *, is_stored: bool = True) -> None:
        """Publish, and die at the so-manieth save: right after it, or before it is stored."""
        store, count = self._save, itertools.count(1)

        async def save(values: dict[str, Any], sending: bool) -> None:
            is_last = next(count) == step
            if not is_last or is_stored:
                await store(values, sending)
            if is_last:
                raise Crash

        self._save = save  # type: ignore[method-assign]
        try:
            self.finish(draft)
        except Crash:
            return
        finally:
            self._save = store  # type: ignore[method-assign]
        raise AssertionError(f"There were fewer than {step} saves.")

    def refusal(
        self, draft: Draft, call: str, status: int, body: str = "", *, waits: bool = False
    ) -> PlatformError:
        """The error of a new attempt, whose `call` gets this answer each time.

        With `waits` it may process before.
        """
        self.checkpoint, self.saves = {}, []
        self.fault(call=call, status=status, body=body)
        try:
            outcome = self.finish(draft) if waits else self.publish(draft)
        except PlatformError as error:
            return error
        finally:
            self.simulator.http.delete("/control/faults").raise_for_status()
        raise AssertionError(f"{call} got {status} {body!r}, and then: {outcome}.")

    def find(self, draft: Draft, sent_at: datetime | None = None) -> Finding:
        when = sent_at or self.sent_at or datetime.now(UTC)

        async def run(http: Client, checkpoint: Checkpoint) -> Finding:
            return await self.adapter.find(Call(draft, self.account, http, checkpoint), when)

        return asyncio.run(self._call(run))

    def find_out(self, draft: Draft) -> Finding:
        """Find, asking again while the network processes."""
        return self._repeat(lambda: self.find(draft))

    def shows_as_own(self, post_id: str) -> bool | None:
        return self._ask(lambda http: self.adapter.shows_as_own(post_id, self.account, http))

    def delete(self, post_id: str) -> Removal:
        return self._ask(lambda http: self.adapter.delete(post_id, self.account, http))

    def read_metrics(self, *post_ids: str) -> Mapping[str, Metrics]:
        return self._ask(lambda http: self.adapter.read_metrics(post_ids, self.account, http))

    def read_followers(self) -> int | None:
        return self._ask(lambda http: self.adapter.read_followers(self.account, http))

    def ping(self) -> PlatformError | None:
        """How the network refused a ping; None if it answered."""
        try:
            self._ask(lambda http: self.adapter.ping(self.account, http))
        except PlatformError as refusal:
            return refusal
        return None

    def fault(self, **fields: Any) -> None:
        self.simulator.fault(self.adapter.key, **fields)

    def public(self) -> list[dict[str, Any]]:
        return self.simulator.posts(self.adapter.key, self.account.platform_account_id)

    def set(self, name: str, value: Any) -> None:
        """Set how the network behaves to this account."""
        self.simulator.set(self.adapter.key, name, value, self.account.platform_account_id)

    @property
    def sends(self) -> int:
        """How many irreversible calls were announced."""
        return sum(save.sending for save in self.saves)

    def _ask(self, ask: Callable[[Client], Awaitable[T]]) -> T:
        return asyncio.run(self._call(lambda http, _: ask(http)))

    async def _call(self, run: Callable[[Client, Checkpoint], Awaitable[T]]) -> T:
        transport = _Noting(
            gateway=self.gateway, timeout_seconds=self.timeout_seconds, versions=self.versions
        )
        transport.drive = self
        checkpoint = Checkpoint(
            self.checkpoint, self._save, others=self._others, lookalikes=self._lookalikes
        )
        client = Client(
            transport,
            explain=self.adapter.explain,
            checkpoint=checkpoint,
            secrets=self.account.secrets(),
        )
        try:
            result = await run(client, checkpoint)
        except PlatformError as error:
            self.checkpoint = dict(checkpoint)
            raise client.redacted(error) from error.__cause__
        else:
            # The pipeline writes it down with every result.
            self.checkpoint = dict(checkpoint)
            return result
        finally:
            self.state = checkpoint.state
            await transport.close()
            await _sockets_closed()

    def note(self, method: str, url: httpx.URL) -> None:
        self.requests.append(f"{method} {url.path}")
        self.queries.append((url.path, dict(url.params)))

    async def _others(self, posts: Links) -> Collection[str]:
        return self.theirs & posts.keys()

    async def _lookalikes(self) -> Sequence[Lookalike] | None:
        return self.lookalikes

    async def _save(self, values: dict[str, Any], sending: bool) -> None:
        self.checkpoint = dict(values)
        self.saves.append(Save(dict(values), sending))
        if sending:
            self.sent_at = datetime.now(UTC)

    def _repeat(self, call: Callable[[], T]) -> T:
        for _ in range(CALLS):
            if not isinstance(result := call(), Processing):
                return result
            self._let_process()
        raise AssertionError(f"Still processing at the call {CALLS}.")

    def _let_process(self) -> None:
        """Move the networks' clock. Facebook's files are processed by the machine's."""
        self.simulator.advance(0.5)
        if self.adapter.key == "facebook":
            time.sleep(0.05)


def published(outcome: Outcome | Finding) -> Published:
    """The outcome, which must be that the post is public."""
    assert isinstance(outcome, Published), outcome
    return outcome


# Files


def image(width: int = 320, height: int = 320, format: str = "PNG") -> bytes:  # noqa: A002
    out = io.BytesIO()
    Image.new("RGB", (width, height), (80, 120, 200)).save(out, format)
    return out.getvalue()


@cache
def video(seconds: float = 1, width: int = 64, height: int = 64) -> bytes:
    """A silent MP4, 10 frames a second."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for _ in range(round(seconds * 10)):
            frame = av.VideoFrame.from_image(Image.new("RGB", (width, height), (200, 90, 60)))
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return out.getvalue()


@cache
def clip(seconds: float = 3, width: int = 720, height: int = 1280) -> bytes:
    """An upright MP4 that every network takes as it is: H.264, 30 frames a second, index first."""
    with tempfile.NamedTemporaryFile(suffix=".mp4") as out:
        # Written twice, so that the index can be put first.
        with av.open(out.name, "w", options={"movflags": "faststart"}) as container:
            stream = container.add_stream("libx264", rate=30, options={"preset": "ultrafast"})
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            frame = av.VideoFrame.from_image(Image.new("RGB", (width, height), (70, 120, 90)))
            for number in range(round(seconds * 30)):
                frame.pts = number
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
        return Path(out.name).read_bytes()


def padded(clip: bytes, size: int) -> bytes:
    """A real MP4 of exactly this size: a `free` box at its end."""
    rest = size - len(clip)
    return clip + rest.to_bytes(4, "big") + b"free" + bytes(rest - 8)


def media(
    content: bytes | None = None,
    kind: MediaKind = "image",
    content_type: str = "",
    filename: str = "",
    **fields: Any,
) -> Media:
    """A file that can be opened and that a network can fetch from its `url`."""
    content = content if content is not None else (video() if kind == "video" else image())
    kinds = {"image": "image/png", "video": "video/mp4", "document": "application/pdf"}
    content_type = content_type or kinds[kind]
    return Media(
        key=f"media/{_served.add(content, content_type)}",
        kind=kind,
        content_type=content_type,
        filename=filename or f"file.{content_type.partition('/')[2]}",
        size_bytes=len(content),
        url=_served.last_url,
        open=lambda: io.BytesIO(content),
        **fields,
    )


def counted(content: bytes) -> tuple[Media, list[int]]:
    """A video, and how many bytes of it are asked for at once."""
    asked: list[int] = []

    class Counting(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            asked.append(-1 if size is None else size)
            return super().read(size)

    return dataclasses.replace(media(content, "video"), open=lambda: Counting(content)), asked


class _Served:
    """A file server for the networks that fetch media themselves; started on first use."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[bytes, str]] = {}
        self.last_url = ""
        self._server: ThreadingHTTPServer | None = None

    def add(self, content: bytes, content_type: str) -> int:
        if self._server is None:
            self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
            threading.Thread(target=self._server.serve_forever, daemon=True).start()
        number = len(self.files) + 1
        self.files[f"/media/{number}"] = (content, content_type)
        self.last_url = f"http://127.0.0.1:{self._server.server_port}/media/{number}"
        return number

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        files = self.files

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content, content_type = files.get(self.path, (b"", ""))
                self.send_response(200 if content_type else 404)
                self.send_header("Content-Type", content_type or "text/plain")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(content)

            do_HEAD = do_GET  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


_served = _Served()
