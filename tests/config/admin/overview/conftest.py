"""An installation at rest: beat ticks, every queue is served, nothing is wrong."""

import pytest
from django.core.cache import cache
from django.utils import timezone

from config.queue import heartbeats, routing
from destinations.dispatch.restoring import restore_detector


@pytest.fixture(autouse=True)
def _ticking():
    cache.set(restore_detector.TICK_KEY, timezone.now().isoformat())


@pytest.fixture(autouse=True)
def _working(no_workers):
    for kind, queues in routing.SERVED.items():
        heartbeats.record(f"{kind}@here", queues)
    heartbeats.record("beat@here", ())
