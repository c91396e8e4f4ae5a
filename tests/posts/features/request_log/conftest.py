import time
from collections.abc import Iterator

import pytest

from config.observability.api_calls import latency
from destinations.runtime.flushing import flusher
from posts.features.request_log import recorder as module
from posts.features.request_log.recorder import LoggedCall, Recorder


@pytest.fixture
def recorder(monkeypatch, settings) -> Iterator[Recorder]:
    """As in a process that serves requests; what it takes is written where a test says so."""
    monkeypatch.setattr(flusher, "is_on", True)
    monkeypatch.setattr(flusher, "request_flush", lambda **_: None)
    settings.REQUEST_LOG_DAYS = 14
    module.recorder.forget()
    yield module.recorder
    module.recorder.forget()
    latency.forget()


def a_call(**fields) -> LoggedCall:
    values = {
        "began": time.perf_counter(),
        "method": "GET",
        "route": "/api/v1/posts",
        "path": "/api/v1/posts",
        "status": 200,
        "duration_ms": 4.2,
        "request_id": "req_0123456789ab",
        "error_code": "",
        "api_key": None,
        "key_prefix": "",
        "workspace": None,
    }
    return LoggedCall(**{**values, **fields})
