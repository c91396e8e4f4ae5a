"""Requests that schemathesis makes of an operation: such as fit the OpenAPI document, and others.

The shapes of answers are closed: a field that is sent and not described is found too.
"""

import json
import uuid
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase
from schemathesis.checks import CHECKS, not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.feedback import NO_FEEDBACK
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.specs.openapi import checks as rules

from config.wsgi import application
from platforms.registry import BY_FORM
from posts.api.idempotency import middleware
from tests.posts.api.endpoints import Endpoint
from tests.posts.api.walk import described
from tests.posts.world import make_world

Test = Callable[[Any], None]
#: What holds of any answer to any request.
SHAPE = [
    not_a_server_error,
    rules.status_code_conformance,
    rules.content_type_conformance,
    rules.response_headers_conformance,
    rules.response_schema_conformance,
]
#: That a key is needed is asked of every operation without so many requests.
ALL = [check for check in CHECKS.get_all() if check is not rules.ignored_auth]
#: Of networks that take credentials: those that are not ours, and ours with none that are right.
REFUSED = ("connect_credential", *(f"connect_{key}" for key in BY_FORM))


def send(
    endpoint: Endpoint, mount: str, test: Test, *, most: int, coverage: bool = False, seed: int = 1
) -> None:
    """Test this many random requests. With `coverage` each field gets its limits in turn, too: a
    hundred requests."""
    wanted = hypothesis.settings(
        database=None,
        max_examples=most,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )

    def each(case: Any) -> None:
        test(case)

    schema = _schema(mount, _expected(endpoint), coverage)
    built = build_operation_test(
        config=schema.config,
        operation=schema[f"{mount}{endpoint.described_path}"][endpoint.method],
        test_func=wanted(each),
        given_kwargs={},
        feedback=NO_FEEDBACK,
    )
    hypothesis.seed(seed)(built)()


@cache
def _schema(mount: str, checks: str, coverage: bool) -> Any:
    config: dict[str, Any] = {
        "generation": {"with-security-parameters": False},
        "checks": json.loads(checks),
        "phases": {"coverage": {"enabled": coverage}, "examples": {"enabled": coverage}},
    }
    found = schemathesis.openapi.from_dict(
        described.of(mount).document, config=schemathesis.Config.from_dict(config)
    )
    found.app = application
    return found


def _expected(endpoint: Endpoint) -> str:
    """How valid requests, and such as are not, may be answered where that is not the usual."""
    operation = endpoint.operation()
    name, taken, refused = operation["operationId"], "2xx", []
    if name == "create_posts":
        # Each is for itself: one that is wrong does not keep the others from being made.
        taken, refused = "2xx 400 413 422", ["207"]
    elif name == "import_posts":
        # A dry run says which rows would be refused.
        taken, refused = "2xx 400 413 422", ["200", "207"]
    elif name == "upload_from_url":
        # Whether there is a file at an address, and of a type that is taken.
        taken = "2xx 400 403 413 415"
    elif name in REFUSED:
        taken = "400"
    elif _means_more(operation):
        taken = "2xx 400 403 404 409 413 422"
    else:
        return "{}"
    expected = {"positive_data_acceptance": {"expected-statuses": taken.split()}}
    if refused:
        usual = ["400", "401", "413", "415", "422"]
        expected["negative_data_rejection"] = {"expected-statuses": [*refused, *usual]}
    return json.dumps(expected)


def _means_more(operation: dict[str, Any]) -> bool:
    """Whether what is sent has more to it than its shape: accounts that are there, times ahead.

    Such a request may be refused; that the example of a body is not is tested with bodies.
    """
    free = [
        each
        for each in operation["parameters"]
        if each["in"] == "query"
        and set(each["schema"]) <= {"type", "default"}
        and each["schema"]["type"] == "string"
    ]
    depends = operation["operationId"] == "get_analytics_summary"  # `from` on `to` and `period`
    return "requestBody" in operation or bool(free) or depends


def about(case: Any, world: dict[str, str]) -> Any:
    """The case about what there is, unless its ids are meant to be wrong; with a fresh
    Idempotency-Key, if it has one: a used one is refused or replayed."""
    path = case.meta.components.get(ParameterLocation.PATH)
    if path is None or path.mode.is_positive:
        case.path_parameters = {name: world[name] for name in case.path_parameters or {}}
    name = (case.headers or {}).get(middleware.HEADER)
    if isinstance(name, str) and middleware.NAME.fullmatch(name):
        case.headers[middleware.HEADER] = uuid.uuid4().hex
    return case


def checks(case: Any, wanted: list[Any]) -> list[Any]:
    """Without one; a query whose value is empty is none, which no description of values can say."""
    is_empty = "" in (case.query or {}).values()
    return [each for each in wanted if not (is_empty and each is rules.negative_data_rejection)]


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Requests inside the test's transaction: as for Django's own test client."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def world(ada, settings, one_connection, ai_provider, unlimited, simulator) -> dict[str, str]:
    return make_world(ada.workspace, settings)
