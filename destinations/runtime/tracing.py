"""Spans of OpenTelemetry, where an operator wants traces.

There is one trace per API request. Its id follows from the request's id, which every destination's
row carries. So a post that goes out a week later, from another machine, or after a crash, is in the
trace of the request that asked for it, and nothing but that id has to be stored or sent.
"""

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

#: Starts a span: (name, request id, attributes). Set where OpenTelemetry is installed and wanted.
Start = Callable[[str, str, dict[str, Any]], AbstractContextManager[Any]]

_start: Start | None = None
_NOTHING = nullcontext()


def connect(start: Start | None) -> None:
    """Have spans started by this function; None: there are none."""
    global _start
    _start = start


def span(name: str, request_id: str, **attributes: Any) -> AbstractContextManager[Any]:
    """Return a span in the trace of that request; nothing while traces are off."""
    return _start(name, request_id, attributes) if _start else _NOTHING


def ids(request_id: str) -> tuple[int, int]:
    """Return the ids of a request's trace (128 bits) and first span (64 bits); neither is 0."""
    digest = hashlib.sha256(request_id.encode()).digest()
    return int.from_bytes(digest[:16], "big") or 1, int.from_bytes(digest[16:24], "big") or 1
