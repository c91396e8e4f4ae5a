"""Errors to Sentry and traces by OpenTelemetry, where an operator has set an address for them.

Errors go to Sentry, or what speaks its protocol, if SENTRY_DSN is set. Reports hold no bodies,
cookies, queries or local variables, and are redacted like logs. Traces go by OTLP over HTTP if
OpenTelemetry's own variable OTEL_EXPORTER_OTLP_ENDPOINT is set; its other variables apply too.
Spans hold no bodies, no headers and no queries, and no request to a network carries an id of ours.
requirements-telemetry.txt has the packages of both.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from config.observability import redaction
from destinations.runtime import tracing


def report_errors(dsn: str, **options: Any) -> None:
    """Begin to send errors, if there is an address; `options` are more of Sentry's.

    Raises ImproperlyConfigured without the package.
    """
    if not dsn:
        return
    try:
        import sentry_sdk
    except ImportError as missing:
        said = "SENTRY_DSN is set: install requirements-telemetry.txt for it."
        raise ImproperlyConfigured(said) from missing
    sentry_sdk.init(
        dsn,
        release=f"dovecote@{settings.VERSION}",
        environment=settings.SENTRY_ENVIRONMENT,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=_redacted,
        before_breadcrumb=_redacted,
        **options,
    )


def _redacted(report: Any, hint: Any) -> Any:
    if request := report.get("request"):
        for name in ("query_string", "cookies", "data", "env"):
            request.pop(name, None)
        request["url"] = str(request.get("url", "")).partition("?")[0]
    return redaction.value(report)


#: The request id whose trace the next span begins.
_begins: ContextVar[str] = ContextVar("begins", default="")


def trace_requests() -> None:
    """Begin to send spans, if they are wanted. Raises ImproperlyConfigured without the packages."""
    if not settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as missing:
        said = "OTEL_EXPORTER_OTLP_ENDPOINT is set: install requirements-telemetry.txt for it."
        raise ImproperlyConfigured(said) from missing
    connect(BatchSpanProcessor(OTLPSpanExporter()))


def connect(processor: Any) -> Any:
    """Hand every span to this processor; returns OpenTelemetry's provider, to be shut down."""
    from opentelemetry import propagate, trace
    from opentelemetry.instrumentation.aiohttp_client import AioHttpClientInstrumentor
    from opentelemetry.propagators.composite import CompositePropagator
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    os.environ.setdefault("OTEL_SERVICE_NAME", "dovecote")
    resource = Resource.create({"service.version": settings.VERSION})
    provider = TracerProvider(resource=resource, id_generator=_ids_of_requests())
    provider.add_span_processor(processor)
    # No request to a network carries an id of ours.
    propagate.set_global_textmap(CompositePropagator([]))
    AioHttpClientInstrumentor().instrument(tracer_provider=provider, url_filter=_without_query)
    tracer = provider.get_tracer("dovecote", settings.VERSION)

    @contextmanager
    def start_span(name: str, request_id: str, attributes: dict[str, Any]) -> Iterator[Any]:
        trace_id, span_id = tracing.ids(request_id)
        decision: Any = provider.sampler.should_sample(None, trace_id, name).decision
        sampled = decision.is_sampled()
        parent = trace.NonRecordingSpan(
            trace.SpanContext(trace_id, span_id, True, trace.TraceFlags(int(sampled)))
        )
        context = trace.set_span_in_context(parent) if request_id else None
        with tracer.start_as_current_span(name, context, attributes=attributes) as span:
            yield span

    tracing.connect(start_span)
    TracingMiddleware.tracer = tracer
    return provider


def _ids_of_requests() -> Any:
    """Gives a request's own span the ids by which others find its trace."""
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

    class OfRequests(RandomIdGenerator):
        def generate_trace_id(self) -> int:
            request_id = _begins.get()
            return tracing.ids(request_id)[0] if request_id else super().generate_trace_id()

        def generate_span_id(self) -> int:
            request_id = _begins.get()
            return tracing.ids(request_id)[1] if request_id else super().generate_span_id()

    return OfRequests()


def _without_query(url: Any) -> str:
    """Networks take tokens in queries, and some in paths."""
    return redaction.text(str(url.with_query(None).with_fragment(None)))


class TracingMiddleware:
    """A span per request, inside RequestIdMiddleware."""

    tracer: Any = None

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if self.tracer is None:
            raise MiddlewareNotUsed
        # Not above: workers trace too, and it imports the API.
        from config.observability.requests import PROBES

        self._probes = PROBES
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path in self._probes:
            return self._get_response(request)
        begun = _begins.set(request.request_id)  # type: ignore[attr-defined]
        try:
            span = self.tracer.start_span(str(request.method), kind=_server_kind())
        finally:
            _begins.reset(begun)
        return self._inside(span, request)

    def _inside(self, span: Any, request: HttpRequest) -> HttpResponse:
        from opentelemetry import trace

        with trace.use_span(span, end_on_exit=True):
            response = self._get_response(request)
            match = request.resolver_match
            route = match.route if match else ""
            span.update_name(f"{request.method} /{route}".rstrip())
            span.set_attributes(
                {
                    "http.request.method": str(request.method),
                    "http.route": f"/{route}",
                    "url.path": redaction.text(request.path),
                    "http.response.status_code": response.status_code,
                    "dovecote.request_id": request.request_id,  # type: ignore[attr-defined]
                }
            )
        return response


def _server_kind() -> Any:
    from opentelemetry.trace import SpanKind

    return SpanKind.SERVER
