"""One engine publishes all lists of a worker process."""

import asyncio
import threading
import uuid
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from destinations.dispatch import claims
from destinations.models import Attempt, Destination
from destinations.publishing.commands import Start
from destinations.publishing.held_claims import HeldClaims
from destinations.publishing.worker import PublishingEngine
from destinations.runtime.worker import batch, shutdown
from destinations.runtime.worker.command_queue import Pending
from platforms.registry import ADAPTERS
from tests.destinations.connected import connect
from tests.factories import make_post
from tests.until import until

pytestmark = pytest.mark.django_db(transaction=True)
S = Destination.Status


@pytest.fixture
def engine(monkeypatch):
    # So long each thread waits for commands before it sees that it is told to stop.
    monkeypatch.setattr(batch, "IDLE_SECONDS", 0.05)
    running = PublishingEngine(threads=2)
    yield running
    running.stop()
    shutdown.reset()


def status(post):
    return post.destinations.get().status


def lists():
    """What is due, a list per queue."""
    claimed = claims.claim(100)
    return [[row for row in claimed if row.queue == queue] for queue in {c.queue for c in claimed}]


def test_a_slow_network_does_not_hold_a_fast_one(simulator, engine, monkeypatch):
    go_on = threading.Event()

    async def slow(call):
        await asyncio.to_thread(go_on.wait, 20)
        return await publish(call)

    publish = ADAPTERS["linkedin"].publish
    monkeypatch.setattr(ADAPTERS["linkedin"], "publish", slow)
    slow_posts = []
    for number in range(30):
        account = connect(simulator, "linkedin", f"urn:li:person:{number}")
        slow_posts.append(make_post(account.workspace, [account]))
    for row in claims.claim(100):
        engine.submit([row])
    account = connect(simulator, "x")
    fast = make_post(account.workspace, [account])

    for rows in lists():
        engine.submit(rows)

    until(lambda: status(fast) == S.PUBLISHED)
    assert {status(post) for post in slow_posts} == {S.PUBLISHING}
    go_on.set()
    until(lambda: {status(post) for post in slow_posts} == {S.PUBLISHED})


def test_stopping_waits_for_what_was_started(simulator):
    running = PublishingEngine(threads=1)
    simulator.fault("x", call="create_post", delay_seconds=1)
    account = connect(simulator, "x")
    post = make_post(account.workspace, [account])
    running.submit(claims.claim(10))
    until(Attempt.objects.exists)

    running.stop()

    assert status(post) == S.PUBLISHED


def test_a_message_repeated_while_its_list_runs_is_ignored(simulator, engine):
    simulator.fault("x", call="create_post", delay_seconds=0.5)
    account = connect(simulator, "x")
    post = make_post(account.workspace, [account])
    message = claims.claim(10)

    engine.submit(message)
    engine.submit(message)
    until(lambda: status(post) == S.PUBLISHED)
    engine.submit(message)
    engine.stop()

    assert len(simulator.posts()) == Attempt.objects.count() == 1


def test_it_says_what_is_in_flight_by_network(simulator, engine):
    simulator.fault("x", call="create_post", delay_seconds=0.5)
    account = connect(simulator, "x")
    posts = [make_post(account.workspace, [account], content=f"{n}") for n in range(2)]
    assert engine.in_flight() == ({}, 0)

    engine.submit(claims.claim(10))

    until(lambda: engine.in_flight() == ({"x": 1}, 1))
    until(lambda: {status(post) for post in posts} == {S.PUBLISHED})
    until(lambda: engine.in_flight() == ({}, 0))


def test_a_claim_whose_coroutine_has_ended_is_not_renewed(simulator):
    account = connect(simulator, "x")
    make_post(account.workspace, [account])
    (claimed,) = claims.claim(1)
    held = HeldClaims(by="worker:a:1")

    assert held.add([claimed]) == [claimed]
    assert held.add([claimed]) == []
    held.forget(claimed._replace(claim=claimed.id))
    assert held.add([claimed]) == []
    held.forget(claimed)

    assert held.add([claimed]) == [claimed]


def test_what_follows_a_quick_retry_is_released(simulator, engine, settings):
    account = connect(simulator, "x")
    posts = [make_post(account.workspace, [account], content=f"{n}") for n in range(3)]
    settings.SIMULATOR_URL = "http://127.0.0.1:9"  # No server listens there.

    engine.submit(claims.claim(10))

    until(lambda: not Destination.objects.exclude(claim=None).exists())
    first, *rest = posts
    assert first.destinations.get().next_retry_at is not None
    assert [status(post) for post in rest] == [S.QUEUED] * 2


def test_two_threads_keep_their_own_connections(engine, simulator):
    accounts = [connect(simulator, "x", str(number)) for number in range(40)]
    posts = [make_post(account.workspace, [account]) for account in accounts]

    for row in claims.claim(100):
        engine.submit([row])

    until(lambda: {status(post) for post in posts} == {S.PUBLISHED})
    assert not connection.in_atomic_block
    assert len(simulator.posts()) == 40


@contextmanager
def locked(*rows):
    """Another session has locked these rows."""
    with psycopg.connect(**connection.get_connection_params()) as other:
        ids = [row.pk for row in rows]
        other.execute("SELECT FROM destinations_destination WHERE id = ANY (%s) FOR UPDATE", [ids])
        yield


def test_a_row_that_another_session_has_locked_lets_no_other_lease_lapse(simulator, settings):
    settings.LEASE_SECONDS = 60
    account = connect(simulator, "x")
    for number in range(3):
        make_post(account.workspace, [account], content=f"{number}")
    claimed = claims.claim(10)
    Destination.objects.update(due_at=timezone.now() + timedelta(seconds=5))
    first, *others = Destination.objects.filter(pk__in=[row.id for row in claimed]).order_by("pk")

    with locked(first):
        renewed = claims.renew([row.key for row in claimed])

    assert {pk for pk, _ in renewed} == {row.pk for row in others}
    for row in others:
        row.refresh_from_db()
        assert row.due_at > timezone.now() + timedelta(seconds=30)


def test_what_is_locked_is_renewed_soon_after(simulator, settings):
    account = connect(simulator, "x")
    make_post(account.workspace, [account])
    (claimed,) = claims.claim(1)
    held = HeldClaims(by="worker:a:1")
    held.add([claimed])
    row = Destination.objects.get()
    with time_machine.travel(datetime.now(UTC), tick=True) as clock:
        clock.shift(settings.LEASE_SECONDS / 3 + 1)
        with locked(row):
            held.keep()
        before = Destination.objects.get().due_at
        clock.shift(settings.LEASE_SECONDS / 12 + 1)
        held.keep()

    assert Destination.objects.get().due_at > before


def test_a_locked_row_holds_up_no_other_post(simulator, engine):
    """One thread for each row that is locked would be none for the others."""
    accounts = [connect(simulator, "x", str(number)) for number in range(8)]
    posts = [make_post(account.workspace, [account]) for account in accounts]
    rows = [post.destinations.get() for post in posts]
    message = claims.claim(100)
    by_id = {row.id: row for row in message}

    with locked(*rows[:4]):
        for row in rows:
            engine.submit([by_id[row.pk]])
        until(lambda: {status(post) for post in posts[4:]} == {S.PUBLISHED})
        assert {status(post) for post in posts[:4]} == {S.QUEUED}

    until(lambda: {status(post) for post in posts} == {S.PUBLISHED})
    assert len(simulator.posts()) == 8


def test_a_stale_message_makes_a_process_forget_no_job_that_runs(simulator):
    account = connect(simulator, "x")
    make_post(account.workspace, [account])
    (claimed,) = claims.claim(1)
    held, start = HeldClaims(by="worker:a:1"), Pending(Start(*claimed.key))
    held.add([claimed])
    held.execute([start])
    stale = claimed._replace(claim=uuid.uuid4())

    assert held.add([stale]) == [stale]
    held.execute([Pending(Start(*stale.key))])
    held.forget(stale)

    assert held.in_flight() == ({"x": 1}, 0)
    Destination.objects.update(due_at=timezone.now() + timedelta(seconds=5))
    with time_machine.travel(datetime.now(UTC), tick=True) as clock:
        clock.shift(21)
        held.keep()
    assert Destination.objects.get().due_at > timezone.now() + timedelta(seconds=30)
    held.forget(claimed)
    assert held.in_flight() == ({}, 0)
