"""An outage is a line at its beginning and one at its end."""

import time

import pytest
from django.db import OperationalError, connection
from structlog.testing import capture_logs

from destinations.runtime import availability
from destinations.runtime.availability import Availability
from posts.api import errors


def events(logs):
    return [each["event"] for each in logs]


def test_many_failures_are_two_lines():
    with capture_logs() as logs:
        outage = Availability("database_away", "database_back")
        for _ in range(957):
            outage.failed(OperationalError("no answer"))
        outage.succeeded(time.perf_counter())
        outage.succeeded(time.perf_counter())
        outage.failed(OperationalError("no answer"))

    assert events(logs) == ["database_away", "database_back", "database_away"]
    assert logs[0]["failure"] == "OperationalError: no answer"
    assert logs[1]["failures"] == 957
    assert not any("exc_info" in each for each in logs)


def test_what_began_before_a_failure_ends_nothing():
    outage, began = Availability("database_away", "database_back"), time.perf_counter()
    outage.failed(OperationalError("gone"))

    outage.succeeded(began)

    assert outage.is_away


def test_a_failure_long_after_the_last_one_is_told_again(monkeypatch):
    monkeypatch.setattr(availability, "SILENT_SECONDS", 0)
    outage = Availability("storage_away", "storage_back")
    with capture_logs() as logs:
        outage.failed(OSError("gone"))
        outage.failed(OSError("gone"))

    assert events(logs) == ["storage_away"] * 2


@pytest.fixture
def outage(monkeypatch):
    monkeypatch.setattr(availability, "database", Availability("database_away", "database_back"))
    return availability.database


def test_503s_of_the_api_write_no_traceback_each(ada, monkeypatch, outage, caplog):
    def away(*_: object, **__: object) -> None:
        raise OperationalError("the server is gone")

    with capture_logs() as logs:
        with monkeypatch.context() as broken:
            broken.setattr(connection, "cursor", away)
            broken.setattr(connection, "ensure_connection", away)
            statuses = {ada.get("/posts").status_code for _ in range(20)}
        assert ada.get("/posts").status_code == 200

    assert statuses == {503}
    told = [each for each in logs if each["log_level"] in ("error", "warning")]
    assert events(told) == ["database_away", "database_back"]
    assert not any(record.exc_info for record in caplog.records)


def test_503s_of_pages_write_no_traceback_each(client, db, monkeypatch, outage, caplog):
    client.raise_request_exception = False

    def away(*_: object, **__: object) -> None:
        raise OperationalError("the server is gone")

    with monkeypatch.context() as broken:
        broken.setattr(connection, "cursor", away)
        broken.setattr(connection, "ensure_connection", away)
        statuses = {
            client.post("/admin/login/", {"username": "ada", "password": "x"}).status_code
            for _ in range(3)
        }

    assert statuses == {503}
    assert outage.is_away
    assert not any(record.exc_info for record in caplog.records if record.name == "django.request")


def test_explaining_an_outage_tells_of_it(outage):
    assert errors.explain(OperationalError("gone")).code == "service_unavailable"
    assert outage.is_away
