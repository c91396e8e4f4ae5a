import uuid
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from structlog.testing import capture_logs

from destinations.models import Destination
from posts.features.request_log import recorder as module
from posts.features.request_log.models import ApiRequest
from posts.keys import keys
from tests.destinations.admin.action_steps import text
from tests.posts.cases import apart
from tests.posts.conftest import refused
from tests.posts.features.request_log.conftest import a_call

pytestmark = pytest.mark.django_db


def rows(recorder) -> list[ApiRequest]:
    recorder.flush()
    return list(ApiRequest.objects.order_by("id"))


def row(recorder) -> ApiRequest:
    [found] = rows(recorder)
    return found


@pytest.fixture
def away(monkeypatch):
    """Writes of the log fail as they do without a database, while `is_on`."""

    class Away:
        is_on = True

    real = module.insert

    def insert(calls):
        if Away.is_on:
            raise OperationalError("connection refused")
        real(calls)

    monkeypatch.setattr(module, "insert", insert)
    monkeypatch.setattr("destinations.runtime.broker.PAUSE_SECONDS", 0)
    return Away


def test_a_request_is_kept_with_its_key_workspace_route_time_and_id(ada, recorder):
    before = timezone.now()
    answer = ada.get("/posts?search=word")

    kept = row(recorder)
    assert (kept.method, kept.route, kept.path) == ("GET", "/api/v1/posts", "/api/v1/posts")
    assert (kept.status, kept.error_code) == (200, "")
    assert kept.request_id == answer.headers["X-Request-Id"]
    assert (kept.api_key, kept.key_prefix, kept.workspace) == (
        ada.key,
        ada.key.prefix,
        ada.workspace,
    )
    assert kept.duration_ms > 0
    assert abs(kept.at - before) < timedelta(minutes=1)


def test_a_path_with_an_id_is_kept_beside_the_pattern_of_its_route(ada, recorder, ids):
    ada.get(f"/posts/{ids['post_id']}/results")

    kept = row(recorder)
    assert kept.route == "/api/v1/posts/{post_id}/results"
    assert kept.path == f"/api/v1/posts/{ids['post_id']}/results"


def test_a_refused_request_is_kept_with_its_code(ada, recorder):
    for call, status, code in (
        (lambda ada: ada.get("/posts/post_0"), 404, "not_found"),
        (lambda ada: ada.post("/posts", {"content": 5}), 400, "validation_error"),
        (lambda ada: ada.call("PUT", "/posts"), 405, "method_not_allowed"),
        (lambda ada: ada.get("/nowhere"), 404, "not_found"),
        (
            lambda ada: ada.post("/posts", {}, headers={"Idempotency-Key": "a b"}),
            400,
            "validation_error",
        ),
    ):
        with apart(call, status, code):
            refused(call(ada), status, code)

            kept = row(recorder)
            assert (kept.status, kept.error_code, kept.api_key) == (status, code, ada.key)


def test_a_request_over_its_limit_is_kept_with_its_key(ada, recorder):
    ada.key.request_limits = "1/h"
    ada.key.save()
    for _ in range(2):
        ada.get("/me")

    _, kept = rows(recorder)
    assert (kept.status, kept.error_code, kept.api_key) == (429, "rate_limit_exceeded", ada.key)


def test_a_request_with_an_unknown_key_is_kept_without_key_and_secret(ada, recorder):
    stranger = "pe_live_" + "ab" * 16
    ada.secret = stranger
    refused(ada.get("/me"), 401, "unauthorized")
    ada.secret = "EAAGm0PX4ZCpsBAPZ"
    refused(ada.get("/me"), 401, "unauthorized")

    ours, foreign = rows(recorder)
    assert (ours.api_key, ours.workspace, ours.key_prefix) == (None, None, "pe_live_abab")
    assert (foreign.error_code, foreign.key_prefix) == ("unauthorized", "")


def test_a_revoked_key_is_named_so_that_its_user_can_be_told(ada, recorder):
    keys.revoke(ada.key)
    refused(ada.get("/me"), 401, "unauthorized")

    assert row(recorder).api_key == ada.key


def test_an_outage_of_the_database_keeps_requests_until_it_is_back(ada, recorder, away):
    ada.get("/me")
    assert rows(recorder) == []
    ada.get("/me")
    assert rows(recorder) == []

    away.is_on = False

    assert len(rows(recorder)) == 2


def test_what_does_not_fit_is_dropped_counted_and_reported(ada, recorder, away, monkeypatch):
    monkeypatch.setattr(module, "CAPACITY", 3)
    answers = []
    for _ in range(5):
        answers.append(ada.get("/me").status_code)
        recorder.flush()

    away.is_on = False
    with capture_logs() as lines:
        assert len(rows(recorder)) == 3
    assert answers == [200] * 5
    assert [line for line in lines if line["event"] == "requests_not_logged"] == [
        {"event": "requests_not_logged", "count": 2, "log_level": "warning"}
    ]


def test_a_row_that_no_database_takes_stops_no_later_one(ada, recorder):
    recorder.add(a_call(method="X" * 100, api_key=ada.key.pk))
    with capture_logs() as lines:
        recorder.flush()
    assert [line["event"] for line in lines] == ["requests_not_logged"]

    ada.get("/me")

    assert row(recorder).method == "GET"


def test_callers_without_a_key_cannot_fill_the_log(ada, recorder, monkeypatch):
    monkeypatch.setattr(module, "UNLIMITED_CAPACITY", 2)
    for _ in range(5):
        recorder.add(a_call(status=401))
    for _ in range(5):
        recorder.add(a_call(status=429, api_key=ada.key.pk))
    for _ in range(5):
        recorder.add(a_call(api_key=ada.key.pk))

    assert len(rows(recorder)) == 2 + 5
    recorder.add(a_call(status=401))
    assert len(rows(recorder)) == 2 + 5
    monkeypatch.setattr(module, "UNLIMITED_SECONDS", 0)
    recorder.add(a_call(status=401))
    assert len(rows(recorder)) == 2 + 5 + 1


def test_a_key_that_was_deleted_meanwhile_breaks_nothing(recorder):
    recorder.add(a_call(api_key=uuid.uuid4(), workspace=uuid.uuid4()))

    assert row(recorder).status == 200


def test_rows_of_one_flush_are_one_statement(ada, recorder):
    for _ in range(50):
        recorder.add(a_call(api_key=ada.key.pk))
    statements = []

    def look(run, sql, *rest):
        statements.append(sql)
        return run(sql, *rest)

    with connection.execute_wrapper(look):
        recorder.flush()

    # COPY passes the connection without the wrapper.
    assert not [sql for sql in statements if "INSERT" in sql]
    assert len(statements) <= 3
    assert ApiRequest.objects.count() == 50


def test_no_request_is_kept_where_the_setting_says_so(ada, recorder, settings):
    settings.REQUEST_LOG_DAYS = 0
    ada.get("/me")

    assert rows(recorder) == []


def test_what_a_request_made_leads_back_to_the_request(ada, account, admin_client, recorder):
    body = {"content": "Hello", "account_ids": [account.pk], "scheduled_at": "2099-01-01T10:00:00Z"}
    made = ada.post("/posts", body)
    recorder.flush()
    destination = Destination.objects.get()

    page = text(admin_client.get(f"/admin/destinations/destination/{destination.pk}/change/"))

    url = f"/admin/posts/apirequest/?q={made.headers['X-Request-Id']}"
    assert page.count(url) == 2
    [found] = admin_client.get(url).context["cl"].result_list
    assert (found.path, found.status) == ("/api/v1/posts", 201)
