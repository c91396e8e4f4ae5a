"""Metrics for Prometheus, read at each scrape from the database and Redis.

So they are the same whichever process answers, survive restarts, and cannot drift from the truth.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from config.observability.api_calls import ApiLatency
from config.observability.metrics.attempts import Tries
from config.observability.metrics.database import Growth, OpenRows
from config.observability.metrics.work import Backlog, ProcessFamilies, Webhooks

COLLECTORS: tuple[type[Collector], ...] = (
    OpenRows,
    Tries,
    ProcessFamilies,
    Backlog,
    Webhooks,
    ApiLatency,
    Growth,
)


def scrape(request: HttpRequest) -> HttpResponse:
    """The metrics, to requests with METRICS_TOKEN; 404 while none is set, 401 without it."""
    if not settings.METRICS_TOKEN:
        return HttpResponse("Not found.\n", status=404, content_type="text/plain")
    given = request.headers.get("Authorization", "")
    if not constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}"):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry(auto_describe=False)
    for collector in COLLECTORS:
        registry.register(collector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
