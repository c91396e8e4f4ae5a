"""Idempotency-Key: the same request again gets its first answer and does nothing."""

import json

import pytest
from django.db import transaction

from destinations.jobs import forget
from platforms.oauth import App
from posts import tasks
from posts.api.idempotency import middleware, store
from posts.keys import keys
from posts.models import IdempotencyRecord, Post
from tests.factories import make_account
from tests.posts.api.cases import cases
from tests.posts.api.idempotency.requests import create, is_replay, rows, run_out, send, without_ids
from tests.posts.conftest import make_caller, refused
from tests.psql import psql

# What a repeat is answered


def test_a_repeat_has_a_request_id_of_its_own_and_the_log_tells_the_first_ones(ada, body, caplog):
    first, again = create(ada, body), create(ada, body)

    ids = [answer.json()["meta"]["request_id"] for answer in (first, again)]
    assert ids[0] != ids[1]
    assert ids[1] == again.headers["X-Request-Id"]
    (line,) = [r.msg for r in caplog.records if "answer_replayed" in str(r.msg)]
    assert (line["request_id"], line["first_request_id"]) == (ids[1], ids[0])


def test_a_refusal_is_repeated_with_its_headers(ada, body):
    wrong = {**body, "account_ids": [0]}
    first = create(ada, wrong)
    make_account(ada.workspace)

    again = create(ada, wrong)

    assert refused(again, 400, "invalid_accounts") == refused(first, 400, "invalid_accounts")
    assert is_replay(again)
    assert without_ids(again) == without_ids(first)
    assert again.headers["Content-Type"] == "application/json"


def test_what_was_not_there_stays_so_for_the_same_key(ada):
    first, again = (send(ada, "POST", "/posts/post_1/retry") for _ in range(2))

    refused(first, 404, "not_found")
    refused(again, 404, "not_found")
    assert is_replay(again)


def test_a_repeat_is_answered_though_the_post_has_changed(ada, body):
    first = create(ada, body)
    Post.objects.get().delete()

    assert without_ids(create(ada, body)) == without_ids(first)
    assert Post.objects.count() == 0


# What the same request is


def test_the_same_key_for_another_request_is_refused(ada, body):
    create(ada, body)
    path = f"/posts/{Post.objects.get().public_id}"
    before = rows()

    others = [
        ("POST", "/posts", {**body, "content": "Other"}),
        ("POST", "/posts?a=b", body),
        ("PATCH", path, body),
        ("DELETE", path, None),
        ("POST", "/media/upload", body),
    ]
    for method, other, said in others:
        refused(send(ada, method, other, said), 422, "idempotency_key_reused")

    assert rows() == before
    assert is_replay(create(ada, body))


def raw(caller, text):
    headers = {"Idempotency-Key": "one"}
    options = {"data": text, "content_type": "application/json"}
    return caller.call("POST", "/posts", headers=headers, **options)


def test_the_same_json_written_otherwise_is_the_same_request(ada, body):
    first = create(ada, body)
    turned = dict(reversed(body.items()))

    again = raw(ada, json.dumps(turned, indent=2).replace("Hi", "\\u0048i"))

    assert is_replay(again)
    assert again.json()["data"] == first.json()["data"]


@cases(
    ("one", "other"),
    [
        ('{"content": 1}', '{"content": 1.0}'),
        ('{"content": 1}', '{"content": true}'),
        ('{"account_ids": [1, 2]}', '{"account_ids": [2, 1]}'),
        ('{"content": "a", "content": "b"}', '{"content": "b"}'),
        ("{", "{ "),
        ("", "{}"),
    ],
)
def test_what_says_something_else_is_another_request(ada, one, other):
    assert raw(ada, one).status_code == 400

    refused(raw(ada, other), 422, "idempotency_key_reused")


def test_a_body_that_no_endpoint_takes_is_refused_as_without_a_key(ada, body):
    for bytes_ in (1_000_001, 3_000_000):
        text = json.dumps({**body, "content": "a" * bytes_})
        refused(raw(ada, text), 413, "file_too_large")

    assert Post.objects.count() == 0


# Whose key it is


@cases("method", ["PUT", "TRACE", "QUERY"])
def test_a_method_that_an_endpoint_does_not_have_is_refused_as_without_a_key(ada, body, method):
    create(ada, body)

    refused(send(ada, method, "/posts", body), 405, "method_not_allowed")

    assert IdempotencyRecord.objects.count() == 1


def test_another_callers_key_of_the_same_name_is_another_one(ada, bo, cy, body):
    theirs = {**body, "account_ids": [make_account(cy.workspace).pk]}

    answers = [create(ada, body), create(bo, body), create(cy, theirs)]

    assert [(answer.status_code, is_replay(answer)) for answer in answers] == [(201, False)] * 3
    assert Post.objects.count() == 3


def test_a_key_that_may_no_longer_call_is_not_told_what_it_was_answered(ada, body):
    create(ada, body)

    ada.key.scopes = ["read"]
    ada.key.save()
    refused(create(ada, body), 403, "insufficient_scope")
    keys.revoke(ada.key)
    refused(create(ada, body), 401, "unauthorized")


def test_who_may_not_write_leaves_nothing(ada, body):
    reader = make_caller(ada.workspace, "reader", ("read",))

    refused(create(reader, body), 403, "insufficient_scope")
    refused(create(reader, body, key="not a key"), 403, "insufficient_scope")

    assert IdempotencyRecord.objects.count() == 0


# Which keys are taken


@cases("key", ["", " ", "a b", "a\tb", "é", "\x7f", "a" * 256])
def test_a_key_that_is_not_visible_ascii_of_1_to_255_is_refused(ada, body, key):
    error = refused(create(ada, body, key), 400, "validation_error")

    assert error["details"]["validation_errors"][0]["field"] == "Idempotency-Key"
    assert (Post.objects.count(), IdempotencyRecord.objects.count()) == (0, 0)


@cases("key", ["a", '"!~', "a" * 255, "f0e1d2c3-7b6a-4958-8776-655443322110"])
def test_any_other_key_is_taken(ada, body, key):
    assert create(ada, body, key).status_code == 201
    assert is_replay(create(ada, body, key))


# How it is kept, and how long


def test_answers_are_kept_encrypted(ada, settings):
    settings.PLATFORM_APPS = {"x": App("app", "secret")}
    answer = send(ada, "POST", "/accounts/connect-link", {"platform": "x"})

    token = answer.json()["data"]["url"].rpartition("/")[2]
    assert answer.headers["Cache-Control"] == "no-store"
    assert token not in str(IdempotencyRecord.objects.values_list().get())


def test_answers_whose_time_is_over_are_deleted_in_batches(ada, body, monkeypatch):
    monkeypatch.setattr(forget, "BATCH", 2)
    for number in range(5):
        create(ada, body, key=str(number))
    run_out(store.LIFETIME)
    create(ada, body, key="new")

    tasks.forget_answers()

    assert IdempotencyRecord.objects.get().idempotency_key == "new"
    assert store.delete_expired() == 0


def test_a_large_answer_is_kept_only_if_its_work_must_not_be_done_twice(ada, body, monkeypatch):
    monkeypatch.setattr(middleware, "KEPT_BYTES", 10)

    send(ada, "POST", "/posts/import?dry_run=true", [{"content": "Hi", "draft": True}])
    assert IdempotencyRecord.objects.count() == 0
    create(ada, body)
    assert IdempotencyRecord.objects.count() == 1


def test_the_table_itself_refuses_a_second_answer(ada):
    named = store.NamedRequest(ada.key.pk, "one", "f" * 64)
    store.record(named, {"status": 201}, "req_1")

    with pytest.raises(store.StillRunning), transaction.atomic():
        store.record(named, {"status": 201}, "req_2")

    assert str(IdempotencyRecord.objects.get()) == "answer to req_1"


def test_a_key_that_is_deleted_takes_its_answers_along(ada, body):
    create(ada, body)

    ada.key.delete()

    assert IdempotencyRecord.objects.count() == 0


# What tests rely on


def test_the_transaction_of_a_test_may_idle_after_a_request(ada, body):
    """Else a machine that is busy between two requests would fail a test that has nothing wrong."""
    create(ada, body)

    assert psql("SHOW idle_in_transaction_session_timeout") == [("0",)]
