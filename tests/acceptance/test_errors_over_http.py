"""Refusals and answers over a real connection."""

import re
import socket
from typing import Any

import httpx
import pytest

from posts.models import ApiKey, Media, Post
from tests.factories import make_workspace
from tests.posts.conftest import make_caller
from tests.posts.factories import make_media

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def caller(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make_caller(make_workspace(), "Ada")


@pytest.fixture
def http(live_server, caller):
    headers = {"Authorization": f"Bearer {caller.secret}"}
    with httpx.Client(base_url=live_server.url, headers=headers, timeout=60) as client:
        yield client


JSON = {"Content-Type": "application/json"}
PNG = {"filename": "a.png", "content_type": "image/png"}
#: One of each place that refuses; every code there is: tests/posts/api/contract.
CASES: list[tuple[int, str, str, str, dict[str, Any]]] = [
    (400, "validation_error", "GET", "/posts?limit=0", {}),
    (400, "invalid_json", "POST", "/posts", {"content": "{", "headers": JSON}),
    (401, "unauthorized", "GET", "/posts", {"headers": {"Authorization": "Bearer no"}}),
    (404, "not_found", "GET", "/posts/post_1", {}),
    (404, "not_found", "POST", "/posts/", {"json": {}}),
    (404, "not_found", "GET", "", {}),
    (405, "method_not_allowed", "OPTIONS", "/posts", {}),
    (413, "file_too_large", "POST", "/media/upload", {"json": {**PNG, "size": 10**9}}),
    (415, "unsupported_media_type", "POST", "/posts", {"content": "a=b"}),
]


def assert_refused(response: httpx.Response, status: int, code: str) -> None:
    body = response.json()
    assert (response.status_code, body["error"]["code"]) == (status, code), (response.url, body)
    assert response.headers["Content-Type"] == "application/json"
    assert set(body) == {"data", "error", "meta"}
    assert body["data"] is None
    assert {"message", "code", "retryable"} <= set(body["error"])
    assert set(body["error"]) <= {"message", "code", "retryable", "details"}
    assert body["error"]["retryable"] is (status >= 500)
    assert body["meta"]["request_id"] == response.headers["X-Request-Id"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", body["meta"]["timestamp"])
    assert ("WWW-Authenticate" in response.headers) is (status == 401)


def test_a_refusal_has_its_code_and_the_envelope(http):
    for status, code, method, path, sent in CASES:
        assert_refused(http.request(method, f"/api/v1{path}", **sent), status, code)
        counts = Post.objects.count(), Media.objects.count(), ApiKey.objects.count()
        assert counts == (0, 0, 1), path


def test_an_answer_is_json_for_any_accept_header(http):
    for accept in ("text/html", "application/xml", "*/*", "nonsense"):
        response = http.get("/api/v1/accounts", headers={"Accept": accept})
        assert (response.status_code, response.json()["data"]) == (200, {"accounts": []})


def test_a_bug_is_a_retryable_500_that_says_nothing(http, caller):
    media = make_media(caller.workspace)
    Media.objects.update(status="uploading", content_type="of/no-kind-we-write")

    response = http.post(f"/api/v1/media/{media.pk}/complete")

    assert_refused(response, 500, "internal_error")
    assert "of/no-kind" not in response.text


def test_an_unknown_host_gets_json_too(http):
    response = http.get("/api/v1/posts", headers={"Host": "evil.example"})

    assert_refused(response, 400, "validation_error")


def test_the_api_describes_itself_without_a_key(http):
    document = http.get("/api/v1/openapi.json", headers={"Authorization": ""}).json()
    page = http.get("/api/docs", headers={"Authorization": ""})

    assert document["openapi"].startswith("3.0")
    assert {"/api/v1/posts", "/api/v1/accounts", "/api/v1/media/upload"} <= set(document["paths"])
    assert page.status_code == 200
    assert "cdn" not in page.text


def test_an_upload_that_breaks_off_leaves_nothing(http, live_server, settings, tmp_path):
    settings.PUBLIC_URL = live_server.url
    data = http.post("/api/v1/media/upload", json={**PNG, "size": 10}).json()["data"]
    url = httpx.URL(data["upload_url"])
    head = f"PUT {url.path} HTTP/1.1\r\nHost: {url.host}\r\nContent-Length: 10\r\n"

    with socket.create_connection((url.host, url.port), timeout=10) as wire:
        wire.sendall(f"{head}Content-Type: image/png\r\n\r\n12345".encode())
        wire.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: wire.recv(65536), b""))

    assert b" 409 " in answer.partition(b"\r\n")[0]
    assert b"upload_incomplete" in answer
    assert Media.objects.get().storage_key == ""
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
