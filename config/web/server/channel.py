"""One connection: waitress's channel, with deadlines, and no thread that waits for a client."""

import functools
import socket
import time
from typing import Any

import structlog
from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.task import WSGITask

from config.web import proxies
from config.web.server import answers
from config.web.server.answers import FileAnswer
from config.web.server.deadlines import Deadlines, Phase
from config.web.server.parser import Parser
from posts.errors import RequestRefused

#: The most that is sent to one client before other clients have their turn.
TURN_BYTES = 1024 * 1024
#: Pipelined requests are not answered while the client has more than this left to read.
UNREAD_BYTES = 256 * 1024

log = structlog.get_logger()


class Task(WSGITask):
    """Runs Django for one request."""

    def get_environment(self) -> dict[str, Any]:
        is_new = self.environ is None
        environ: dict[str, Any] = super().get_environment()
        if is_new:
            environ["wsgi.file_wrapper"] = answers.wrap
            proxies.apply(environ, self.channel.server.trusted)
        return environ

    def build_response_header(self) -> bytes:
        # Before the client gets the answer, because it may send the next upload at once.
        self.request.release()
        header: bytes = super().build_response_header()
        return header


class Channel(HTTPChannel):
    #: The request that is arriving, and those that a thread has or will have.
    request: Parser | None = None
    requests: list[Parser]
    close_when_flushed = False
    task_class = Task
    error_task_class = answers.ErrorAnswer
    #: The last answer is sent; further input is discarded.
    lingering = False
    refused_early = False
    sent_bytes = 0
    #: Who holds it, as connections are counted. A trusted proxy's are of many callers, each alone.
    caller: object = None
    _turn_bytes = 0
    #: How often the output ran empty; tells one answer from the next.
    drained_count = 0
    request_count = 0

    def __init__(
        self,
        server: Any,
        sock: socket.socket,
        addr: Any,
        adj: Any,
        map: Any = None,  # noqa: A002
    ) -> None:
        # Waitress passes only its settings to the parser class.
        self.parser_class = functools.partial(Parser, server.spool)
        self.deadlines = Deadlines(server.limits, time.monotonic())
        super().__init__(server, sock, addr, adj, map=map)
        self.caller = proxies.caller(addr[0] if addr else "", server.trusted) or id(self)

    # Too slow

    @property
    def phase(self) -> Phase:
        if self.lingering:
            return Phase.LINGER
        if self.total_outbufs_len:
            return Phase.ANSWER
        if self.requests:
            return Phase.WORK
        if self.request is None:
            return Phase.IDLE
        return Phase.BODY if self.request.headers_finished else Phase.HEADER

    def is_late(self, now: float) -> bool:
        """Return whether the client has used up its time."""
        phase, request = self.phase, self.request
        if phase is Phase.ANSWER:
            return self.deadlines.is_late(phase, self.drained_count, self.sent_bytes, now)
        moved = request.body_bytes_received if request is not None else 0
        return self.deadlines.is_late(phase, self.request_count, moved, now)

    def cut(self, refused: RequestRefused) -> None:
        """End the connection. A client that is still sending is told why."""
        request = self.request
        if request is None or self.phase not in (Phase.HEADER, Phase.BODY):
            self.handle_close()
            return
        self._drop_request()
        try:
            self.socket.send(answers.raw(request, refused))
            self._linger()
        except OSError:
            self.handle_close()

    def _linger(self) -> None:
        """Send nothing more, but keep reading: closing with unread bytes would reset the connection
        and lose the answer.
        """
        self.socket.shutdown(socket.SHUT_WR)
        self.lingering = True

    def handle_close(self) -> None:
        self._drop_request()
        super().handle_close()

    def _drop_request(self) -> None:
        request, self.request = self.request, None
        if request is not None:
            request.close()

    # Receiving

    # Asked of every connection at each turn of the loop: so these two call nothing.
    def readable(self) -> bool:
        return self.lingering or not (
            self.requests or self.total_outbufs_len or self.will_close or self.close_when_flushed
        )

    def received(self, data: bytes) -> bool:
        if self.lingering:
            return False
        before = self.request
        taken: bool = super().received(data)
        self.request_count += before is None or self.request is not before
        self.refused_early = self.refused_early or any(each.error for each in self.requests)
        return taken

    # Sending

    def writable(self) -> bool:
        if self.lingering:
            return bool(self.will_close)
        return bool(self.total_outbufs_len or self.will_close or self.close_when_flushed)

    def handle_write(self) -> None:
        if self.refused_early and self.close_when_flushed and not self.total_outbufs_len:
            self.close_when_flushed = False
            self._linger()
            return
        super().handle_write()

    @property
    def pending_bytes(self) -> int:
        """Bytes of answers buffered in memory or on disk; stored files do not count."""
        with self.outbuf_lock:
            return sum(b.__len__() for b in self.outbufs if not isinstance(b, FileAnswer))

    def write_soon(self, data: Any) -> int:
        try:
            count: int = super().write_soon(data)
        except OSError as error:
            # No room to buffer the answer. The byte count is wrong now, so the connection must end;
            # only the loop may close it.
            log.error("answer_not_kept", exc_info=error)
            self.server.trigger.pull_trigger(self.handle_close)
            raise ClientDisconnected from error
        if isinstance(data, FileAnswer):
            data.finish_response()
        return count

    def service(self) -> None:
        """Answer the first request; called by a thread."""
        if self.total_outbufs_len > UNREAD_BYTES:
            # The client sends requests faster than it reads. Requests left unanswered were not run.
            with self.requests_lock:
                for request in self.requests:
                    request.close()
                self.requests = []
                self.close_when_flushed = True
            self.server.pull_trigger()
            return
        super().service()

    def _flush_some(self, do_close: bool = True) -> bool:
        self._turn_bytes = 0
        has_sent: bool = super()._flush_some(do_close)
        self.drained_count += has_sent and not self.total_outbufs_len
        return has_sent

    def send(self, data: bytes, do_close: bool = True) -> int:
        """Send what the client takes now, and nothing beyond TURN_BYTES in one turn."""
        count: int = super().send(data, do_close) if self._turn_bytes < TURN_BYTES else 0
        self._turn_bytes += count
        self.sent_bytes += count
        return count
