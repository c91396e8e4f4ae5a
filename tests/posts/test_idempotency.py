"""Idempotency-Key: the same request again gets its first answer and does nothing."""

import json
import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.urls import URLPattern, get_resolver
from rest_framework.views import APIView

from destinations.models import Connection, Destination, Event
from platforms.oauth import App
from posts import idempotency, keys, tasks
from posts.models import KeptAnswer, Media, Post
from tests.factories import make_account, make_post
from tests.posts.conftest import announce, make_caller, make_media, png, put, refused

FUTURE = "2099-03-15T14:00:00Z"


@pytest.fixture
def x(ada):
    return make_account(ada.workspace, "x")


@pytest.fixture
def body(x):
    return {"content": "Hi", "account_ids": [x.pk], "scheduled_at": FUTURE}


def send(caller, method, path, body=None, key="one", **headers):
    return caller.call(method, path, body, headers={"Idempotency-Key": key, **headers})


def create(caller, body, key="one"):
    return send(caller, "POST", "/posts", body, key)


def rows() -> dict[str, int]:
    models = (Post, Destination, Event, Media, Connection, KeptAnswer)
    return {model.__name__: model.objects.count() for model in models}


def is_replay(answer) -> bool:
    return answer.headers.get("Idempotent-Replayed") == "true"


def without_ids(answer) -> tuple:
    """All of an answer that a repeat has in common with the first one."""
    own = {"X-Request-Id", "Idempotent-Replayed"}
    headers = {name: value for name, value in answer.headers.items() if name not in own}
    return answer.status_code, headers, {**answer.json(), "meta": None}


def run_out(by):
    """As if so much time had passed."""
    KeptAnswer.objects.update(expires_at=F("expires_at") - by)


# What a repeat is answered


def test_a_repeat_gets_the_first_answer_and_makes_nothing(ada, body):
    first = create(ada, body)
    before = rows()

    again = create(ada, body)

    assert (first.status_code, is_replay(first), is_replay(again)) == (201, False, True)
    assert without_ids(again) == without_ids(first)
    assert (rows(), Post.objects.count()) == (before, 1)


def test_a_repeat_has_a_request_id_of_its_own_and_the_log_tells_the_first_ones(ada, body, caplog):
    first, again = create(ada, body), create(ada, body)

    ids = [answer.json()["meta"]["request_id"] for answer in (first, again)]
    assert ids[0] != ids[1]
    assert ids[1] == again.headers["X-Request-Id"]
    (line,) = [r.msg for r in caplog.records if "answer_replayed" in str(r.msg)]
    assert (line["request_id"], line["first_request_id"]) == (ids[1], ids[0])


def _scheduled(ada):
    account = make_account(ada.workspace)
    post = make_post(ada.workspace, [account], scheduled_for=idempotency.clock.now())
    post.destinations.update(due_at=None)
    return post


def _failed(ada, code):
    post = make_post(ada.workspace, [make_account(ada.workspace)], due_at=None)
    post.destinations.update(status="failed", attempts=1, error="No.", error_code=code)
    return post


def _editing(ada):
    return "PATCH", f"/posts/{_scheduled(ada).public_id}", {"content": "Other"}


def _deleting(ada):
    return "DELETE", f"/posts/{_scheduled(ada).public_id}", None


def _retrying(ada):
    return "POST", f"/posts/{_failed(ada, 'content_rejected').public_id}/retry", None


def _resolving(ada):
    post = _failed(ada, "outcome_unknown")
    row = post.destinations.get().public_id
    return (
        "POST",
        f"/posts/{post.public_id}/destinations/{row}/resolve",
        {"outcome": "not_published"},
    )


def _announcing(ada):
    facts = {"filename": "a.png", "content_type": "image/png", "size": 5}
    return "POST", "/media/upload", facts


def _completing(ada):
    data = announce(ada, png(), "image/png")
    assert put(data, png(), "image/png").status_code == 200
    return "POST", f"/media/{data['media_id']}/complete", None


def _removing(ada):
    return "DELETE", f"/media/{make_media(ada.workspace).pk}", None


def _connecting(ada):
    return "POST", "/accounts/connect-link", {"platform": "x"}


def _reconnecting(ada):
    return "POST", f"/accounts/{make_account(ada.workspace).pk}/reconnect", None


def _catching_up(ada):
    row = _failed(ada, "account_needs_reconnection").destinations.get()
    return "POST", f"/accounts/{row.account_number}/retry-missed", None


@pytest.mark.parametrize(
    "wanted",
    [
        _editing,
        _deleting,
        _retrying,
        _resolving,
        _announcing,
        _completing,
        _removing,
        _connecting,
        _reconnecting,
        _catching_up,
    ],
)
def test_every_write_done_again_gets_its_first_answer(ada, settings, wanted):
    settings.PLATFORM_APPS = {"x": App("app", "secret")}
    method, path, body = wanted(ada)
    first = send(ada, method, path, body)
    assert first.status_code < 300, first.json()
    before = rows()

    again = send(ada, method, path, body)

    assert is_replay(again)
    assert without_ids(again) == without_ids(first)
    assert rows() == before


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


@pytest.mark.parametrize(
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

    assert KeptAnswer.objects.count() == 0


# Which keys are taken


@pytest.mark.parametrize("key", ["", " ", "a b", "a\tb", "é", "\x7f", "a" * 256])
def test_a_key_that_is_not_visible_ascii_of_1_to_255_is_refused(ada, body, key):
    error = refused(create(ada, body, key), 400, "validation_error")

    assert error["details"]["validation_errors"][0]["field"] == "Idempotency-Key"
    assert (Post.objects.count(), KeptAnswer.objects.count()) == (0, 0)


@pytest.mark.parametrize("key", ["a", '"!~', "a" * 255, "f0e1d2c3-7b6a-4958-8776-655443322110"])
def test_any_other_key_is_taken(ada, body, key):
    assert create(ada, body, key).status_code == 201
    assert is_replay(create(ada, body, key))


def test_what_changes_nothing_needs_no_key(ada, body):
    for _ in range(2):
        answers = [
            send(ada, "GET", "/posts", key="not a key"),
            send(ada, "POST", "/posts/validate", body, key="not a key"),
        ]
        assert [(each.status_code, is_replay(each)) for each in answers] == [(200, False)] * 2

    assert KeptAnswer.objects.count() == 0


def views(patterns, prefix=""):
    """(address, view) of everything that the REST framework answers."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if not isinstance(pattern, URLPattern):
            yield from views(pattern.url_patterns, route)
        elif issubclass(getattr(pattern.callback, "view_class", object), APIView):
            yield route, pattern.callback.view_class


#: They change nothing, or the address is the right to write, any number of times.
NEED_NONE = {("POST", "/api/v1/posts/validate"), ("PUT", "/uploads/1")}


def test_every_endpoint_that_writes_takes_a_key(ada):
    writes = {
        (method, "/" + re.sub(r"<[^>]+>", "1", route))
        for route, view in views(get_resolver().url_patterns)
        for method in ("POST", "PUT", "PATCH", "DELETE")
        if hasattr(view, method.lower())
    }
    headers = {"Authorization": f"Bearer {ada.secret}", "Idempotency-Key": "not a key"}
    deaf = set()
    for method, path in writes:
        answer = ada.client.generic(method, path, headers=headers)
        if "Idempotency-Key" not in answer.content.decode():
            deaf.add((method, path))

    assert len(writes) > 10
    assert deaf == NEED_NONE


# What is not kept


def test_a_conflict_is_over_when_the_other_has_done(ada):
    post = _scheduled(ada)
    path = f"/posts/{post.public_id}"
    post.destinations.update(claim=uuid.uuid4())
    refused(send(ada, "PATCH", path, {"content": "Other"}), 409, "conflict")

    post.destinations.update(claim=None)

    assert send(ada, "PATCH", path, {"content": "Other"}).status_code == 200
    assert Post.objects.get().content == "Other"


BREAK = """
CREATE FUNCTION break_down() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$;
CREATE TRIGGER break_down BEFORE INSERT ON {} EXECUTE FUNCTION break_down()
"""


def run_sql(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("table", ["destinations_event", "posts_keptanswer"])
def test_what_went_wrong_on_our_side_leaves_nothing_and_is_done_again(ada, body, table):
    run_sql(BREAK.format(table))
    refused(create(ada, body), 500, "internal_error")
    assert sum(rows().values()) == 0

    run_sql(f"DROP TRIGGER break_down ON {table}")

    assert (create(ada, body).status_code, is_replay(create(ada, body))) == (201, True)
    assert Post.objects.count() == 1


def test_work_outside_a_transaction_that_went_wrong_is_done_again(ada):
    method, path, _ = _completing(ada)
    Media.objects.update(content_type="of/no-kind-we-write")
    refused(send(ada, method, path), 500, "internal_error")

    Media.objects.update(content_type="image/png")

    answer = send(ada, method, path)
    assert (answer.status_code, answer.json()["data"]["status"]) == (200, "ready")
    assert is_replay(send(ada, method, path))


def test_bytes_that_are_missing_may_come_later(ada):
    data = announce(ada, png(), "image/png")
    path = f"/media/{data['media_id']}/complete"
    refused(send(ada, "POST", path), 409, "upload_incomplete")

    put(data, png(), "image/png")

    assert send(ada, "POST", path).status_code == 200


# How it is kept, and how long


def test_after_24_hours_the_same_key_is_a_new_one(ada, body):
    create(ada, body)
    run_out(timedelta(hours=23, minutes=59))
    assert is_replay(create(ada, body))

    run_out(timedelta(minutes=1))
    other = {**body, "content": "Other"}

    assert [is_replay(create(ada, other)) for _ in range(2)] == [False, True]
    assert sorted(Post.objects.values_list("content", flat=True)) == ["Hi", "Other"]


def test_answers_are_kept_encrypted(ada, settings):
    settings.PLATFORM_APPS = {"x": App("app", "secret")}
    answer = send(ada, "POST", "/accounts/connect-link", {"platform": "x"})

    token = answer.json()["data"]["url"].rpartition("/")[2]
    assert answer.headers["Cache-Control"] == "no-store"
    assert token not in str(KeptAnswer.objects.values_list().get())


def test_answers_whose_time_is_over_are_deleted_in_batches(ada, body, monkeypatch):
    monkeypatch.setattr(idempotency, "BATCH", 2)
    for number in range(5):
        create(ada, body, key=str(number))
    run_out(idempotency.KEPT_FOR)
    create(ada, body, key="new")

    tasks.forget_answers()

    assert KeptAnswer.objects.get().idempotency_key == "new"
    assert idempotency.forget() == 0


def test_a_key_that_is_deleted_takes_its_answers_along(ada, body):
    create(ada, body)

    ada.key.delete()

    assert KeptAnswer.objects.count() == 0
