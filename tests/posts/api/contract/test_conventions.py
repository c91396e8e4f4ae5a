"""What holds for every call, row by row; what is asked of all of them is in `walk`."""

import hashlib
import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from destinations.runtime import clock
from posts.api.errors import STATUS
from posts.errors import RequestRefused
from posts.keys import keys
from posts.models import ApiKey, IdempotencyRecord, Post
from tests.factories import make_workspace
from tests.posts.api.idempotency.requests import create, is_replay, rows, run_out, without_ids
from tests.posts.conftest import Caller, make_caller, refused
from tests.posts.factories import FUTURE

SECOND = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
#: With the key, and the key in capitals.
NO_KEYS = (
    *(
        "",
        "Bearer",
        "Bearer ",
        "Basic {secret}",
        "{secret}",
        "Bearer {secret}0",
        "Bearer 0{secret}",
    ),
    *("Bearer 0{secret}", "Bearer {upper}", "Bearer {secret} {secret}", "Bearer \xff"),
    "Bearer pe_live_" + "0" * 32,
    "Bearer pe_live_" + "g" * 32,
    "Bearer pe_test_" + "0" * 32,
)


def test_key_format_is_anchored_and_anything_but_a_known_key_is_unauthorized(ada):
    known = {"secret": ada.secret, "upper": ada.secret.upper()}
    for header in NO_KEYS:
        sent = {"Authorization": header.format(**known)}

        answer = Client().get("/api/v1/posts", headers=sent)

        assert (header, answer.status_code) == (header, 401)
        refused(answer, 401, "unauthorized")
        assert answer["WWW-Authenticate"] == "Bearer", header


def test_key_format_is_pe_live_and_32_lowercase_hex(ada, bo):
    assert re.fullmatch(r"pe_live_[a-f0-9]{32}", ada.secret)
    assert ada.secret != bo.secret
    assert ada.get("/posts").status_code == 200


def test_key_visibility_is_a_prefix_after_its_creation(ada):
    response = ada.get("/me")

    shown = response.json()["data"]["api_key"]
    assert shown["key_prefix"] == ada.secret[:12]
    assert re.fullmatch(r"pe_live_[a-f0-9]{4}", shown["key_prefix"])
    assert re.fullmatch(SECOND, shown["last_used_at"])
    assert re.fullmatch(SECOND, shown["created_at"])
    assert shown["expires_at"] is None
    assert ada.secret not in response.content.decode()
    assert hashlib.sha256(ada.secret.encode()).hexdigest() not in response.content.decode()


def test_key_visibility_each_is_named_and_revoked_alone(ada, bo):
    assert [each.get("/me").json()["data"]["api_key"]["name"] for each in (ada, bo)] == [
        "Ada",
        "Bo",
    ]

    assert keys.revoke(ada.key)

    refused(ada.get("/posts"), 401, "unauthorized")
    assert bo.get("/posts").status_code == 200


def test_key_storage_is_the_sha256_of_the_whole_key_and_a_prefix(ada):
    row = ApiKey.objects.values().get()

    assert row["digest"] == hashlib.sha256(ada.secret.encode()).hexdigest()
    assert row["prefix"] == ada.secret[:12]
    assert ada.secret[12:] not in str(row)
    assert ApiKey._meta.get_field("digest").unique


def test_keys_per_organization_are_ten_and_the_eleventh_is_refused(ada):
    others = [make_caller(ada.workspace, str(n)) for n in range(9)]

    with pytest.raises(RequestRefused) as caught:
        keys.create(ada.workspace, "eleventh", ["read"])

    assert (caught.value.code, STATUS[caught.value.code]) == ("key_limit_reached", 409)
    assert ApiKey.objects.count() == 10
    assert [each.get("/posts").status_code for each in (ada, *others)] == [200] * 10
    assert make_caller(make_workspace("Elsewhere"), "first").get("/posts").status_code == 200
    assert keys.revoke(others[0].key)
    assert make_caller(ada.workspace, "eleventh").get("/posts").status_code == 200


def test_error_envelope_has_no_status_and_details_only_where_there_are_some(ada):
    without, having = ada.get("/posts/post_1").json(), ada.post("/posts", {}).json()

    assert list(without) == list(having) == ["data", "error", "meta"]
    assert without["data"] is having["data"] is None
    assert set(without["error"]) == {"message", "code", "retryable"}
    assert set(having["error"]) == {"message", "code", "retryable", "details"}
    assert having["error"]["details"]["validation_errors"][0] == {
        "field": "content",
        "message": "This field is required.",
    }
    assert set(without["meta"]) == set(having["meta"]) == {"request_id", "timestamp"}


def answers(caller: Caller, body: dict) -> list:
    """One of every kind: a list, what was made, and each way to be refused."""
    anonymous = Client().get("/api/v1/posts")
    return [
        caller.get("/posts"),
        caller.post("/posts", body),
        caller.post("/posts", {}),
        anonymous,
        caller.get("/posts/post_1"),
        caller.get("/nothing"),
        caller.call("PUT", "/posts"),
    ]


def test_request_id_is_in_every_answer_and_its_header(ada, body):
    found = answers(ada, body)

    ids = [answer.json()["meta"]["request_id"] for answer in found]
    assert [answer.status_code for answer in found] == [200, 201, 400, 401, 404, 404, 405]
    assert all(re.fullmatch(r"req_[a-z0-9]+", each) for each in ids)
    assert [answer.headers["X-Request-Id"] for answer in found] == ids
    assert len(set(ids)) == len(ids)


def test_every_answer_is_json(ada, body):
    kinds = {answer.headers["Content-Type"] for answer in answers(ada, body)}

    assert kinds == {"application/json"}


def test_timestamps_are_utc_in_seconds_and_that_of_meta_is_now(ada, body):
    before = datetime.now(UTC) - timedelta(seconds=1)

    for answer in answers(ada, body):
        text = answer.json()["meta"]["timestamp"]
        assert re.fullmatch(SECOND, text)
        assert before <= datetime.fromisoformat(text) <= datetime.now(UTC)


def test_timestamps_of_posts_are_utc_in_seconds(ada, body):
    ada.post("/posts", {**body, "scheduled_at": "2099-03-15T16:00:00.987654+02:00"})

    [post] = ada.get("/posts").json()["data"]

    assert post["scheduled_for"] == FUTURE
    for name in ("created_at", "updated_at"):
        assert re.fullmatch(SECOND, post[name])
        assert abs(clock.now() - datetime.fromisoformat(post[name])) < timedelta(minutes=1)


def test_ids_have_their_forms_and_are_never_shared(ada, ids, body):
    both = {**body, "account_ids": [*body["account_ids"], int(ids["account_id"])]}
    for _ in range(2):
        assert ada.post("/posts", both).status_code == 201

    posts = ada.get("/posts").json()["data"]
    details = [ada.get(f"/posts/{post['id']}").json()["data"] for post in posts]
    rows = [row for post in details for row in post["destinations"]]
    accounts = ada.get("/accounts").json()["data"]["accounts"]
    media = ada.get("/media").json()["data"]["media"]

    assert (len(posts), len(rows), len({row["id"] for row in rows})) == (3, 5, 5)
    assert all(re.fullmatch(r"post_[a-z0-9]+", post["id"]) for post in posts)
    assert all(re.fullmatch(r"dest_[a-z0-9]+", row["id"]) for row in rows)
    assert all(type(row["account_id"]) is int for row in rows)
    assert {row["account_id"] for row in rows} == {account["id"] for account in accounts}
    assert all(str(uuid.UUID(item["id"])) == item["id"] for item in media)
    assert len(media) == 1


def test_idempotency_key_is_honoured_with_the_first_answer_and_nothing_is_made_again(ada, body):
    first = create(ada, body)
    before = rows()

    again = create(ada, body)

    assert (first.status_code, is_replay(first), is_replay(again)) == (201, False, True)
    assert without_ids(again) == without_ids(first)
    assert (rows(), Post.objects.count()) == (before, 1)


def test_idempotency_key_is_honoured_for_24_hours(ada, body):
    create(ada, body)
    run_out(timedelta(hours=23, minutes=59))
    assert is_replay(create(ada, body))

    run_out(timedelta(minutes=1))
    other = {**body, "content": "Other"}

    assert [is_replay(create(ada, other)) for _ in range(2)] == [False, True]
    assert sorted(Post.objects.values_list("content", flat=True)) == ["Hi", "Other"]


def test_collapsing_of_an_identical_body_is_off_by_default(ada, body):
    assert [is_replay(ada.post("/posts", body)) for _ in range(2)] == [False, False]
    assert (Post.objects.count(), IdempotencyRecord.objects.count()) == (2, 0)


def test_scopes_are_held_one_or_more(ada):
    both = make_caller(ada.workspace, "both", ("read", "write"))

    assert both.get("/me").json()["data"]["scopes"] == ["read", "write"]
    assert both.get("/posts").status_code == 200
    refused(both.post("/posts", {}), 400, "validation_error")


def test_scope_write_does_not_imply_read(ada):
    writer = make_caller(ada.workspace, "writer", ("write",))

    refused(writer.get("/posts"), 403, "insufficient_scope")
    refused(writer.post("/posts", {}), 400, "validation_error")


def test_scope_is_asked_for_after_the_method(ada):
    reader = make_caller(ada.workspace, "reader", ("read",))

    refused(reader.call("PUT", "/posts"), 405, "method_not_allowed")
