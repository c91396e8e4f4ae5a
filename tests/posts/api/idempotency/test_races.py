"""The same request many times at once, and the process that answers it dies. Real connections."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from threading import Event

import pytest
from django.db import connection, transaction

from posts.api.idempotency import store
from posts.composing import destinations
from posts.models import IdempotencyRecord, Media, Post
from tests.posts.conftest import Caller, announce, put, refused
from tests.posts.factories import png
from tests.psql import psql
from tests.until import until

pytestmark = pytest.mark.django_db(transaction=True)
KEY = {"Idempotency-Key": "one"}


class Crowd:
    """Callers with one key, each on a connection of its own."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._pool = ThreadPoolExecutor(8)

    def post(self, path, body=None, headers=KEY) -> Future:
        return self._pool.submit(self._post, path, body, headers)

    def _post(self, path, body, headers):
        caller = Caller(self._caller.workspace, self._caller.key, self._caller.secret)
        try:
            return caller.post(path, body, headers=headers)
        finally:
            connection.close()

    def at_once(self, count, path, body, headers=KEY) -> list:
        asked = [self.post(path, body, headers) for _ in range(count)]
        return [future.result(60) for future in asked]

    def close(self):
        self._pool.shutdown()


@pytest.fixture
def crowd(ada) -> Iterator[Crowd]:
    found = Crowd(ada)
    yield found
    found.close()


@contextmanager
def no_one_writes(table):
    """A transaction that inserts into the table or changes a row waits until this ends."""
    with transaction.atomic():
        psql(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        yield


WAITING = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
#: For a table, or for the same request to end.
FOR_TABLE = f"{WAITING} AND wait_event = 'relation'"
FOR_TURN = f"{WAITING} AND wait_event = 'advisory'"

HOLDS_LOCK = """
FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND datname = current_database()
"""


def ask(sql):
    # A transaction sees the others as they were when it first looked.
    psql("SELECT pg_stat_clear_snapshot()")
    return psql(sql)[0]


def wait_for_one(waiting=FOR_TABLE):
    until(lambda: ask(f"SELECT count(*) {waiting}")[0])


def wait_for_turns(monkeypatch, time: str) -> None:
    """Repeats wait so long for the first request."""
    usual = f"lock_timeout = '{store.LOCK_WAIT_SECONDS}s'"
    assert usual in store.LOCK_AND_FIND
    sql = store.LOCK_AND_FIND.replace(usual, f"lock_timeout = '{time}'")
    monkeypatch.setattr(store, "LOCK_AND_FIND", sql)


#: How long a transaction may do nothing; a second instead.
IDLE = (f"'{store.IDLE_SECONDS}s'", "'1s'")


def is_replay(answer) -> bool:
    return answer.headers.get("Idempotent-Replayed") == "true"


def test_of_many_at_once_one_does_it_and_the_others_hear_of_it(ada, crowd, body, monkeypatch):
    wait_for_turns(monkeypatch, "60s")

    answers = crowd.at_once(8, "/posts", body)

    assert [answer.status_code for answer in answers] == [201] * 8
    assert sorted(map(is_replay, answers)) == [False] + [True] * 7
    assert {answer.json()["data"]["post_id"] for answer in answers} == {
        Post.objects.get().public_id
    }


def test_of_many_at_once_after_a_deletion_one_posts_anew(ada, crowd, body, monkeypatch, settings):
    settings.COLLAPSE_SECONDS = 60
    wait_for_turns(monkeypatch, "60s")
    gone = ada.post("/posts", body).json()["data"]["post_id"]
    assert ada.delete(f"/posts/{gone}").status_code == 200

    answers = crowd.at_once(8, "/posts", body, headers={})

    assert [answer.status_code for answer in answers] == [201] * 8
    assert sorted(map(is_replay, answers)) == [False] + [True] * 7
    made = Post.objects.get().public_id
    assert made != gone
    assert {answer.json()["data"]["post_id"] for answer in answers} == {made}


def test_while_the_first_runs_the_same_is_told_to_come_back(crowd, body, monkeypatch):
    wait_for_turns(monkeypatch, "100ms")
    with no_one_writes("posts_post"):
        first = crowd.post("/posts", body)
        wait_for_one()
        second = crowd.post("/posts", body).result(60)

    answer = second.json()
    assert (second.status_code, answer["error"]["code"]) == (409, "conflict")
    assert answer["error"]["retryable"] is True
    assert second.headers["Retry-After"] == "1"
    assert first.result(60).status_code == 201
    assert is_replay(crowd.post("/posts", body).result(60))
    assert Post.objects.count() == 1


def test_a_client_that_stops_waiting_leaves_the_first_alone(crowd, body, monkeypatch):
    wait_for_turns(monkeypatch, "60s")
    with no_one_writes("posts_post"):
        first = crowd.post("/posts", body)
        wait_for_one()
        second = crowd.post("/posts", body)
        wait_for_one(FOR_TURN)
        ask(f"SELECT pg_terminate_backend(pid) {FOR_TURN}")
        refused(second.result(60), 503, "service_unavailable")

    assert first.result(60).status_code == 201
    assert Post.objects.count() == 1


def test_other_requests_do_not_wait_for_one_that_runs(crowd, body):
    with no_one_writes("posts_post"):
        crowd.post("/posts", body)
        wait_for_one()
        announced = {"filename": "a.png", "content_type": "image/png", "size": 5}
        other = crowd.post("/media/upload", announced, {"Idempotency-Key": "two"}).result(60)

    assert other.status_code == 201


def test_long_work_is_not_waited_for(ada, crowd):
    data = announce(ada, png(), "image/png")
    put(data, png(), "image/png")
    path = f"/media/{data['media_id']}/complete"
    with no_one_writes("posts_media"):
        first = crowd.post(path)
        wait_for_one()
        second = crowd.post(path).result(60)

    assert (second.status_code, second.json()["error"]["code"]) == (409, "conflict")
    assert first.result(60).status_code == 200
    assert is_replay(crowd.post(path).result(60))


def test_a_transaction_holds_the_lock_of_long_work_as_poolers_need_it(ada, crowd):
    """Behind a pooler the lock of a session would be left behind in another one."""
    data = announce(ada, png(), "image/png")
    put(data, png(), "image/png")
    with no_one_writes("posts_media"):
        first = crowd.post(f"/media/{data['media_id']}/complete")
        wait_for_one()
        held = ask(f"SELECT count(*), min(state) {HOLDS_LOCK}")

    assert held == (1, "idle in transaction")
    assert first.result(60).status_code == 200
    assert ask(f"SELECT count(*) {HOLDS_LOCK}") == (0,)


@pytest.mark.parametrize("table", ["posts_post", "posts_keptanswer"])
def test_a_connection_that_breaks_leaves_nothing_and_the_same_can_be_sent_again(crowd, body, table):
    """In the middle of the work, or after it and before the answer is kept."""
    with no_one_writes(table):
        first = crowd.post("/posts", body)
        wait_for_one()
        ask(f"SELECT pg_terminate_backend(pid) {FOR_TABLE}")
        refused(first.result(60), 503, "service_unavailable")

    assert (Post.objects.count(), IdempotencyRecord.objects.count()) == (0, 0)
    again = crowd.post("/posts", body).result(60)
    assert (again.status_code, is_replay(again)) == (201, False)
    assert Post.objects.count() == 1


def test_long_work_whose_answer_was_not_kept_is_done_again(ada, crowd):
    data = announce(ada, png(), "image/png")
    put(data, png(), "image/png")
    path = f"/media/{data['media_id']}/complete"
    with no_one_writes("posts_keptanswer"):
        first = crowd.post(path)
        wait_for_one()
        ask(f"SELECT pg_terminate_backend(pid) {FOR_TABLE}")
        refused(first.result(60), 503, "service_unavailable")

    assert Media.objects.get().status == "ready"
    again = crowd.post(path).result(60)
    assert (again.status_code, is_replay(again)) == (200, False)
    assert is_replay(crowd.post(path).result(60))


def test_a_process_that_stands_still_is_not_waited_for(ada, crowd, body, monkeypatch):
    """As one that is cut off: its transaction does nothing, and holds the lock."""
    assert IDLE[0] in store.LOCK_AND_FIND
    monkeypatch.setattr(store, "LOCK_AND_FIND", store.LOCK_AND_FIND.replace(*IDLE))
    goes_on, place = Event(), destinations.place
    stops = iter([lambda: goes_on.wait(60)])

    def stands_still(*given, **named):
        next(stops, lambda: None)()
        return place(*given, **named)

    monkeypatch.setattr(destinations, "place", stands_still)
    first = crowd.post("/posts", body)
    try:
        wait_for_one(HOLDS_LOCK)
        answer = answer_of_the_next(crowd, body)
    finally:
        goes_on.set()

    assert (answer.status_code, is_replay(answer)) == (201, False)
    refused(first.result(60), 503, "service_unavailable")
    assert Post.objects.count() == 1


def answer_of_the_next(crowd, body):
    """To the same request, once it is not told that the first one runs."""
    give_up_at = time.monotonic() + 60
    while (answer := crowd.post("/posts", body).result(60)).status_code == 409:
        assert time.monotonic() < give_up_at
    return answer


@pytest.mark.thorough
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "cut off"])
def test_a_process_that_is_gone_leaves_nothing_and_the_same_can_be_sent_again(
    ada, crowd, body, how
):
    with ExitStack() as closing:
        with no_one_writes("posts_keptanswer"):
            process = closing.enter_context(another_process(ada, body))
            wait_for_one()
            process.send_signal(how)

        answer = answer_of_the_next(crowd, body)

    assert (answer.status_code, is_replay(answer)) == (201, False)
    assert Post.objects.count() == 1


@contextmanager
def another_process(caller, body) -> "Iterator[subprocess.Popen[bytes]]":
    """Asks the same on the same database, and ends with the test."""
    address, _, options = os.environ["DATABASE_URL"].partition("?")
    database = f"{address.rpartition('/')[0]}/{connection.settings_dict['NAME']}"
    headers = {"Authorization": f"Bearer {caller.secret}", "Host": "localhost", **KEY}
    does = (
        "import django, json, sys; django.setup(); from django.test import Client;"
        "from posts.api.idempotency import store;"
        f"store.LOCK_AND_FIND = store.LOCK_AND_FIND.replace(*{IDLE!r});"
        "body, headers = sys.argv[1], json.loads(sys.argv[2]);"
        "Client().post('/api/v1/posts', body, 'application/json', headers=headers)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", does, json.dumps(body), json.dumps(headers)],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": database + (f"?{options}" if options else ""),
        },
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(20)


def test_identical_posts_at_once_are_collapsed_too(crowd, body, settings, monkeypatch):
    settings.COLLAPSE_SECONDS = 60
    wait_for_turns(monkeypatch, "60s")

    answers = crowd.at_once(6, "/posts", body, {})

    assert [answer.status_code for answer in answers] == [201] * 6
    assert sorted(map(is_replay, answers)) == [False] + [True] * 5
    assert Post.objects.count() == 1
