"""Where the compatibility mount is, and that all which holds for the API holds for it."""

import uuid

import pytest
from django.test.utils import override_settings

from config.web.documentation import COMPAT, document
from posts import rate_windows
from tests.factories import make_account, make_post
from tests.posts.api.cases import cases
from tests.posts.conftest import refused

HOST = "compat.example"
#: The addresses of both mounts.
PREFIXES = ["", "/compat"]
#: Where each one's pages lead to the other's.
OTHER = {"": "/compat", "/compat": ""}


@pytest.fixture(autouse=True)
def _host():
    hosts = [HOST, "testserver"]
    with override_settings(COMPAT_HOSTS=frozenset({HOST}), ALLOWED_HOSTS=hosts):
        yield


@cases("host", [HOST, f"{HOST}:8443", HOST.upper()])
def test_a_host_of_its_own_has_the_mounts_shape_at_the_usual_address(ada, compat, host):
    make_post(ada.workspace, [make_account(ada.workspace)])

    there = ada.get("/posts", headers={"Host": host}).json()

    assert there["data"] == compat.get("/posts").json()["data"]
    assert there["error"] is None


def test_other_hosts_keep_the_reference_mount(ada):
    found = ada.get("/posts").json()

    assert found["data"] == []
    assert "error" not in found


def test_a_host_that_is_not_allowed_gets_no_mount(ada):
    assert ada.get("/posts", headers={"Host": "evil.example"}).status_code == 400


def test_every_success_says_that_there_is_no_error(compat):
    answer = compat.get("/platform-rules").json()

    assert list(answer) == ["data", "error", "meta"]
    assert answer["error"] is None


def test_errors_have_the_same_envelope(compat):
    refused(compat.get("/nothing"), 404, "not_found")
    refused(compat.call("PUT", "/posts"), 405, "method_not_allowed")
    refused(compat.post("/posts", {}), 400, "validation_error")


@cases("path", ["/compat", "/compat/", "/compat/api", "/compat/api/v2/me"])
def test_an_address_beside_it_is_no_endpoint(db, client, path):
    response = client.get(path)

    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"


def test_requests_there_count_against_the_same_limits(ada, compat, settings):
    settings.RATE_LIMITS = {
        "requests": rate_windows.parse("60/min"),
        "posts": rate_windows.parse("none"),
    }
    left = int(ada.get("/me").headers["X-RateLimit-Remaining"])

    assert int(compat.get("/me").headers["X-RateLimit-Remaining"]) == left - 1


def test_an_answer_is_replayed_in_the_shape_of_its_mount(ada, compat):
    body = {"content": "Hello", "draft": True}
    named = {"Idempotency-Key": uuid.uuid4().hex}
    first = compat.post("/posts", body, headers=named)

    again = compat.post("/posts", body, headers=named)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json()["data"] == first.json()["data"]
    # A program that changed mounts is told, rather than answered in a shape that it does not know.
    refused(ada.post("/posts", body, headers=named), 422, "idempotency_key_reused")
    at_the_host = ada.post("/posts", body, headers={**named, "Host": HOST})
    assert at_the_host.json()["data"] == first.json()["data"]


@cases("prefix", PREFIXES)
def test_each_mount_shows_its_own_document(db, client, prefix):
    found = client.get(f"{prefix}/api/v1/openapi.json").json()

    assert f"{prefix}/api/v1/posts" in found["paths"]
    assert all(path.startswith(f"{prefix}/api/v1/") for path in found["paths"])
    for page in ("docs", "redoc"):
        shown = client.get(f"{prefix}/api/{page}")
        assert f'"{prefix}/api/v1/openapi.json"' in shown.content.decode()
        assert f'href="{OTHER[prefix]}/api/docs"' in shown.content.decode()
        assert "script-src 'self'" in shown.headers["Content-Security-Policy"]


def test_the_host_of_its_own_shows_the_document_with_its_addresses(db, client):
    found = client.get("/api/v1/openapi.json", headers={"Host": HOST}).json()

    assert found["components"] == document(COMPAT)["components"]
    assert "/api/v1/posts" in found["paths"]


def test_both_documents_have_the_same_operations():
    def operations(found):
        return {
            each["operationId"]: (name, method)
            for name, its in found["paths"].items()
            for method, each in its.items()
        }

    there = operations(document(COMPAT))

    assert {
        name: (f"/compat{path}", method) for name, (path, method) in operations(document()).items()
    } == there


@pytest.mark.parametrize("name", ["get_post", "list_posts", "create_post", "get_platform_rules"])
def test_every_success_is_described_with_a_null_error(name):
    answer = "".join(word.title() for word in name.split("_")) + "Answer"
    shape = document(COMPAT)["components"]["schemas"][answer]

    assert shape["required"] == ["data", "error", "meta"]
    assert "error" not in document()["components"]["schemas"][answer]["required"]
