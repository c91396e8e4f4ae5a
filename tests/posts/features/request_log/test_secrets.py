"""No row holds what a caller could have as a secret, wherever it was put."""

import random
import string
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from posts.features.request_log import recorder
from posts.features.request_log.models import ApiRequest
from tests.posts.cases import apart
from tests.posts.conftest import announce, put
from tests.posts.factories import png

pytestmark = pytest.mark.django_db

SECRETS = (
    "pe_live_" + "0123456789abcdef" * 2,
    "EAAGm0PX4ZCpsBAPZCqSxyz0123456789",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "whsec_9f8e7d6c5b4a",
    "gAAAAABmZ0x0Y29kZQ==",
    "Bearer abcDEF123",
    "".join(random.Random(1).choices(string.ascii_letters + string.digits, k=40)),
)
PLACES = (
    "/api/v1/{}",
    "/api/{}/posts",
    "/api/v1/posts/{}",
    "/api/v1/posts/{}/results",
    "/api/v1/posts?api_key={}",
    "/api/v1/media?search={}",
    "/api/v1/nowhere?token={}",
    "/api/v1/accounts/{}/health",
    "/uploads/{}",
    "/uploads/{}/more",
    "/api//{}",
)


def everything_kept(recorder) -> str:
    recorder.flush()
    rows = ApiRequest.objects.values_list(*[f.attname for f in ApiRequest._meta.fields])
    return "\n".join(map(str, rows))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("method", ["GET", "POST", "BREW"])
def test_no_secret_of_a_path_or_a_query_is_kept(ada, recorder, place, method):
    for secret in SECRETS:
        ada.client.generic(
            method,
            place.format(quote(secret)),
            headers={"Authorization": f"Bearer {ada.secret}", "X-Request-Id": secret},
        )

    kept = everything_kept(recorder)
    assert ApiRequest.objects.count() == len(SECRETS)
    for secret in (*SECRETS, ada.secret):
        assert secret not in kept
        assert secret[12:] not in kept
        assert quote(secret) not in kept


def test_no_secret_of_a_header_or_a_body_is_kept(db, recorder):
    for secret in SECRETS:
        with apart(secret):
            Client(raise_request_exception=False).post(
                "/api/v1/posts",
                {"content": secret},
                "application/json",
                headers={
                    "Authorization": f"Bearer {secret}",
                    "Cookie": secret,
                    "User-Agent": secret,
                },
            )

            assert secret[12:] not in everything_kept(recorder)


def test_an_upload_url_is_kept_without_its_token(ada, recorder):
    data = announce(ada, png(), "image/png")
    put(data, png(), "image/png")

    kept = everything_kept(recorder)
    assert data["upload_url"].rpartition("/")[2] not in kept
    assert ApiRequest.objects.get(method="PUT").path == "/uploads/{token}"


@given(st.text(alphabet=string.ascii_letters + string.digits + "-_.=+%/", max_size=80))
def test_no_long_word_of_an_unknown_path_is_kept(text):
    kept = recorder.shown_path(f"/api/v1/{text}", "")

    for part in kept.split("/"):
        assert part == recorder.HIDDEN or len(part) <= 83
        assert (
            part == recorder.HIDDEN
            or part.startswith(("post_", "dest_"))
            or part.islower()
            or (not part.isalpha())
            or part == ""
        )


def test_a_mistyped_path_can_still_be_read():
    for path, shown in (
        ("/api/v1/post", "/api/v1/post"),
        ("/api/v2/posts/bulk-edit", "/api/v2/posts/bulk-edit"),
        ("/api/v1/posts/post_3fXkT9/", "/api/v1/posts/post_3fXkT9/"),
        ("/api/v1/accounts/17/helth", "/api/v1/accounts/17/helth"),
        ("/api/v1/Posts", "/api/v1/…"),
        ("/api/v1/a\x00b/\u2028", "/api/v1/…/…"),
    ):
        with apart(path, shown):
            assert recorder.shown_path(path, "") == shown


def test_a_route_reads_as_in_the_documentation():
    for route, shown in (
        ("api/v1/posts/<post:post_id>/results", "/api/v1/posts/{post_id}/results"),
        ("api/v1/me", "/api/v1/me"),
        ("^(?:api|uploads)(?:/|$)", ""),
        ("", ""),
    ):
        with apart(route, shown):
            assert recorder.route_template(route) == shown
