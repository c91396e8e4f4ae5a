from dataclasses import replace

import pytest
import redis
from prometheus_client.parser import text_string_to_metric_families

from config.observability import api_calls
from config.observability.api_calls import Latency, latency
from destinations.runtime import broker
from destinations.runtime.flushing import Flusher, flusher
from tests.factories import make_workspace
from tests.posts.at_once import at_once
from tests.posts.conftest import make_caller

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _serving(monkeypatch, settings):
    """As in a process that serves requests; what it counts is flushed where a test says so."""
    monkeypatch.setattr(flusher, "is_on", True)
    monkeypatch.setattr(flusher, "request_flush", lambda **_: None)
    settings.METRICS_TOKEN = "t"
    settings.REQUEST_LOG_DAYS = 0
    latency.forget()
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        server.delete(api_calls.HASH)
        yield
        server.delete(api_calls.HASH)
    latency.forget()


@pytest.fixture
def ada():
    return make_caller(make_workspace(), "Ada")


def scraped(client) -> dict[tuple[str, ...], float]:
    """Samples of the histogram by name and labels, without a label's name."""
    answer = client.get("/metrics", headers={"Authorization": "Bearer t"})
    samples = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        for sample in family.samples:
            if sample.name.startswith(api_calls.NAME):
                labels = sample.labels
                series = (labels["method"], labels["route"], labels["status"])
                kind = sample.name.removeprefix(api_calls.NAME)
                samples[(kind, *series, labels.get("le", ""))] = sample.value
    return samples


def counts(client) -> dict[tuple[str, ...], float]:
    return {each[1:4]: value for each, value in scraped(client).items() if each[0] == "_count"}


def other_process() -> Latency:
    another = Flusher()
    another.is_on = True
    return Latency(another)


def test_calls_are_counted_by_route_method_and_kind_of_status(ada, client, monkeypatch):
    ada.get("/posts")
    ada.get("/posts?limit=0")
    ada.get("/posts/post_0")
    ada.get("/nowhere/at/all")
    ada.get("/else")
    ada.call("BREW", "/me")
    latency.flush()

    assert counts(client) == {
        ("GET", "/api/v1/posts", "2xx"): 1,
        ("GET", "/api/v1/posts", "4xx"): 1,
        ("GET", "/api/v1/posts/{post_id}", "4xx"): 1,
        ("GET", "other", "4xx"): 2,
        ("other", "/api/v1/me", "4xx"): 1,
    }


def test_calls_of_the_compatibility_mount_are_counted_by_its_routes(ada, client, settings):
    settings.ALLOWED_HOSTS, settings.COMPAT_HOSTS = ["testserver", "b.example"], {"b.example"}
    replace(ada, mount="/compat/api/v1").get("/posts/post_0")
    ada.get("/posts", headers={"Host": "b.example"})
    latency.flush()

    assert counts(client) == {
        ("GET", "/compat/api/v1/posts/{post_id}", "4xx"): 1,
        ("GET", "/compat/api/v1/posts", "2xx"): 1,
    }


def test_pages_and_probes_are_not_counted(client):
    documents = ("/api/docs", "/api/v1/openapi.json", "/compat/api/docs")
    for path in ("/", "/healthz", *documents, "/admin/login/"):
        client.get(path)
    latency.flush()

    assert counts(client) == {}


def test_the_buckets_hold_the_calls_of_every_process(client):
    one, other = other_process(), other_process()
    for process in (one, other):
        process.observe("GET", "/api/v1/me", 200, 0.02)
        process.flush()
    other.observe("GET", "/api/v1/me", 200, 99.0)
    other.flush()
    other.flush()

    found = scraped(client)
    series = ("GET", "/api/v1/me", "2xx")
    assert found[("_bucket", *series, "0.01")] == 0
    assert found[("_bucket", *series, "0.025")] == 2
    assert found[("_bucket", *series, "30.0")] == 2
    assert found[("_bucket", *series, "+Inf")] == 3
    assert found[("_count", *series, "")] == 3
    assert found[("_sum", *series, "")] == pytest.approx(99.04)


def test_nothing_is_lost_while_redis_is_away(client, settings, monkeypatch):
    monkeypatch.setattr(broker, "PAUSE_SECONDS", 0)
    process, home = other_process(), settings.REDIS_URL
    process.observe("GET", "/api/v1/me", 200, 0.02)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    process.flush()
    process.observe("GET", "/api/v1/me", 200, 0.02)
    assert counts(client) == {}

    settings.REDIS_URL = home
    process.flush()

    assert counts(client) == {("GET", "/api/v1/me", "2xx"): 2}


def test_calls_at_once_are_all_counted(client):
    process = other_process()

    def call() -> None:
        for _ in range(2000):
            process.observe("GET", "/api/v1/me", 200, 0.02)

    at_once([call] * 4)
    process.flush()

    assert counts(client) == {("GET", "/api/v1/me", "2xx"): 8000}
