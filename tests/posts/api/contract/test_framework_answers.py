"""Everything below /api answers in the envelope, also the framework itself."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404
from django.test import Client
from rest_framework import exceptions

from config.urls import urlpatterns
from posts.api import routing
from tests.posts.api.cases import cases
from tests.posts.api.endpoints import UNKNOWN, methods
from tests.posts.conftest import refused

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "BREW")


def paths() -> dict[str, set[str]]:
    """Every path of the URL map below /api, and what may be done there."""
    found = {}
    for route, pattern in flat(urlpatterns):
        if route.startswith("api/"):
            path = re.sub(r"<\w+:(\w+)>", lambda name: UNKNOWN[name[1]], f"/{route}")
            found[path] = methods(pattern.callback)
    return found


def flat(patterns: Iterable[Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Each route of the URL map as a whole, with its pattern."""
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if inner := getattr(pattern, "url_patterns", None):
            yield from flat(inner, route)
        else:
            yield route, pattern


def test_405_of_every_method_that_is_not_there_is_in_the_envelope(ada, settings):
    settings.KEY_CACHE_SECONDS = 60
    headers = {"Authorization": f"Bearer {ada.secret}"}
    for path, allowed in paths().items():
        for method in set(METHODS) - allowed - {"HEAD"}:
            answer = ada.client.generic(method, path, headers=headers)

            assert (path, method, answer.status_code) == (path, method, 405)
            refused(answer, 405, "method_not_allowed")
            told = set(answer.headers["Allow"].split(", ")) - {"HEAD", "OPTIONS"}
            assert (path, told) == (path, allowed)


#: As an address of its own, below one, and with ids that are none.
NO_PATHS = (
    *("/api", "/api/", "/api/v1", "/api/v1/", "/api/v2/posts", "/api/docs/"),
    *("/api/v1/posts/a/b/c", "/api/v1/%00", "/api/v1/%ff%fe", "/api/../api/nothing"),
    *("/uploads/a/b", "/api/v1/posts/bulk-schedule", "/api/v1/posts/1"),
    *("/api/v1/posts/post_1/publish", "/api/v1/auth/social-connect/myspace"),
    *("/api/v1/accounts/1a/health", "/api/v1/media/1"),
)


def test_404_of_every_path_that_is_not_there_is_in_the_envelope(db):
    for path in NO_PATHS:
        for method in ("GET", "POST", "DELETE", "BREW"):
            answer = Client().generic(method, path)

            assert (path, method, answer.status_code) == (path, method, 404)
            refused(answer, 404, "not_found")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RuntimeError("secret words"), 500, "internal_error"),
        (KeyError("secret words"), 500, "internal_error"),
        (RecursionError("secret words"), 500, "internal_error"),
        (OperationalError("secret words"), 503, "service_unavailable"),
        (Http404("secret words"), 404, "not_found"),
        (PermissionDenied(), 403, "insufficient_scope"),
        (exceptions.APIException("secret words"), 500, "internal_error"),
        (SuspiciousOperation("secret words"), 500, "internal_error"),
    ],
)
@pytest.mark.parametrize(
    "place", ["posts.api.views.me.key_of", "posts.api.throttling.rate_limits.take"]
)
def test_every_500_and_503_is_in_the_envelope_and_tells_no_more(
    ada, monkeypatch, place, error, status, code
):
    def breaks(*_, **__):
        raise error

    monkeypatch.setattr(place, breaks)

    response = ada.get("/me")

    if place.endswith("take") and code != "service_unavailable":
        status, code = response.status_code, response.json()["error"]["code"]
        assert status in (400, 403, 404, 500)
    refused(response, status, code)
    assert "secret words" not in response.content.decode()


@cases("path", ["/api/v1/posts", "/api/docs", "/api/nothing", "/uploads/a"])
def test_400_of_an_unknown_host_is_in_the_envelope(db, path):
    refused(Client().get(path, headers={"Host": "evil.example"}), 400, "validation_error")


def test_500_of_a_page_that_breaks_is_in_the_envelope(db, monkeypatch):
    monkeypatch.setattr("config.web.documentation._written", lambda *_: 1 / 0)

    response = Client(raise_request_exception=False).get("/api/v1/openapi.json")

    refused(response, 500, "internal_error")


@cases(
    ("path", "what"),
    [
        ("/posts/1", "post"),
        ("/posts/post_/approval", "post"),
        ("/posts/abc/share-links/def", "post"),
        ("/posts/post_1/share-links/def", "link"),
        ("/accounts/1a/health", "account"),
        ("/media/1", "file"),
        ("/calendar-feeds/9/rotate", "calendar feed"),
        ("/posts/1/publish", "endpoint"),
        ("/posts/post_1/publish", "endpoint"),
    ],
)
def test_an_id_of_another_form_is_told_from_an_address_that_is_none(ada, path, what):
    error = refused(ada.get(path), 404, "not_found")
    assert error["message"] == f"There is no such {what}."


def test_every_kind_of_id_has_a_word_of_its_own(ada):
    """Each is in a path of the API, and its word is what an answer for an unknown one says."""
    in_paths = {kind for route, _ in flat(urlpatterns) for kind in re.findall(r"<(\w+):", route)}
    assert set(routing._PATTERNS) <= in_paths
