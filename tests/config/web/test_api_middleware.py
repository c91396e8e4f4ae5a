"""Programs' requests pass a chain of their own, with the same protections as pages."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from tests.posts.conftest import ada, refused  # noqa: F401 - a fixture

HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


PATHS = ["/", "/api/v1/me", "/api/nothing", "/api/redoc", "/compat/api/v1/me", "/uploads/x"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_the_same_protecting_headers(db, path):
    response = Client().get(path)

    assert {name: response.headers[name] for name in HEADERS} == HEADERS
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Request-Id"].startswith("req_")


@pytest.mark.parametrize("path", ["/", "/api/v1/me", "/compat/api/v1/me", "/uploads/x"])
def test_every_request_must_name_our_host_and_be_encrypted(db, path):
    assert Client().get(path, headers={"Host": "evil.example"}).status_code == 400

    with override_settings(SECURE_SSL_REDIRECT=True):
        response = Client().get(path)
    assert (response.status_code, response.headers["Location"]) == (
        301,
        f"https://testserver{path}",
    )


@pytest.mark.parametrize("mount", ["/api/v1", "/compat/api/v1"])
def test_a_request_of_the_api_reads_no_session(ada, mount):  # noqa: F811 - a fixture
    ada = replace(ada, mount=mount)
    ada.client.force_login(User.objects.create_user("op"))
    before = Session.objects.get().expire_date

    with CaptureQueriesContext(connection) as captured:
        response = ada.get("/accounts")

    assert response.status_code == 200
    assert not response.cookies
    assert not any("django_session" in each["sql"] for each in captured)
    assert Session.objects.get().expire_date == before


@pytest.mark.parametrize("mount", ["/api/v1", "/compat/api/v1"])
def test_an_error_outside_of_views_is_in_the_envelope(ada, mount, monkeypatch):  # noqa: F811
    ada = replace(ada, mount=mount)

    def break_down(*_: object) -> None:
        raise ValueError("broken")

    monkeypatch.setattr("posts.api.throttling.auth.known_key", break_down)

    refused(ada.get("/accounts"), 500, "internal_error")
