"""Which scheduled posts were changed is remembered in Redis as long as it matters."""

import uuid
from datetime import timedelta
from unittest.mock import Mock

import pytest
import redis
from django.conf import settings
from structlog.testing import capture_logs

from destinations.dispatch import changes
from destinations.runtime import clock
from destinations.runtime.broker import CircuitBreaker
from destinations.runtime.redis_client import client

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _a_memory(db, monkeypatch):
    monkeypatch.setattr(changes, "_breaker", CircuitBreaker())
    server = client(settings.REDIS_URL)
    server.delete(changes.SINCE_KEY)
    changes.remember_from_now()
    yield
    server.delete(changes.SINCE_KEY)


def test_a_change_is_known_until_the_latest_of_the_posts_former_times():
    post, now = uuid.uuid4(), clock.now()

    changes.note({post: now + 9 * DAY})
    changes.note({post: now + 2 * DAY})

    assert post in (changes.since(clock.now()) or ())
    assert timedelta(seconds=client(settings.REDIS_URL).ttl(f"{changes.KEY}{post}")) > 9 * DAY


def test_many_changes_are_all_found():
    posts = [uuid.uuid4() for _ in range(2 * changes.PAGE + 1)]

    changes.note(dict.fromkeys(posts, clock.now()))

    assert set(posts) <= (changes.since(clock.now()) or {}).keys()


def test_what_was_before_the_memory_is_unknown():
    assert changes.since(clock.now() - DAY) is None


def test_nothing_is_known_once_redis_was_emptied():
    changes.note({uuid.uuid4(): clock.now()})
    client(settings.REDIS_URL).delete(changes.SINCE_KEY)

    assert changes.since(clock.now()) is None


def test_a_change_is_made_while_redis_is_away_and_the_next_one_does_not_wait(monkeypatch):
    asked = []

    def away(url: str) -> None:
        asked.append(url)
        raise redis.ConnectionError

    monkeypatch.setattr(changes, "client", away)
    with capture_logs() as logs:
        changes.note({uuid.uuid4(): clock.now()})
        changes.note({uuid.uuid4(): clock.now()})

    assert len(asked) == 1
    assert [each["event"] for each in logs] == ["change_not_remembered"]


def test_what_was_missed_while_redis_was_away_is_not_called_known(monkeypatch):
    before = clock.now()
    assert changes.since(before) is not None
    monkeypatch.setattr("destinations.runtime.broker.PAUSE_SECONDS", 0)
    with monkeypatch.context() as away:
        away.setattr(changes, "client", Mock(side_effect=redis.ConnectionError))
        changes.note({uuid.uuid4(): clock.now()})

    changes.note({uuid.uuid4(): clock.now()})

    assert changes.since(before) is None
    assert changes.since(clock.now()) is not None


def test_a_redis_that_was_restarted_may_lack_the_last_changes():
    before = clock.now()
    assert changes.since(before) is not None
    client(settings.REDIS_URL).set(changes.RUN_KEY, "of an earlier run")

    changes.remember_from_now()

    assert changes.since(before) is None
    changes.remember_from_now()
    assert changes.since(clock.now()) is not None


def test_a_gap_is_known_also_if_no_change_follows(monkeypatch):
    before = clock.now()
    wanted = Mock()
    monkeypatch.setattr(changes.flusher, "request_flush", wanted)
    monkeypatch.setattr("destinations.runtime.broker.PAUSE_SECONDS", 0)
    with monkeypatch.context() as away:
        away.setattr(changes, "client", Mock(side_effect=redis.ConnectionError))
        changes.note({uuid.uuid4(): clock.now()})
        changes._Gap().flush()
    assert wanted.call_count == 2
    assert changes.since(clock.now()) is None

    changes.flusher._flush()

    assert changes.since(before) is None
    assert changes.since(clock.now()) is not None
