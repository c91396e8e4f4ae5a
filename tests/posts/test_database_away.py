"""Without the database every call is a clear 503 and nothing is stored."""

from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client

from destinations.models import Destination
from posts.models import Post
from tests.config.closed import closed_port
from tests.cuts import cut, demote, fall_silent
from tests.factories import make_account
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


def before(words, happens):
    """Something happens just before the first statement with these words."""
    left = [happens]

    def execute(call, sql, values, many, context):
        if words in sql and left:
            left.pop()()
        return call(sql, values, many, context)

    return connection.execute_wrapper(execute)


def test_without_the_database_a_post_is_refused_and_not_stored(ada, monkeypatch):
    body = {"content": "Hi", "account_ids": [make_account(ada.workspace, "x").pk]}

    with away(monkeypatch):
        response = ada.post("/posts", body)

    error = refused(response, 503, "service_unavailable")
    assert error["message"] == "Try again in a moment."
    assert (Post.objects.count(), Destination.objects.count()) == (0, 0)


@pytest.mark.parametrize("table", ["posts_post", "destinations_event"])
@pytest.mark.parametrize("lose", [cut, demote, fall_silent])
def test_a_connection_that_breaks_during_a_request_stores_nothing(ada, table, lose):
    body = {"content": "Hi", "account_ids": [make_account(ada.workspace, "x").pk]}

    with before(f'INSERT INTO "{table}"', lose):
        response = ada.post("/posts", body)

    refused(response, 503, "service_unavailable")
    connection.close()
    assert (Post.objects.count(), Destination.objects.count()) == (0, 0)


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
        assert Client().get("/readyz").status_code == 503

    assert [ada.get(path).status_code for path in paths] == [200, 200, 200]
    assert put(upload, content, "image/png").status_code == 200
