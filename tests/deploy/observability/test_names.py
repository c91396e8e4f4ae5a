"""Prometheus' rules, Grafana's board and KEDA's triggers name only what a real scrape has."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml
from django.core.cache import cache
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from config.observability import api_calls
from config.queue.routing import ALL
from destinations.dispatch.restoring import restore_detector
from destinations.models import Attempt, OutcomeCount, Pause
from destinations.state.attempts import NO_FAILURES
from destinations.statistics import counting
from destinations.statistics.counting import Refresh
from platforms.errors import CODES
from tests import programs
from tests.deploy.conftest import ROOT
from tests.deploy.kubernetes.rendering import of_kind
from tests.destinations.statistics.attempt_factories import end, make, move, start
from tests.factories import make_account, make_workspace

FOLDER = ROOT / "deploy/observability"
ALERTS = yaml.safe_load((FOLDER / "alerts.yml").read_text())
PROMETHEUS = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
BOARD = json.loads((FOLDER / "dovecote-dashboard.json").read_text())

RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
#: What a value that an expression compares a label with must be one of.
VALUES = {
    "queue": set(ALL),
    "kind": {*OutcomeCount.Kind.values, "worker", "uploader", "variant", "fetch"},
    "code": {"", *NO_FAILURES, *CODES},
    "scope": set(Pause.Scope.values),
    "quantile": {"0.5", "0.99"},
    "status": {"2xx", "4xx", "5xx"},
    "job": {job["job_name"] for job in PROMETHEUS["scrape_configs"]},
}
SELECTOR = re.compile(r"\b(dovecote_\w+|up)\b(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)(?:=~|!~|!=|=)"([^"]*)"')


Expressions = list[tuple[str, str]]


def expressions() -> Iterator[tuple[str, str]]:
    """(where, expression) of every rule, panel and variable."""
    for rule in RULES:
        yield rule["alert"], rule["expr"]
    for panel in PANELS:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for variable in BOARD["templating"]["list"]:
        if variable["type"] == "query":
            yield (
                variable["name"],
                re.sub(r"label_values\((\w+), (\w+)\)", r"\1", variable["query"]),
            )


EXPRESSIONS = list(expressions())


def triggers() -> Expressions:
    """(where, expression) of what KEDA asks."""
    return [
        (name, trigger["metadata"]["query"])
        for name, scaled in of_kind("operators", "ScaledObject").items()
        for trigger in scaled["spec"]["triggers"]
    ]


@pytest.fixture
def scraped(client, settings, monkeypatch, db) -> dict[str, set[str]]:
    """Every sample of an installation at which everything has happened once, with its labels."""
    settings.METRICS_TOKEN = "scraper"
    end(start(make()), "succeed", "published")
    unconfirmed = start(make())
    end(unconfirmed, "mark_unconfirmed", "")
    move("check_again", unconfirmed, {"due_at": timezone.now(), "lookups": 1})
    make_account(make_workspace(), held_until=timezone.now() + timedelta(hours=1))
    make_account(make_workspace(), needs_reconnection_since=timezone.now())
    at = timezone.now()
    Attempt.objects.create(
        destination=unconfirmed, number=9, wanted_at=at, started_at=at, unmapped=True
    )
    counting.count_refreshes([Refresh("x")])
    monkeypatch.setattr(api_calls, "HASH", f"{api_calls.HASH}:of-a-test")
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        server.hset(api_calls.HASH, "/api/v1/posts GET 2xx 0.1", 1)
    counting.run()
    cache.set(restore_detector.TICK_KEY, at.isoformat())
    answer = client.get("/metrics", headers={"Authorization": "Bearer scraper"})
    # Prometheus makes `up` itself.
    found: dict[str, set[str]] = defaultdict(set, up={"job", "instance"})
    for family in text_string_to_metric_families(answer.content.decode()):
        for sample in family.samples:
            found[sample.name] |= set(sample.labels)
    return found


def labels_of(scraped: dict[str, set[str]], expression: str) -> set[str]:
    """Every label that a metric of an expression has."""
    names = {name for name, _ in SELECTOR.findall(expression)}
    return set().union(*(scraped.get(name, set()) for name in names))


def grouped_by(expression: str) -> set[str]:
    groups = re.findall(r"\bby \(([^)]*)\)", expression)
    return {label.strip() for group in groups for label in group.split(",")}


def unknown_names(scraped: dict[str, set[str]], asked: Expressions) -> list[tuple[str, str, Any]]:
    """Metrics and labels of expressions that a scrape does not have."""
    unknown: list[tuple[str, str, Any]] = []
    for where, expression in asked:
        for name, matchers in SELECTOR.findall(expression):
            labels = {label for label, _ in MATCHER.findall(matchers)}
            if name not in scraped or not labels <= scraped[name]:
                unknown.append((where, name, labels))
        if not grouped_by(expression) <= labels_of(scraped, expression):
            unknown.append((where, expression, grouped_by(expression)))
        assert SELECTOR.search(expression), where
    return unknown


def unknown_values(asked: Expressions) -> list[tuple[str, str, str]]:
    """What expressions compare labels with, and no label ever is."""
    return [
        (where, label, value)
        for where, expression in asked
        for _, matchers in SELECTOR.findall(expression)
        for label, values in MATCHER.findall(matchers)
        for value in values.split("|")
        if value != "$platform" and not any(re.fullmatch(value, each) for each in VALUES[label])
    ]


def test_every_metric_label_and_value_of_an_expression_exists(scraped):
    assert unknown_names(scraped, EXPRESSIONS) == []
    assert unknown_values(EXPRESSIONS) == []


@pytest.mark.needs("kustomize")
def test_every_metric_label_and_value_that_scaling_asks_for_exists(scraped):
    asked = triggers()

    assert asked
    assert unknown_names(scraped, asked) == []
    assert unknown_values(asked) == []


def test_what_an_alert_says_names_labels_that_it_has(scraped):
    runbook = (ROOT / "deploy/RUNBOOK.md").read_text()
    for rule in RULES:
        said = " ".join(rule["annotations"].values())
        known = grouped_by(rule["expr"]) or labels_of(scraped, rule["expr"])
        assert set(re.findall(r"\$labels\.(\w+)", said)) <= known, rule["alert"]
        assert rule["labels"]["severity"] in ("page", "ticket"), rule["alert"]
        assert {"summary", "description"} <= set(rule["annotations"]), rule["alert"]
        assert f"`{rule['alert']}`" in runbook


def test_what_a_legend_shows_is_a_label_of_its_series(scraped):
    for panel in PANELS:
        for target in panel["targets"]:
            known = grouped_by(target["expr"]) or labels_of(scraped, target["expr"])
            shown = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            assert shown <= known, panel["title"]


def test_every_metric_of_ours_is_shown_or_watched(scraped):
    """Histograms by their buckets. `attempts_recent` is what the counters replaced."""
    named = {name for _, expression in EXPRESSIONS for name, _ in SELECTOR.findall(expression)}
    ours = {re.sub(r"_(sum|count)$", "_bucket", name) for name in scraped}

    assert ours - named == {"dovecote_attempts_recent"}


def test_panels_do_not_overlap():
    taken: set[tuple[int, int]] = set()
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells


def test_prometheus_scrapes_web_with_the_token_and_reads_the_rules():
    (job,) = PROMETHEUS["scrape_configs"]
    compose = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())

    assert job["metrics_path"] == "/metrics"
    assert job["authorization"]["type"] == "Bearer"
    assert [target.split(":")[0] for target in job["static_configs"][0]["targets"]] == ["web"]
    assert "web" in compose["services"]
    assert all((FOLDER / name).exists() for name in PROMETHEUS["rule_files"])


def test_every_rule_has_what_prometheus_reads():
    assert all({"alert", "expr", "labels", "annotations"} <= set(rule) for rule in RULES)


@pytest.mark.needs("promtool")
@pytest.mark.parametrize(
    "command",
    [
        ("check", "rules", "alerts.yml"),
        ("check", "config", "--syntax-only", "prometheus.yml"),
        ("test", "rules", str(Path(__file__).with_name("alerts_test.yml"))),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_promtool_accepts(command):
    checked = programs.run([programs.found("promtool"), *command], cwd=FOLDER)
    assert checked.returncode == 0, checked.stdout + checked.stderr
