"""A worker is woken by few messages, and nothing depends on them."""

import pytest
from celery import current_app
from django.db import connection, transaction
from redis.exceptions import ConnectionError as RedisConnectionError

from destinations.jobs.wake import Wake
from destinations.runtime import broker

TASK = "posts.import_posts"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sent(monkeypatch):
    found = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **how: found.append((name, how)))
    return found


def test_a_message_is_sent_once_the_change_is_committed(sent):
    with transaction.atomic():
        Wake(TASK).after_commit("image")
        assert sent == []
    assert sent == [(TASK, {"args": ("image",), "expires": 60, "retry": False})]

    with transaction.atomic():
        Wake(TASK).after_commit()
        transaction.set_rollback(True)
    assert len(sent) == 1


def test_a_pause_leaves_messages_out(sent):
    wake = Wake(TASK, pause_seconds=3600)

    for _ in range(20):
        wake.after_commit()

    assert len(sent) == 1


def test_a_broker_that_is_away_fails_no_change_and_is_left_alone_for_a_while(monkeypatch):
    asked = []

    def away(*_: object, **__: object) -> None:
        asked.append(1)
        raise RedisConnectionError("away")

    monkeypatch.setattr(current_app, "send_task", away)
    for _ in range(10):
        Wake(TASK).after_commit()

    assert (len(asked), broker._breaker.is_away) == (1, True)


def test_a_process_that_has_the_engine_sends_none(sent):
    wake, woken = Wake(TASK), []
    wake.served_by(lambda: woken.append(connection.in_atomic_block))

    with transaction.atomic():
        wake.after_commit()
        assert woken == []

    assert (woken, sent) == ([False], [])
