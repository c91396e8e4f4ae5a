"""Bugs in adapters: logged without secrets, and contained."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from destinations.runtime.worker.command_queue import CommandFailed
from platforms.errors import PlatformError, Unavailable
from platforms.http.client import Client

log = structlog.get_logger()


class AdapterCrashed(Unavailable):
    """A bug in an adapter, which is in the log; says nothing about the network."""

    def __init__(self) -> None:
        super().__init__("A fault in Dovecote stopped it; see its log.", code="internal_error")


@contextmanager
def contained(http: Client, platform: str, *expected: type[Exception]) -> Iterator[None]:
    """Raise AdapterCrashed for anything but what an adapter may raise and what is `expected`."""
    try:
        yield
    except (PlatformError, CommandFailed, *expected):
        raise
    except Exception as bug:
        log.error("adapter_crashed", platform=platform, exception=http.traceback())
        raise AdapterCrashed from bug
