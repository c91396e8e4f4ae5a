import runpy
import time
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from structlog.testing import capture_logs

from destinations.runtime import clock
from destinations.runtime.broker import CircuitBreaker
from posts import rate_windows
from posts.keys import rate_limits
from posts.models import ApiKey, Post
from tests.config.closed import closed_port
from tests.factories import make_account
from tests.posts.conftest import refused

SETTINGS = Path(__file__).parents[4] / "config" / "settings.py"
HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch):
    monkeypatch.setattr(rate_limits, "_breaker", CircuitBreaker())


@pytest.fixture
def limit(settings):
    def to(requests: str = "none", posts: str = "none", ai: str = "none") -> None:
        settings.RATE_LIMITS = {
            "requests": rate_windows.parse(requests),
            "posts": rate_windows.parse(posts),
            "ai": rate_windows.parse(ai),
        }

    return to


def told(response) -> tuple[int, int]:
    """Limit and remaining; the reset is a moment of the near future."""
    limit, remaining, reset = (int(response.headers[name]) for name in HEADERS)
    assert 0 <= reset - time.time() <= 86401
    return limit, remaining


#: Bucket, the window as it is written, its limit and its seconds.
WINDOWS = [
    ("requests", "60/min", 60, 60),
    ("requests", "1000/h", 1000, 3600),
    ("requests", "10000/day", 10_000, 86_400),
    ("posts", "20/min", 20, 60),
    ("posts", "100/h", 100, 3600),
    ("posts", "500/day", 500, 86_400),
    ("ai", "50/5min", 50, 300),
    ("ai", "200/h", 200, 3600),
]


def test_all_endpoints_and_post_posts_have_these_numbers_by_default(monkeypatch):
    for name in ("RATE_LIMIT_REQUESTS", "RATE_LIMIT_POSTS", "RATE_LIMIT_AI"):
        monkeypatch.delenv(name)

    fresh = runpy.run_path(SETTINGS)["RATE_LIMITS"]

    assert [
        (bucket, str(window), window.limit, window.seconds)
        for bucket, found in fresh.items()
        for window in found
    ] == WINDOWS


@pytest.mark.parametrize(("bucket", "text", "most", "seconds"), WINDOWS)
def test_each_window_lets_its_last_call_through_and_no_more(
    ada, limit, bucket, text, most, seconds
):
    limit(**{bucket: text})
    # No test makes ten thousand calls: those before count as made at once.
    rate_limits.take(ada.key, {bucket: most - 1})

    path = "/ai/generate-caption" if bucket == "ai" else "/posts"
    last = ada.post(path, {})

    refused(last, 400, "validation_error")
    # What is refused costs its request only.
    given_back = 0 if bucket == "requests" else 1
    assert told(last) == (most, given_back)
    rate_limits.take(ada.key, {bucket: given_back})
    late = ada.post(path, {})
    details = refused(late, 429, "rate_limit_exceeded")["details"]
    found = (details["bucket"], details["limit"], details["window_seconds"])
    assert found == (bucket, most, seconds)
    assert seconds - 60 <= int(late.headers["Retry-After"]) <= seconds


def test_all_endpoints_the_sixty_first_request_of_a_minute_is_refused(ada, limit):
    limit("60/min,1000/h,10000/day", "20/min,100/h,500/day")

    answers = [ada.get("/accounts") for _ in range(60)]
    late = ada.get("/accounts")

    assert [told(answer) for answer in answers] == [(60, left) for left in range(59, -1, -1)]
    assert not any("Retry-After" in answer.headers for answer in answers)
    error = refused(late, 429, "rate_limit_exceeded")
    assert told(late) == (60, 0)
    wait = late.headers["Retry-After"]
    assert 1 <= int(wait) <= 60
    assert error["details"] == {
        "bucket": "requests",
        "limit": 60,
        "window_seconds": 60,
        "retry_after_seconds": int(wait),
    }
    assert "60/min" in error["message"]


def test_waiting_as_long_as_it_says_is_enough(ada, limit):
    limit("1/2s")
    ada.get("/accounts")
    late = ada.get("/accounts")
    refused(late, 429, "rate_limit_exceeded")
    assert int(late.headers["Retry-After"]) in (1, 2)

    came_back_at = time.time() + int(late.headers["Retry-After"])
    while time.time() < came_back_at:
        time.sleep(0.01)

    assert ada.get("/accounts").status_code == 200


def test_rate_headers_are_on_every_answer_to_a_known_key(ada, limit):
    limit("100/min")
    calls = [
        ("GET", "/accounts", None, 200),
        ("POST", "/posts", {}, 400),
        ("GET", "/posts/post_1", None, 404),
        ("GET", "/nothing", None, 404),
        ("GET", "/openapi.json", None, 200),
        ("PUT", "/posts", None, 405),
    ]

    for count, (method, path, body, status) in enumerate(calls, 1):
        response = ada.call(method, path, body)
        assert response.status_code == status
        assert told(response) == (100, 100 - count)
        assert "Retry-After" not in response.headers
    ApiKey.objects.update(scopes=["write"])
    forbidden = ada.get("/posts")
    refused(forbidden, 403, "insufficient_scope")
    assert told(forbidden) == (100, 93)


@pytest.mark.parametrize("field", ["expires_at", "revoked_at"])
def test_rate_headers_tell_a_key_that_has_ended_how_it_stood(ada, limit, field):
    limit("5/min")
    ada.get("/accounts")
    ApiKey.objects.update(**{field: clock.now()})

    for _ in range(7):
        response = ada.get("/accounts")
        refused(response, 401, "unauthorized")
        assert told(response) == (5, 4)


@pytest.mark.parametrize("header", ["", "Bearer pe_live_" + "0" * 32])
def test_rate_headers_are_of_a_key_and_absent_without_one(db, limit, header):
    limit("5/min")

    response = Client().get("/api/v1/posts", headers={"Authorization": header})

    refused(response, 401, "unauthorized")
    assert not any(name in response.headers for name in HEADERS)


def test_post_posts_alone_costs_posts_and_a_refused_call_costs_nothing(ada, limit):
    limit("100/min", "2/min")
    account = make_account(ada.workspace)
    body = {"content": "Hi", "account_ids": [account.pk], "scheduled_at": "2099-01-01T00:00:00Z"}

    made = [ada.post("/posts", body) for _ in range(2)]
    late = ada.post("/posts", body)

    assert [(answer.status_code, *told(answer)) for answer in made] == [(201, 2, 1), (201, 2, 0)]
    error = refused(late, 429, "rate_limit_exceeded")
    assert (told(late), error["details"]["bucket"]) == ((2, 0), "posts")
    assert Post.objects.count() == 2
    # Nothing of the refused call was counted, and everything else goes on.
    listed = ada.get("/posts")
    assert (listed.status_code, told(listed)) == (200, (100, 97))
    assert ada.post("/posts/validate", body).status_code == 200


def test_headers_describe_the_window_with_the_fewest_left_and_of_equals_the_later(ada, limit):
    limit("9/min,4/h,4/min", "1/day")

    response = ada.get("/posts")
    left = int(response.headers["X-RateLimit-Reset"]) - time.time()
    assert (told(response), left > 3000) == ((4, 3), True)

    account = make_account(ada.workspace, "x")
    response = ada.post("/posts", {"content": "Hi", "account_ids": [account.pk]})
    left = int(response.headers["X-RateLimit-Reset"]) - time.time()
    assert (told(response), left > 80000) == ((1, 0), True)


@pytest.mark.parametrize(
    "wrong",
    [{}, {"content": "Hi", "account_ids": [10**9]}, {"content": "a" * 281, "account_ids": ["x"]}],
)
def test_a_refused_post_uses_up_nothing_of_the_posts(ada, limit, wrong):
    limit(posts="1/day")
    account = make_account(ada.workspace, "x")
    body = {"content": "Hi", "account_ids": [account.pk]}
    if wrong.get("account_ids") == ["x"]:
        wrong = {**wrong, "account_ids": [account.pk]}

    for _ in range(3):
        answer = ada.post("/posts", wrong)
        assert (answer.status_code, told(answer)) == (400, (1, 1))

    assert ada.post("/posts", body).status_code == 201
    refused(ada.post("/posts", body), 429, "rate_limit_exceeded")


def test_of_many_posts_only_those_that_are_made_are_counted(ada, limit):
    limit(posts="5/day")
    account = make_account(ada.workspace, "x")
    good = {"content": "Hi", "account_ids": [account.pk]}

    some = ada.post("/posts/bulk", {"posts": [good, {}, {}]})
    none = ada.post("/posts/bulk", {"posts": [{}] * 4})

    assert (some.status_code, told(some)) == (207, (5, 4))
    assert (none.status_code, told(none)) == (422, (5, 4))
    assert ada.post("/posts/bulk", {"posts": [good] * 4}).status_code == 201
    refused(ada.post("/posts", good), 429, "rate_limit_exceeded")


def test_a_429_reports_the_window_that_refused_and_of_two_the_longer(ada, limit):
    limit("1/min,1/h")
    ada.get("/posts")

    late = ada.get("/posts")

    assert refused(late, 429, "rate_limit_exceeded")["details"]["window_seconds"] == 3600
    assert 3500 < int(late.headers["Retry-After"]) <= 3600


def test_all_numbers_are_settings_and_a_key_may_have_its_own(ada, bo, limit):
    limit("1/min")
    ApiKey.objects.filter(pk=ada.key.pk).update(request_limits="3/min")

    answers = [ada.get("/posts") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert told(answers[0]) == (3, 2)
    assert [bo.get("/posts").status_code for _ in range(2)] == [200, 429]


def test_a_key_without_limits_is_told_of_none(ada, limit):
    limit("1/min")
    ApiKey.objects.update(request_limits="none", post_limits="none")

    answers = [ada.get("/posts") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200] * 3
    assert not any(name in answer.headers for name in HEADERS for answer in answers)


def test_without_redis_the_api_answers_all_the_same(ada, limit, settings):
    limit("1/min")
    settings.REDIS_URL = f"redis://127.0.0.1:{closed_port()}/0"

    answers = [ada.get("/posts") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200] * 3
    assert not any(name in answer.headers for name in HEADERS for answer in answers)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_is_a_retryable_503(ada, limit, monkeypatch):
    limit("5/min")
    connection.close()
    with monkeypatch.context() as away:
        away.setitem(connection.settings_dict, "HOST", "127.0.0.1")
        away.setitem(connection.settings_dict, "PORT", closed_port())
        response = ada.get("/posts")
    connection.close()

    refused(response, 503, "service_unavailable")
    assert ada.get("/posts").status_code == 200


def test_uploads_and_files_are_not_counted(ada, limit):
    limit("1/min")
    ada.get("/posts")

    response = Client().get("/media/nothing", headers={"Authorization": f"Bearer {ada.secret}"})

    assert response.status_code == 404
    assert not any(name in response.headers for name in HEADERS)


def test_a_refused_request_is_logged_with_its_key(ada, limit):
    limit("1/min")
    ada.get("/posts")

    with capture_logs() as lines:
        ada.get("/posts")

    [line] = [line for line in lines if line["event"] == "request"]
    assert (line["status"], line["key"]) == (429, ada.key.prefix)


def bulk(caller, count: int):
    return caller.post("/posts/bulk", {"posts": [{"content": "Hi", "draft": True}] * count})


def test_a_429_reports_the_window_that_refused_though_another_has_fewer_left(ada, limit):
    limit("3/min", "10/min")

    bulk(ada, 7)
    late = bulk(ada, 4)

    assert refused(late, 429, "rate_limit_exceeded")["details"]["bucket"] == "posts"
    assert told(late) == (10, 3)
    assert told(ada.get("/posts")) == (3, 0)


def test_a_bulk_call_costs_one_request_and_one_of_the_posts_for_each(ada, limit):
    limit("100/min", "10/min")

    first, late, again = bulk(ada, 7), bulk(ada, 4), bulk(ada, 3)

    assert (first.status_code, told(first)) == (201, (10, 3))
    assert refused(late, 429, "rate_limit_exceeded")["details"]["bucket"] == "posts"
    assert told(late) == (10, 3)
    assert 1 <= int(late.headers["Retry-After"]) <= 60
    assert (again.status_code, told(again)) == (201, (10, 0))
    assert Post.objects.count() == 10
    assert told(ada.get("/posts")) == (100, 96)
