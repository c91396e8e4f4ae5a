"""Without the database every call is a clear 503 and nothing is stored."""

from contextlib import contextmanager
from itertools import product

import pytest
from django.db import connection
from django.test import Client

from config.observability import probes
from destinations.models import Destination, Event
from posts.models import IdempotencyRecord, Post
from tests.config.closed import closed_port
from tests.cuts import cut, demote, fall_silent
from tests.posts.conftest import put, refused

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def away(monkeypatch):
    """The database's port refuses connections, and no old connection is left."""
    with monkeypatch.context() as changed:
        changed.setitem(connection.settings_dict, "HOST", "127.0.0.1")
        changed.setitem(connection.settings_dict, "PORT", closed_port())
        connection.close()
        yield
    connection.close()


@contextmanager
def before(words, happens):
    """Something happens just before the first statement with these words.

    Yields a list that is empty once it has happened.
    """
    left = [happens]

    def execute(call, sql, values, many, context):
        if words in sql and left:
            left.pop()()
        return call(sql, values, many, context)

    with connection.execute_wrapper(execute):
        yield left


def test_without_the_database_a_post_is_refused_and_not_stored(ada, account, monkeypatch):
    with away(monkeypatch):
        response = ada.post("/posts", {"content": "Hi", "account_ids": [account.pk]})

    error = refused(response, 503, "service_unavailable")
    assert error["message"] == "Try again in a moment."
    assert (Post.objects.count(), Destination.objects.count()) == (0, 0)


LOST = ("FROM destinations_account", "INSERT INTO posts_post")
LOST_IN_A_TRANSACTION = ("INSERT INTO posts_post", "INSERT INTO posts_keptanswer")


@pytest.mark.parametrize(
    ("key", "words", "lose"),
    [
        *product([{}], LOST, [cut, demote]),
        *product([{"Idempotency-Key": "a"}], LOST_IN_A_TRANSACTION, [cut, demote, fall_silent]),
    ],
)
def test_a_connection_that_breaks_during_a_request_stores_nothing(ada, account, key, words, lose):
    with before(words, lose) as left:
        response = ada.post("/posts", {"content": "Hi", "account_ids": [account.pk]}, headers=key)

    refused(response, 503, "service_unavailable")
    assert_nothing_stored(left)


def assert_nothing_stored(left):
    assert not left
    connection.close()
    stored = (Post, Destination, Event, IdempotencyRecord)
    assert [model.objects.count() for model in stored] == [0, 0, 0, 0]


def test_every_endpoint_answers_503_and_recovers_with_the_database(ada, monkeypatch):
    content = b"\0" * 100
    facts = {"filename": "a.png", "content_type": "image/png", "size": len(content)}
    upload = ada.post("/media/upload", facts).json()["data"]
    paths = ["/posts", "/accounts", "/media"]

    with away(monkeypatch):
        for path in paths:
            refused(ada.get(path), 503, "service_unavailable")
        refused(put(upload, content, "image/png"), 503, "service_unavailable")
        assert Client().get("/healthz").status_code == 200
        probes._recent.forget()
        assert Client().get("/readyz").status_code == 503

    assert [ada.get(path).status_code for path in paths] == [200, 200, 200]
    assert put(upload, content, "image/png").status_code == 200
