import json
import os
import socket
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redis
from structlog.testing import capture_logs

from deploy.local import embedded
from destinations.runtime import broker
from posts import rate_windows
from posts.keys import rate_limits
from posts.models import ApiKey
from tests.posts.keys.own_redis import PASSWORD, own_redis
from tests.until import until

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch):
    monkeypatch.setattr(rate_limits, "_breaker", broker.CircuitBreaker())
    # A machine that stands still for a moment is no Redis that is away.
    monkeypatch.setattr(rate_limits, "TIMEOUT_SECONDS", 30)


def limited(requests: str = "none", posts: str = "none") -> ApiKey:
    """A key with these limits, in no table."""
    return ApiKey(request_limits=requests, post_limits=posts)


def is_taken(standings) -> bool:
    return not any(each.excess for each in standings)


def hammer(key: ApiKey, seconds: float) -> tuple[list[float], list[float]]:
    """When calls were let through and when they were refused, by Redis' clock, for so long."""
    taken, refused = [], []
    while not taken or max(taken + refused) < min(taken + refused) + seconds:
        [standing] = rate_limits.take(key, {"requests": 1})
        (refused if standing.excess else taken).append(standing.now)
        time.sleep(0.005)
    return taken, refused


def test_a_window_rolls():
    key = limited("4/s")
    # Entered in two halves: so it comes back in two halves.
    first = [rate_limits.take(key, {"requests": 1})[0] for _ in range(2)]
    while rate_limits.take(key, {"requests": 0})[0].now < first[0].now + 0.5:
        time.sleep(0.01)

    taken, refused = hammer(key, seconds=1.7)

    every = [each.now for each in first] + taken
    assert taken[-1] >= every[0] + 1
    assert all(later - earlier >= 1 for earlier, later in zip(every, every[4:], strict=False))
    for moment in refused:
        assert sum(moment - 1 < each <= moment for each in every) == 4


def test_a_refused_call_takes_nothing_and_tells_when_to_retry():
    key = limited("2/day,1/s")
    began_at = rate_limits.take(key, {"requests": 1})[0].now

    refusals = [rate_limits.take(key, {"requests": 1}) for _ in range(3)]

    day, seconds = refusals[-1]
    assert (day.used, day.excess, seconds.used, seconds.excess) == (1, 0, 1, 1)
    assert seconds.leaves_at == pytest.approx(began_at + 1, abs=1e-5, rel=0)
    while rate_limits.take(key, {"requests": 0})[0].now < seconds.leaves_at:
        time.sleep(0.01)
    assert is_taken(rate_limits.take(key, {"requests": 1}))


def test_a_larger_call_waits_for_more_units_to_leave():
    key = limited("3/h")
    times = [rate_limits.take(key, {"requests": 1})[0].now for _ in range(3)]

    [one], [two] = (rate_limits.take(key, {"requests": cost}) for cost in (1, 2))

    assert (one.excess, two.excess) == (1, 2)
    assert [one.leaves_at, two.leaves_at] == pytest.approx(
        [times[0] + 3600, times[1] + 3600], abs=1e-5, rel=0
    )
    assert times[1] - times[0] > 1e-5


def test_all_buckets_are_filled_or_none():
    key = limited("5/min", posts="1/min")
    rate_limits.take(key, {"requests": 1, "posts": 1})

    refused = rate_limits.take(key, {"requests": 1, "posts": 1})
    seen = rate_limits.take(key, {"requests": 0})

    assert [(each.bucket, each.used, each.excess) for each in refused] == [
        ("requests", 1, 0),
        ("posts", 1, 1),
    ]
    assert seen[0].remaining == 4


def test_reading_costs_nothing_and_is_never_refused():
    key = limited("1/min")
    assert rate_limits.take(key, {"requests": 0})[0].remaining == 1

    rate_limits.take(key, {"requests": 1})
    [full] = rate_limits.take(key, {"requests": 0})

    assert (full.remaining, full.excess) == (0, 0)


def test_a_call_larger_than_a_window_needs_it_empty():
    key = limited(posts="20/min,100/h")
    assert is_taken(rate_limits.take(key, {"posts": 50}))

    minute, hour = rate_limits.take(key, {"posts": 1})

    assert (minute.used, minute.remaining, minute.excess) == (50, 0, 31)
    assert (hour.used, hour.remaining, hour.excess) == (50, 50, 0)
    other = limited(posts="20/min")
    rate_limits.take(other, {"posts": 1})
    assert not is_taken(rate_limits.take(other, {"posts": 50}))


def test_each_key_has_its_own_counts():
    assert is_taken(rate_limits.take(limited("1/min"), {"requests": 1}))
    assert is_taken(rate_limits.take(limited("1/min"), {"requests": 1}))


def test_a_key_without_limits_does_not_ask_redis(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    with capture_logs() as lines:
        assert rate_limits.take(limited(), {"requests": 1, "posts": 1}) == []

    assert lines == []


def test_concurrent_threads_never_overfill_a_window():
    key = limited("40/min,100/h")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: rate_limits.take(key, {"requests": 1}), range(120)))

    assert sum(map(is_taken, answers)) == 40


CALLER = """
import json, sys, django
django.setup()
from posts.keys import rate_limits
from posts.models import ApiKey
key = ApiKey(pk=sys.argv[1], request_limits="40/day", post_limits="30/day")
taken = 0
for _ in range(40):
    standings = rate_limits.take(key, {"requests": 1, "posts": 1})
    taken += bool(standings) and not any(each.excess for each in standings)
print(json.dumps(taken))
"""


@pytest.mark.thorough
def test_concurrent_processes_never_overfill_a_window():
    key = str(uuid.uuid4())
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", CALLER, key], cwd=ROOT, env=env, stdout=subprocess.PIPE
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=60)[0] for process in started]

    assert [process.returncode for process in started] == [0, 0]
    assert sum(map(json.loads, said)) == 30
    [standing] = rate_limits.take(ApiKey(pk=key, request_limits="40/day"), {"requests": 0})
    assert standing.used == 30


def test_without_redis_no_call_is_refused_and_it_is_logged_once(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(broker, "PAUSE_SECONDS", 0.2)
    port = embedded.free_port()
    settings.REDIS_URL = embedded.redis_url(port, PASSWORD)
    key = limited("1/day")

    with capture_logs() as lines:
        with own_redis(tmp_path, port):
            assert is_taken(rate_limits.take(key, {"requests": 1}))
            assert not is_taken(rate_limits.take(key, {"requests": 1}))
            assert rate_limits.are_enforced()
        assert [rate_limits.take(key, {"requests": 1}) for _ in range(5)] == [[]] * 5
        assert not rate_limits.are_enforced()
        with own_redis(tmp_path, port):
            until(lambda: rate_limits.take(key, {"requests": 1}))
            # It came back empty, and counts anew.
            assert not is_taken(rate_limits.take(key, {"requests": 1}))

    off, on = lines
    assert (off["event"], off["log_level"]) == ("rate_limits_off", "error")
    assert (on["event"], on["log_level"]) == ("rate_limits_on", "info")
    assert on["let_through"] >= 5
    assert PASSWORD not in str(lines)
    assert "127.0.0.1" not in str(lines)


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (redis.ResponseError("BUSY Valkey is busy running a script."), "ResponseError BUSY"),
        (redis.ResponseError("user acme at 10.0.0.1 may not"), "ResponseError"),
        (redis.ConnectionError("OOM 10.0.0.1"), "ConnectionError"),
    ],
)
def test_the_log_names_the_code_that_redis_answered_and_no_more(error, name):
    assert rate_limits._failure_name(error) == name


def test_a_hanging_redis_is_asked_only_once(settings, monkeypatch):
    monkeypatch.setattr(rate_limits, "TIMEOUT_SECONDS", 0.2)
    monkeypatch.setattr(broker, "PAUSE_SECONDS", 3600)
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        hanging.settimeout(0)
        settings.REDIS_URL = f"redis://127.0.0.1:{hanging.getsockname()[1]}/0"

        answers = [rate_limits.take(limited("1/day"), {"requests": 1}) for _ in range(50)]

        assert answers == [[]] * 50
        hanging.accept()[0].close()
        with pytest.raises(BlockingIOError):
            hanging.accept()


def test_counts_in_redis_expire_with_the_longest_window(settings):
    key = limited("3/s,5/2s")
    client = rate_limits.redis.Redis.from_url(settings.REDIS_URL)
    name = f"dovecote:rate:{{{key.pk}}}:requests"
    for _ in range(4):
        rate_limits.take(key, {"requests": 1})

    assert client.zcard(name) == 3
    assert 0 < client.pttl(name) <= 2000
    until(lambda: rate_limits.take(key, {"requests": 0})[1].used == 0)
    rate_limits.take(key, {"requests": 1})
    assert client.zcard(name) == 1
    client.close()


def test_the_installations_limits_apply_to_keys_without_their_own(settings):
    settings.RATE_LIMITS = {
        "requests": rate_windows.parse("7/min"),
        "posts": rate_windows.parse("3/min"),
    }

    found = rate_limits.take(ApiKey(post_limits="9/min"), {"requests": 0, "posts": 0})

    assert [(each.bucket, each.window.limit) for each in found] == [("requests", 7), ("posts", 9)]
