"""The web process: `python -m config.web`.

It promises that no number of silent or slow clients keeps others waiting. A server that gives each
connection a thread, or lets a thread wait for a body or for a reader, cannot: Granian's WSGI mode
and gunicorn's threads were frozen by as many silent sockets as they had threads. Waitress reads
whole requests in its own loop, also chunked ones, and sends answers from there, so that a thread
has a request only while Django works on it. It is pure Python, has no dependencies, and has been
kept by the Pylons project since 2011. Cost: one loop for all connections, and bodies larger than
64 KB pass through TMPDIR.

Waitress by itself knows only a time without any byte. Here each phase of a connection has a
deadline and bodies and answers have a minimum rate (`deadlines`), the header decides what body may
follow (`spool`), and errors have the API's envelope (`errors`).
"""

import heapq
import resource
import socket
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

import structlog
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer

from config.web.server.channel import Channel
from config.web.server.deadlines import Phase, TimeLimits
from config.web.server.parser import Spool, full
from config.web.server.threads import RequestThreads
from posts.errors import RequestRefused

#: Unread answers beyond this size are buffered on disk, so that no thread waits for a client.
BUFFER_BYTES = 64 * 1024
RECEIVE_BYTES = 128 * 1024
#: Less than the kernel's default: a stalled client is noticed sooner and holds less memory.
SEND_BUFFER_BYTES = 128 * 1024
HEADER_BYTES = 32 * 1024
#: Limit of all unread answers together; beyond it the connections with the largest are closed.
PENDING_BYTES = 512 * 1024 * 1024
UNLIMITED = 2**62
#: Several per turn: one pass over thousands of connections takes milliseconds.
ACCEPTED_AT_ONCE = 64
#: Each connection may have a body and a file open besides its socket; the rest is for Django.
FILES_EACH, FILES_BESIDE = 3, 512
TICK_SECONDS = 1.0
STOP_TICK_SECONDS = 0.05
#: While stopping, a client that sends nothing for this long is cut.
STOP_STALL_SECONDS = 1.0

log = structlog.get_logger()


class Server(TcpWSGIServer):
    channel_class = Channel

    def __init__(self, application: Callable[..., Any], settings: Any) -> None:
        self.spool = Spool(settings.WEB_SPOOL_BYTES, self.make_room)
        self.limits = TimeLimits(
            header_seconds=settings.WEB_HEADER_SECONDS,
            idle_seconds=settings.WEB_IDLE_SECONDS,
            stall_seconds=settings.WEB_STALL_SECONDS,
            bytes_per_second=settings.WEB_MIN_BYTES_PER_SECOND,
            transfer_seconds=settings.WEB_TRANSFER_SECONDS,
        )
        self.trusted = settings.WEB_TRUSTED_PROXIES
        self._most = possible_connections(settings.WEB_CONNECTIONS)
        self._stop_seconds = settings.WEB_STOP_SECONDS
        self._stopping = False
        # Reentrant: a signal may come while the loop holds it.
        self._stop_lock = threading.RLock()
        dispatcher = RequestThreads()
        dispatcher.set_thread_count(settings.WEB_THREADS)
        super().__init__(application, {}, dispatcher=dispatcher, adj=_adjustments(settings))

    # Running

    def run(self) -> None:
        """Serve until `stop`, then finish what has begun, for WEB_STOP_SECONDS at most."""
        next_tick = 0.0
        while not self._stopping:
            wasyncore.poll2(TICK_SECONDS, self._map)
            now = time.monotonic()
            if now >= next_tick:
                self.cut_late(now)
                next_tick = now + TICK_SECONDS
        with self._stop_lock:  # wait for `stop`: `_finish` closes the trigger that it pulls
            pass
        self._finish()

    def stop(self, *_: object) -> None:
        """Let `run` end. Can be called from a signal handler, from any thread and repeatedly."""
        with self._stop_lock:
            if not self._stopping:
                self._stopping = True
                self.pull_trigger()

    def _finish(self) -> None:
        wasyncore.dispatcher.close(self)
        give_up_at = time.monotonic() + self._stop_seconds
        while self._still_busy() and time.monotonic() < give_up_at:
            wasyncore.poll2(STOP_TICK_SECONDS, self._map)
        left = give_up_at - time.monotonic()
        self.task_dispatcher.shutdown(timeout=max(left, STOP_STALL_SECONDS))
        wasyncore.close_all(self._map, ignore_all=True)

    def _still_busy(self) -> bool:
        """Return whether a request is being answered, or still arrives; all others are closed."""
        quiet_since = time.time() - STOP_STALL_SECONDS
        busy = (Phase.WORK, Phase.ANSWER)
        for channel in list(self.active_channels.values()):
            arriving = channel.phase in (Phase.HEADER, Phase.BODY)
            if channel.phase not in busy and not (arriving and channel.last_activity > quiet_since):
                channel.handle_close()
        return bool(self.active_channels)

    # Connections

    def readable(self) -> bool:
        return bool(self.accepting)

    def handle_accept(self) -> None:
        for _ in range(ACCEPTED_AT_ONCE):
            before = len(self.active_channels)
            super().handle_accept()
            if len(self.active_channels) == before:
                break
            if len(self.active_channels) > self._most:
                self._replace()

    def _replace(self) -> None:
        """End silent connections, to make room for the newest one."""
        *others, newest = self.active_channels.values()
        waiting = (Phase.IDLE, Phase.HEADER, Phase.BODY, Phase.LINGER)
        held = Counter(each.caller for each in (*others, newest))
        # Several at once: finding them costs more than accepting a new one.
        self._make_room([c for c in others if c.phase in waiting], held, 1 + self._most // 20)

    def set_socket_options(self, conn: socket.socket) -> None:
        super().set_socket_options(conn)
        conn.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)

    def handle_error(self) -> None:
        # Waitress would stop listening; one connection that fails must not end the server.
        log.exception("connection_not_taken")

    def make_room(self, request: object) -> None:
        """End the oldest small body of the caller that sends most, to make room for this one."""
        bodies = [c for c in self.active_channels.values() if c.phase is Phase.BODY]
        small = [c for c in bodies if c.request.kind == "small" and c.request is not request]
        self._make_room(small, Counter(c.caller for c in small))

    def _make_room(self, channels: list[Channel], held: Counter[object], count: int = 1) -> None:
        """End as many, each time the oldest of the caller that holds most, of equals the oldest."""
        theirs: dict[object, list[Channel]] = defaultdict(list)
        for channel in sorted(channels, key=lambda each: each.deadlines.began, reverse=True):
            theirs[channel.caller].append(channel)
        # The number tells callers apart that hold as many since the same moment.
        ranked = [
            (-held[caller], each[-1].deadlines.began, number, each)
            for number, (caller, each) in enumerate(theirs.items())
        ]
        heapq.heapify(ranked)
        for _ in range(min(count, len(channels))):
            most, _, number, each = ranked[0]
            each.pop().cut(full())
            if each:
                heapq.heapreplace(ranked, (most + 1, each[-1].deadlines.began, number, each))
            else:
                heapq.heappop(ranked)

    def cut_late(self, now: float) -> None:
        """End connections whose time is up, and the largest unread answers beyond PENDING_BYTES."""
        late = RequestRefused(
            "request_timeout", "The request did not arrive in time; send it again."
        )
        for channel in list(self.active_channels.values()):
            if channel.is_late(now):
                channel.cut(late)
        unread = [(channel.pending_bytes, channel) for channel in self.active_channels.values()]
        total = sum(count for count, _ in unread)
        for count, channel in sorted(unread, key=lambda each: each[0], reverse=True):
            if total <= PENDING_BYTES:
                break
            channel.handle_close()
            total -= count


def _adjustments(settings: Any) -> Adjustments:
    return Adjustments(
        host=settings.WEB_HOST,
        port=settings.WEB_PORT,
        threads=settings.WEB_THREADS,
        ident=None,
        # config.web.proxies handles proxies.
        clear_untrusted_proxy_headers=False,
        recv_bytes=RECEIVE_BYTES,
        inbuf_overflow=BUFFER_BYTES,
        outbuf_overflow=BUFFER_BYTES,
        outbuf_high_watermark=UNLIMITED,
        max_request_header_size=HEADER_BYTES,
        # The parser has a limit for each request.
        max_request_body_size=UNLIMITED,
        # Our own limit closes silent connections, so that new clients can still connect.
        connection_limit=UNLIMITED,
        log_socket_errors=False,
    )


def possible_connections(wanted: int) -> int:
    """Return how many this process has file descriptors for, after asking the system for enough."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted * FILES_EACH + FILES_BESIDE
    if hard != resource.RLIM_INFINITY:
        needed = min(needed, hard)
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
    most = min(wanted, (needed - FILES_BESIDE) // FILES_EACH)
    if most < wanted:
        log.warning("few_connections", wanted=wanted, possible=most, open_files=hard)
    return max(most, 1)
