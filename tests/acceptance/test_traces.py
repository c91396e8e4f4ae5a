"""Traces and error reports leave real processes for real servers."""

import gzip
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests import http_server
from tests.acceptance.stack import ROOT, Stack

pytestmark = pytest.mark.thorough

SECRET = "EAAB1234567890abcdefgh"
REPORT = f"""
import django; django.setup()
import logging, sentry_sdk
token = "{SECRET}"
logging.getLogger("destinations").error("No answer from https://x.example/?access_token=" + token)
try:
    raise ValueError("token=" + token)
except ValueError:
    logging.getLogger("destinations").exception("It broke")
sentry_sdk.flush(10)
"""


@dataclass
class Collector:
    url: str
    bodies: list[tuple[str, bytes]] = field(default_factory=list)

    def spans(self) -> list[Any]:
        found = []
        for path, body in self.bodies:
            assert path == "/v1/traces"
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                found += [span for scope in resource.scope_spans for span in scope.spans]
        return found


@contextmanager
def collecting() -> Iterator[Collector]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers["Content-Encoding"] == "gzip":
                body = gzip.decompress(body)
            collector.bodies.append((self.path, body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with http_server.serving(Handler) as url:
        collector = Collector(url)
        yield collector


def test_one_trace_leads_from_the_request_over_the_worker_to_the_networks_call(stack: Stack):
    team = stack.team(x=1)
    with collecting() as collector:
        env = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "100"}
        stack.stop("worker")
        stack.start("traced-worker", "worker", env)
        url = f"{stack.start_web('traced-web', env)}/api/v1/"
        key = team.http.headers["Authorization"].removeprefix("Bearer ")
        team.http = stack.client(url, key)

        post = team.post("Traced")

        team.assert_each_once(team.published(post))
        spans = stack.wait("its spans", lambda: _of_the_post(collector))
        stack.stop("traced-worker")
        stack.stop("traced-web")
    first, publish, call = spans["POST /api/v1/posts"], spans["publish to x"], spans["POST"]
    assert {span.trace_id for span in spans.values()} == {first.trace_id}
    assert (publish.parent_span_id, call.parent_span_id) == (first.span_id, publish.span_id)
    assert not first.parent_span_id
    told = {each.key: each.value.string_value for each in call.attributes}
    assert told["http.url"].endswith("/2/tweets")
    assert all("token" not in str(span).lower() for span in spans.values())


def _of_the_post(collector: Collector) -> dict[str, Any] | None:
    """The spans of the request that made the post, by name, once the last one is here."""
    spans = collector.spans()
    made = [span for span in spans if span.name == "POST /api/v1/posts"]
    if not made:
        return None
    found = {span.name: span for span in spans if span.trace_id == made[0].trace_id}
    return found if {"publish to x", "POST"} <= found.keys() else None


def test_errors_are_reported_without_secrets(stack: Stack):
    with collecting() as collector:
        address = collector.url.replace("//", "//key@") + "/1"
        env = {**stack._env(), "SENTRY_DSN": address}
        ran = subprocess.run(
            [sys.executable, "-c", REPORT], env=env, cwd=ROOT, capture_output=True, check=False
        )
        assert ran.returncode == 0, ran.stderr
    sent = b"\n".join(body for _, body in collector.bodies)
    assert b"It broke" in sent
    assert b"No answer from" in sent
    assert b"[redacted]" in sent
    assert SECRET.encode() not in sent
