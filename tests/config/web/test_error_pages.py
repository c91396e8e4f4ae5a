"""What a browser is shown when something is wrong; programs get the envelope."""

import re

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404
from django.test import Client

from config.web import documentation
from tests.posts.conftest import refused

BROWSER = Client(raise_request_exception=False)


def is_page(response, status: int, words: str) -> str:
    """A page of ours: styled, with the request's id, not cached, loading nothing."""
    text = response.content.decode()
    assert response.status_code == status, text
    assert words in text
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "same-origin"
    [nonce] = re.findall(r'<style nonce="([^"]+)">', text)
    assert f"'nonce-{nonce}'" in response.headers["Content-Security-Policy"]
    assert f"<code>{response.headers['X-Request-Id']}</code>" in text
    return text


@pytest.mark.parametrize("path", ["/nothing", "/admin/nothing", "/connect/x/y/z", "/static/none"])
def test_an_address_that_leads_nowhere_is_a_page(admin_client, path):
    is_page(admin_client.get(path), 404, "Page not found")


@pytest.mark.parametrize(
    ("path", "link"),
    [("/nothing", "/api/docs"), ("/admin/nothing", "/admin/"), ("/connect/x/y/z", None)],
)
def test_a_page_leads_developers_operators_and_owners_each_to_theirs(admin_client, path, link):
    text = is_page(admin_client.get(path), 404, "Page not found")

    assert re.findall(r'<a class="button" href="([^"]+)"', text) == ([link] if link else [])


def test_an_unknown_host_is_a_page(db):
    response = BROWSER.get("/admin/", headers={"Host": "evil.example"})

    is_page(response, 400, "cannot be understood")


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (SuspiciousOperation("secret words"), 400, "cannot be understood"),
        (PermissionDenied("secret words"), 403, "have no permission for this"),
        (Http404("secret words"), 404, "Page not found"),
        (RuntimeError("secret words"), 500, "on our side"),
        (OperationalError("secret words"), 503, "does not answer"),
    ],
)
@pytest.mark.parametrize("path", ["/", "/admin/login/", "/connect/abc"])
def test_what_breaks_is_a_page_that_tells_no_more(db, monkeypatch, path, error, status, words):
    def breaks(*_, **__):
        raise error

    for place in (
        "config.web.quickstart._written",
        "django.contrib.admin.sites.AdminSite.each_context",
        "destinations.accounts.links.open_link",
    ):
        monkeypatch.setattr(place, breaks)
    monkeypatch.setattr("config.web.quickstart._is_here", lambda _: True)

    text = is_page(BROWSER.get(path), status, words)

    assert "secret words" not in text


def test_a_database_that_is_away_is_a_503_for_programs_too(db, monkeypatch):
    def breaks(*_, **__):
        raise OperationalError("secret words")

    # Another test may have asked for it.
    documentation._written.cache_clear()
    monkeypatch.setattr("config.web.documentation.document", breaks)

    refused(BROWSER.get("/api/v1/openapi.json"), 503, "service_unavailable")


def test_a_form_without_its_token_is_a_page(admin_user):
    client = Client(enforce_csrf_checks=True)

    is_page(client.post("/admin/login/", {"username": "admin"}), 403, "has expired")


def test_error_pages_need_no_database():
    """A test without the `db` fixture fails at the first query."""
    is_page(BROWSER.get("/nothing"), 404, "Page not found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/", {"GET", "HEAD"}),
        ("DELETE", "/connect/abc", {"GET", "HEAD", "POST"}),
        ("POST", "/connect/x/return", {"GET"}),
        ("PUT", "/connect/1/choice", {"GET", "POST"}),
        ("POST", "/media/x.png", {"GET", "HEAD"}),
        ("GET", "/admin/logout/", {"POST", "OPTIONS"}),
    ],
)
def test_a_method_that_a_page_does_not_take_is_a_page(admin_client, method, path, allowed):
    response = admin_client.generic(method, path)

    text = is_page(response, 405, "does not accept this method")
    assert set(response.headers["Allow"].split(", ")) == allowed
    assert int(response.headers["Content-Length"]) == len(text.encode())


def test_a_file_of_the_pages_that_is_posted_to_is_a_page(db, settings):
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True

    response = Client().post("/static/dovecote/admin.css")

    is_page(response, 405, "does not accept this method")
    assert response.headers["Allow"] == "GET, HEAD"


def test_a_405_keeps_what_else_the_answer_had(admin_client):
    response = admin_client.get("/admin/logout/")

    assert "dovecote_session" in response.cookies
    assert "Cookie" in response.headers["Vary"]


def test_the_apis_405_stays_in_the_envelope(db):
    for path in ("/api/v1/openapi.json", "/api/docs", "/uploads/x"):
        response = BROWSER.patch(path)
        refused(response, 405, "method_not_allowed")
        assert "PATCH" not in response.headers["Allow"]


@pytest.mark.parametrize(
    "address",
    [
        "/connect/%00/return",
        "/connect/%00",
        "/connect/x/return?state=%00&error=a%00b",
        "/media/a%00b.jpg?signature=1",
        "/static/%00.css",
        "/admin/destinations/account/?platform=%00",
        "/admin/%00/",
        "/?%00",
        "/%00",
    ],
)
def test_a_null_character_in_an_address_is_a_bad_request(admin_client, address):
    is_page(admin_client.get(address), 400, "cannot be understood")
