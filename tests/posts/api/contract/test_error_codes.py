"""Every code that an error may have: its status, whether to try again, and that nothing is done."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError

from destinations.models import Account
from destinations.runtime import clock
from posts.models import ApiKey, Post, PostMedia
from tests.factories import make_account, make_post
from tests.posts.api.cases import cases
from tests.posts.api.contract.conftest import stored
from tests.posts.conftest import refused
from tests.posts.factories import FUTURE, make_media

SOON = datetime(2099, 1, 1, tzinfo=UTC)
PNG = {"filename": "a.png", "content_type": "image/png"}


@dataclass
class World:
    x: int
    scheduled: str
    published: str
    used: str
    uploading: str
    failed: str
    pdf: str


@pytest.fixture
def world(ada):
    workspace = ada.workspace
    account = make_account(workspace)
    scheduled = make_post(workspace, [account], scheduled_for=SOON)
    published = make_post(workspace, [account], due_at=None, status="published")
    Post.objects.filter(pk=published.pk).update(status="published")
    used = make_media(workspace)
    PostMedia.objects.create(post=scheduled, media=used, position=0)
    pdf = make_media(workspace, kind="document", content_type="application/pdf")
    return World(
        account.pk,
        scheduled.public_id,
        published.public_id,
        str(used.pk),
        str(make_media(workspace, status="uploading").pk),
        str(make_media(workspace, status="failed", error="Broken.").pk),
        str(pdf.pk),
    )


def filled(value: Any, world: World) -> Any:
    """The value, with `{names}` of the world in place of its ids."""
    if isinstance(value, dict):
        return {name: filled(each, world) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, world) for each in value]
    return value.format(**vars(world)) if isinstance(value, str) else value


#: Status, code, method, path, body; a body for /posts is added to one that would be taken.
CASES: list[tuple[int, str, str, str, Any]] = [
    (400, "validation_error", "POST", "/posts", {"content": 5}),
    (400, "validation_error", "POST", "/posts", {"account_ids": []}),
    (400, "validation_error", "GET", "/posts?limit=101", None),
    (400, "validation_error", "GET", "/posts?status=done", None),
    (400, "content_too_long", "POST", "/posts", {"content": "a" * 281}),
    (400, "past_schedule_time", "POST", "/posts", {"scheduled_at": "2020-01-01T00:00:00Z"}),
    (400, "invalid_timezone", "POST", "/posts", {"timezone": "Nowhere"}),
    (400, "invalid_accounts", "POST", "/posts", {"account_ids": [999999999]}),
    (400, "post_creation_failed", "POST", "/posts", {"media_ids": ["{pdf}"]}),
    (400, "bulk_limit_exceeded", "POST", "/posts/bulk", {"posts": [{}] * 51}),
    (400, "invalid_media", "POST", "/posts", {"media_ids": [str(uuid.UUID(int=1))]}),
    (400, "invalid_media", "POST", "/posts", {"media_ids": ["{uploading}"]}),
    (400, "invalid_media", "POST", "/posts", {"media_ids": ["{failed}"]}),
    (400, "invalid_media", "POST", "/media/{failed}/complete", None),
    (400, "unsupported_platform", "POST", "/auth/social-connect/start", {"platform": "myspace"}),
    (400, "missing_filter", "POST", "/posts/retry-failed", {}),
    (404, "not_found", "GET", "/posts/post_1", None),
    (404, "not_found", "GET", "/accounts/999999999", None),
    (404, "not_found", "GET", f"/media/{uuid.UUID(int=1)}", None),
    (404, "not_found", "GET", "/nothing", None),
    (405, "method_not_allowed", "PUT", "/posts", None),
    (413, "file_too_large", "POST", "/media/upload", {**PNG, "size": 10**9}),
    (409, "conflict", "PATCH", "/posts/{published}", {"content": "a"}),
    (409, "conflict", "POST", "/posts/{scheduled}/schedule", {"scheduled_for": FUTURE}),
    (409, "post_already_published", "DELETE", "/posts/{published}", None),
    (409, "media_in_use", "DELETE", "/media/{used}", None),
    (409, "upload_incomplete", "POST", "/media/{uploading}/complete", None),
]


def named(case: Any) -> str:
    status, code, method, path, _ = case
    return f"{status}-{code}-{method}-{path}"


@cases("case", CASES)
def test_error_code(ada, world, case):
    status, code, method, path, body = case
    if path == "/posts" and body:
        good = {"content": "Hi", "account_ids": [world.x], "scheduled_at": FUTURE}
        body = {**good, **body}
    before = stored()

    response = ada.call(method, filled(path, world), filled(body, world))

    error = refused(response, status, code)
    assert error["retryable"] is False
    assert error["message"]
    assert stored() == before


def test_error_code_invalid_json_is_of_a_body_that_cannot_be_parsed(ada):
    before = stored()

    error = refused(
        ada.post("/posts", data=b'{"content": ', content_type="application/json"),
        400,
        "invalid_json",
    )

    assert error["message"] == "The body is not valid JSON in UTF-8."
    assert stored() == before


@cases("name", ["media", "media_id", "mediaId", "attachments", "url"])
def test_error_code_invalid_field_name_hints_at_media_ids(ada, body, name):
    before = stored()

    error = refused(ada.post("/posts", {**body, name: []}), 400, "invalid_field_name")

    assert error["message"] == f"There is no field {name!r}; files are named in media_ids."
    assert stored() == before


def test_error_code_post_creation_failed_carries_validation_errors(ada, world):
    body = {"content": "Hi", "account_ids": [world.x], "media_ids": [world.pdf]}

    error = refused(ada.post("/posts", body), 400, "post_creation_failed")

    name = Account.objects.get(pk=world.x).name
    message = f"{name}: X does not take a document."
    assert error["message"] == message
    assert error["details"] == {
        "validation_errors": [{"account_id": world.x, "platform": "x", "message": message}]
    }


@cases("field", ["expires_at", "revoked_at"])
def test_error_code_unauthorized_is_of_a_key_that_has_ended(ada, field):
    assert ada.get("/posts").status_code == 200
    ApiKey.objects.update(**{field: clock.now() - timedelta(seconds=1)})

    response = ada.get("/posts")

    assert refused(response, 401, "unauthorized")["retryable"] is False
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_error_code_unsupported_media_type_is_of_a_file_from_an_address(ada, stranger, fetcher):
    address = stranger.gives("/a.html", b"<html></html>", Content_Type="text/html")
    before = stored()

    refused(ada.post("/media/upload-from-url", {"url": address}), 415, "unsupported_media_type")

    assert stored() == before


def test_error_code_rate_limit_exceeded_is_retryable_after_seconds(ada):
    ApiKey.objects.update(request_limits="1/min")
    assert ada.get("/posts").status_code == 200

    late = ada.get("/posts")

    assert refused(late, 429, "rate_limit_exceeded")["retryable"] is True
    assert 1 <= int(late.headers["Retry-After"]) <= 60


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RuntimeError("secret words"), 500, "internal_error"),
        (OperationalError("secret words"), 503, "service_unavailable"),
    ],
    ids=["internal_error", "service_unavailable"],
)
def test_error_code_of_what_went_wrong_here_is_retryable(
    ada, body, monkeypatch, error, status, code
):
    def breaks(*_, **__):
        raise error

    monkeypatch.setattr("posts.composing.destinations.place", breaks)
    before = stored()

    response = ada.post("/posts", body)

    assert refused(response, status, code)["retryable"] is True
    assert "secret words" not in response.content.decode()
    assert stored() == before
