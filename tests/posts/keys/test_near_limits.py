import pytest
import redis
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from destinations.runtime.broker import CircuitBreaker
from destinations.runtime.flushing import flusher
from posts.keys import keys, near_limits, rate_limits
from tests.factories import make_workspace
from tests.posts.conftest import make_caller

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _serving(monkeypatch):
    """As in a process that serves requests; what is noted is flushed where a test says so."""
    monkeypatch.setattr(rate_limits, "_breaker", CircuitBreaker())
    monkeypatch.setattr(flusher, "is_on", True)
    monkeypatch.setattr(flusher, "request_flush", lambda **_: None)
    near_limits.notes.forget()
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        for name in server.scan_iter("dovecote:keys:*"):
            server.delete(name)


def limited(name: str, limits: str):
    caller = make_caller(make_workspace(name), name)
    caller.key.request_limits = limits
    caller.key.save()
    return caller


def call(caller, times: int) -> list[int]:
    return [caller.get("/me").status_code for _ in range(times)]


def found(limit: int = 10):
    near_limits.notes.flush()
    return near_limits.at_limits(limit)


def test_a_key_at_four_fifths_of_a_window_is_named_with_the_window():
    near, far = limited("near", "1000/h,5/h"), limited("far", "6/h")
    call(near, 4)
    call(far, 4)

    [one] = found()

    assert (one.key, one.key.workspace.name) == (near.key, "near")
    assert (one.fullest.window.limit, one.fullest.used, one.share) == (5, 4, 0.8)
    assert one.refused == 0


def test_a_key_whose_calls_were_refused_comes_first_with_their_number():
    near, over = limited("near", "10/h"), limited("over", "2/h")
    call(near, 9)
    assert call(over, 5) == [200, 200, 429, 429, 429]

    first, second = found()

    assert (first.key, first.refused) == (over.key, 3)
    assert second.key == near.key


def test_a_key_whose_window_has_emptied_is_named_only_for_what_was_refused():
    calm, over = limited("calm", "4/h"), limited("over", "1/h")
    call(calm, 4)
    call(over, 2)
    near_limits.notes.flush()
    for caller in (calm, over):
        caller.key.request_limits = "1000/h"
        caller.key.save()

    [one] = found()

    assert (one.key, one.fullest, one.refused) == (over.key, None, 1)


def test_no_more_than_wanted_are_named_and_they_are_read_together():
    for number in range(4):
        call(limited(f"{number}", "1/h"), 1)

    with CaptureQueriesContext(connection) as asked:
        several = found(limit=3)

    assert len(several) == 3
    assert len(asked) == 1


def test_a_revoked_key_is_not_named():
    caller = limited("gone", "1/h")
    call(caller, 1)
    keys.revoke(caller.key)

    assert found() == []


def test_nothing_is_known_while_redis_is_away(settings):
    caller = limited("near", "1/h")
    call(caller, 1)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    assert found() == []


def test_a_process_that_serves_no_requests_notes_nothing(monkeypatch):
    monkeypatch.setattr(flusher, "is_on", False)
    call(limited("near", "1/h"), 1)

    assert found() == []
