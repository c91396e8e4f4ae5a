"""Every endpoint that writes takes an Idempotency-Key; what time may change is not kept."""

import re
import uuid

import psycopg
import pytest
from django.urls import URLPattern, get_resolver
from rest_framework.views import APIView

from platforms.oauth import App
from posts.api.idempotency import store
from posts.api.idempotency.store import NamedRequest
from posts.models import IdempotencyRecord, Post
from tests.posts.api.cases import cases
from tests.posts.api.endpoints import UNKNOWN, methods
from tests.posts.api.idempotency import requests
from tests.posts.api.idempotency.requests import create, is_replay, rows, send, without_ids
from tests.posts.conftest import announce, put, refused
from tests.posts.factories import png
from tests.psql import psql


@pytest.mark.parametrize(
    "wanted",
    [
        requests.editing,
        requests.deleting,
        requests.retrying,
        requests.resolving,
        requests.announcing,
        requests.completing,
        requests.removing,
        requests.connecting,
        requests.reconnecting,
        requests.catching_up,
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


def test_what_changes_nothing_needs_no_key(ada, body):
    for _ in range(2):
        answers = [
            send(ada, "GET", "/posts", key="not a key"),
            send(ada, "POST", "/posts/validate", body, key="not a key"),
        ]
        assert [(each.status_code, is_replay(each)) for each in answers] == [(200, False)] * 2

    assert IdempotencyRecord.objects.count() == 0


def views(patterns, prefix=""):
    """(address, view) of everything that the REST framework answers."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if not isinstance(pattern, URLPattern):
            yield from views(pattern.url_patterns, route)
        elif issubclass(getattr(pattern.callback, "cls", object), APIView):
            yield route, pattern.callback


#: They change nothing, or take no API key, under which an answer would be kept.
NEED_NONE = {
    ("PUT", "/uploads/1"),
    *(
        ("POST", f"{mount}/{path}")
        for mount in ("/api/v1", "/compat/api/v1")
        for path in ("posts/validate", "posts/preview", "auth/device", "auth/device/token")
    ),
}


def test_every_endpoint_that_writes_takes_a_key(ada):
    writes = {
        (method, "/" + re.sub(r"<\w+:(\w+)>", lambda name: UNKNOWN.get(name[1], "1"), route))
        for route, view in views(get_resolver().url_patterns)
        for method in methods(view) - {"GET"}
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
    post = requests.scheduled(ada)
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


@cases("table", ["destinations_event", "posts_keptanswer"])
def test_what_went_wrong_on_our_side_leaves_nothing_and_is_done_again(ada, body, table):
    psql(BREAK.format(table))
    refused(create(ada, body), 500, "internal_error")
    assert sum(rows().values()) == 0

    psql(f"DROP TRIGGER break_down ON {table}")

    assert (create(ada, body).status_code, is_replay(create(ada, body))) == (201, True)
    assert Post.objects.count() == 1


def test_work_outside_a_transaction_that_went_wrong_is_done_again(ada, monkeypatch):
    method, path, _ = requests.completing(ada)
    with monkeypatch.context() as broken:
        broken.setattr("posts.media.inspection.inspect", lambda *_: 1 / 0)
        refused(send(ada, method, path), 500, "internal_error")

    answer = send(ada, method, path)
    assert (answer.status_code, answer.json()["data"]["status"]) == (200, "ready")
    assert is_replay(send(ada, method, path))


def test_bytes_that_are_missing_may_come_later(ada):
    data = announce(ada, png(), "image/png")
    path = f"/media/{data['media_id']}/complete"
    refused(send(ada, "POST", path), 409, "upload_incomplete")

    put(data, png(), "image/png")

    assert send(ada, "POST", path).status_code == 200


def test_a_lock_is_free_before_postgresql_notices_that_its_connection_was_closed(ada, monkeypatch):
    named, left_open = NamedRequest(ada.key.pk, "one", "GET /"), list[psycopg.Connection]()
    with monkeypatch.context() as slow:
        slow.setattr(psycopg.Connection, "close", lambda own: left_open.append(own))
        for _ in range(2):
            with store.lock_beside(named):
                pass

    assert len(left_open) == 2
    for each in left_open:
        each.close()
