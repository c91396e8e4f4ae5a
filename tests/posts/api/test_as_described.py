"""Every operation does what the OpenAPI document says, for all that schemathesis sends.

Requests that fit the description and requests that do not, with a key and without one. The shapes
of answers are closed for these tests: a field that is sent and not described is found too.
"""

import copy
import os
import uuid
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, not_a_server_error
from schemathesis.specs.openapi import checks as rules

from config.web.documentation import document
from config.wsgi import application
from posts.api.idempotency import middleware
from tests.posts.factories import make_world

#: More are tried by, for instance, AS_DESCRIBED_EXAMPLES=500.
EXAMPLES = int(os.environ.get("AS_DESCRIBED_EXAMPLES", "10"))


def means_more(operation: dict[str, Any]) -> bool:
    """Whether what is sent has more to it than its shape: accounts that are there, times ahead.

    Such a request may be refused; that the example of a body is not is tested with bad input.
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


MEANT = [
    operation["operationId"]
    for methods in document()["paths"].values()
    for operation in methods.values()
    if means_more(operation)
    and operation["operationId"] not in ("create_posts", "import_posts", "upload_from_url")
]
REFUSED = ["connect_credential", "connect_bluesky", "connect_telegram", "connect_discord"]
ALL = CHECKS.get_all()  # the import of `rules` has registered those of OpenAPI
#: What holds of any answer to any request.
SHAPE = [
    not_a_server_error,
    rules.status_code_conformance,
    rules.content_type_conformance,
    rules.response_headers_conformance,
    rules.response_schema_conformance,
]
CONFIG: dict[str, Any] = {
    "generation": {
        "deterministic": True,
        "database": "none",
        "no-shrink": True,
        "with-security-parameters": False,
    },
    "operations": [
        {
            "include-operation-id": MEANT,
            "checks": {
                "positive_data_acceptance": {
                    "expected-statuses": ["2xx", "400", "403", "404", "409", "413", "422"]
                }
            },
        },
        {
            # Each is for itself: one that is wrong does not keep the others from being made.
            "include-operation-id": ["create_posts"],
            "checks": {
                "positive_data_acceptance": {"expected-statuses": ["2xx", "400", "413", "422"]},
                "negative_data_rejection": {
                    "expected-statuses": ["207", "400", "401", "413", "415", "422"]
                },
            },
        },
        {
            # A dry run says which rows would be refused.
            "include-operation-id": ["import_posts"],
            "checks": {
                "positive_data_acceptance": {"expected-statuses": ["2xx", "400", "413", "422"]},
                "negative_data_rejection": {
                    "expected-statuses": ["200", "207", "400", "401", "413", "415", "422"]
                },
            },
        },
        {
            # Of networks that take credentials, and none is ours.
            "include-operation-id": REFUSED,
            "checks": {"positive_data_acceptance": {"expected-statuses": ["400"]}},
        },
        {
            # Whether there is a file at an address, and of a type that is taken.
            "include-operation-id": ["upload_from_url"],
            "checks": {
                "positive_data_acceptance": {
                    "expected-statuses": ["2xx", "400", "403", "413", "415"]
                }
            },
        },
    ],
}


def closed(described: dict[str, Any]) -> dict[str, Any]:
    """The document, in which no answer has a field that it does not name."""
    found = copy.deepcopy(described)
    for shape in found["components"]["schemas"].values():
        if "properties" in shape:
            shape.setdefault("additionalProperties", False)
    return found


def operations(*, coverage: bool) -> Any:
    """Every operation. With `coverage` each field gets its limits in turn: a hundred requests."""
    config = {**CONFIG, "phases": {"coverage": {"enabled": coverage}}}
    found = schemathesis.openapi.from_dict(
        closed(document()), config=schemathesis.Config.from_dict(config)
    )
    found.app = application
    return found


@pytest.fixture
def one_connection():
    """Requests inside the test's transaction: as for Django's own test client."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def world(ada, settings, one_connection, ai_provider, unlimited):
    return make_world(ada.workspace, settings)


def with_new_key(case):
    """The case with a fresh Idempotency-Key, if it has one: a used one is refused or replayed."""
    name = (case.headers or {}).get(middleware.HEADER)
    if isinstance(name, str) and middleware.NAME.fullmatch(name):
        case.headers[middleware.HEADER] = uuid.uuid4().hex
    return case


def checks(case):
    """All checks; a query whose value is empty is none, which no description of values can say."""
    is_empty = "" in (case.query or {}).values()
    return [check for check in ALL if not (is_empty and check is rules.negative_data_rejection)]


MANY = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@operations(coverage=False).parametrize()
@MANY
def test_every_operation_answers_as_described(case, ada, world):
    with_new_key(case).call_and_validate(
        headers={"Authorization": f"Bearer {ada.secret}"}, checks=checks(case)
    )


@operations(coverage=True).parametrize()
@MANY
def test_every_operation_answers_as_described_about_what_there_is(case, ada, world):
    case.path_parameters = {name: world[name] for name in case.path_parameters or {}}
    with_new_key(case).call_and_validate(
        headers={"Authorization": f"Bearer {ada.secret}"}, checks=checks(case)
    )


@operations(coverage=False).parametrize()
@MANY
def test_without_a_key_every_operation_says_so_as_described(case, world):
    answer = case.call_and_validate(checks=SHAPE)
    is_open = not case.operation.definition.raw.get("security")
    assert is_open or answer.status_code in (401, 404, 405)
