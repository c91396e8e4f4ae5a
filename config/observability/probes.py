"""Health and metrics for machines, answered before hosts and HTTPS are checked.

A load balancer or Prometheus calls a container by its address, over plain HTTP: a redirect or a
refused host would read as an outage.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from config.observability import metrics
from config.observability.health import checks as health

PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": health.alive,
    "/readyz": health.ready,
    "/metrics": metrics.scrape,
}


class ProbeMiddleware:
    """Answers the paths of PROBES; everything else goes on to the URL map."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return PROBES.get(request.path, self.get_response)(request)
