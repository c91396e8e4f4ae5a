"""The database's clock counts. A host's clock, fast or slow, changes nothing that is due."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.db import transaction

from destinations.dispatch import claims
from destinations.models import Attempt, Destination
from destinations.publishing import plan, worker
from destinations.runtime import clock
from platforms import clock as adapters_clock
from platforms.http.client import Answer
from tests.destinations.connected import connect
from tests.factories import make_post
from tests.psql import psql
from tests.until import until

pytestmark = pytest.mark.django_db
S = Destination.Status


@pytest.fixture(params=[90, -90], ids=["fast", "slow"])
def wrong_host(request, simulator):
    """This host is so many seconds ahead of the database, or behind."""
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=request.param), tick=True):
        yield request.param


@pytest.fixture
def account(simulator):
    return connect(simulator)


def ask(sql, *values):
    return psql(sql, values)[0][0]


def seconds_until(column):
    """From the database's now to a time of the only destination, both as the database says."""
    sql = f"SELECT extract(epoch FROM {column} - clock_timestamp()) FROM destinations_destination"
    return float(ask(sql))


def is_now(moment):
    return abs((moment - ask("SELECT clock_timestamp()")).total_seconds()) < 5


def make_due(account, **fields):
    return make_post(account.workspace, [account], due_at=ask("SELECT now()"), **fields)


# The clock itself


def test_the_clock_is_never_ahead_of_the_database_and_hardly_behind():
    for _ in range(20):
        clock.reset()
        told, its_own = clock.now(), ask("SELECT clock_timestamp()")
        assert timedelta() <= its_own - told < timedelta(seconds=5)


def test_the_clock_advances_inside_a_transaction():
    begun_at = ask("SELECT now()")
    ask("SELECT pg_sleep(0.05)")

    assert clock.now() - begun_at >= timedelta(seconds=0.05)


def test_the_database_is_asked_once_for_a_while(django_assert_num_queries, monkeypatch):
    with django_assert_num_queries(1):
        first, second = clock.now(), clock.now()
    assert first <= second

    monkeypatch.setattr(clock, "TRUSTED_SECONDS", -1)
    with django_assert_num_queries(2):
        clock.now(), clock.now()


def test_the_known_time_needs_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert abs(clock.known() - datetime.now(UTC)) < timedelta(seconds=5), "this host's own"
    clock.now()
    with django_assert_num_queries(0):
        known = clock.known()
    assert is_now(known)


def test_a_step_of_the_hosts_clock_changes_nothing():
    before = clock.now()

    with time_machine.travel(datetime(2099, 1, 1, tzinfo=UTC)):
        after = clock.now()

    assert timedelta() <= after - before < timedelta(seconds=5)


def test_adapters_measure_by_it(wrong_host):
    clock.now()

    assert is_now(adapters_clock.now())


# A host whose clock is wrong


def test_a_lease_ends_when_the_database_says_so(wrong_host, account):
    make_due(account)
    (claimed,) = claims.claim(10)

    with transaction.atomic():
        plan.start([claimed.key], "worker:a")

    assert Destination.objects.get().status == S.PUBLISHING
    assert settings.LEASE_SECONDS - 5 < seconds_until("due_at") <= settings.LEASE_SECONDS
    assert is_now(Attempt.objects.get().started_at)
    assert is_now(Destination.objects.get().begun_at)


def test_a_retry_is_due_at_its_time_on_any_hosts_clock(wrong_host, account, settings):
    settings.SIMULATOR_URL = "http://127.0.0.1:9"
    make_due(account)

    worker.publish(claims.claim(10))

    assert Destination.objects.get().status == S.PUBLISHING
    assert 0 < seconds_until("next_retry_at") < 2
    assert claims.claim(10) == []
    claimed = until(lambda: claims.claim(10))
    assert [row.id for row in claimed] == [Destination.objects.get().pk]


def test_attempts_are_dated_by_the_database(wrong_host, account):
    make_due(account)

    worker.publish(claims.claim(10))

    destination, attempt = Destination.objects.get(), Attempt.objects.get()
    assert destination.status == S.PUBLISHED
    moments = [attempt.started_at, attempt.sent_at, attempt.answered_at, destination.published_at]
    assert all(is_now(moment) for moment in moments), moments


@pytest.mark.parametrize(("seconds", "status"), [(250, S.UNCONFIRMED), (310, S.PUBLISHING)])
def test_absence_is_proven_neither_early_nor_late(
    wrong_host, simulator, account, seconds, status, monkeypatch
):
    """X shows within 300 seconds what it accepted."""
    # The simulator is on this host too; X is not.
    monkeypatch.setattr(Answer, "ahead_seconds", lambda answer: 0)
    simulator.fault("x", call="create_post", drop="before", times=1)
    make_due(account)
    worker.publish(claims.claim(10))
    assert Destination.objects.get().status == S.UNCONFIRMED
    long_ago = ask("SELECT clock_timestamp() - %s * interval '1 second'", seconds)
    Attempt.objects.update(sent_at=long_ago)
    Destination.objects.update(due_at=long_ago)

    worker.publish(claims.claim(10))

    assert Destination.objects.get().status == status
    assert simulator.posts() == []


# The database's own clock is set


@pytest.fixture
def new_process(monkeypatch) -> None:
    monkeypatch.setattr(clock, "_first", None)


def set_forward(monkeypatch, by: timedelta) -> None:
    """The database is ahead by so much from now on, as the next measurement finds."""
    measured = clock._last
    assert measured
    ahead = clock.Measurement(measured.time - by, measured.at_seconds)
    monkeypatch.setattr(clock, "_last", ahead)
    monkeypatch.setattr(clock, "TRUSTED_SECONDS", -1)
    clock.now()


def test_an_age_is_certain_as_far_as_no_step_made_it_up(new_process, monkeypatch):
    before = clock.now()
    set_forward(monkeypatch, timedelta(minutes=6))
    # `before` by the clock as it was, which was behind.
    sent_at = before - timedelta(minutes=6)

    assert clock.now() - sent_at >= timedelta(minutes=6)
    assert timedelta() <= clock.certain_age(sent_at) < timedelta(minutes=1)
    # What was sent after the step is not younger for it.
    assert abs(clock.certain_age(clock.now())) < timedelta(seconds=5)


def test_a_new_process_vouches_for_its_own_life_alone(new_process):
    assert clock.certain_age(datetime(2020, 1, 1, tzinfo=UTC)) == timedelta()
    clock.now()

    assert clock.certain_age(datetime(2020, 1, 1, tzinfo=UTC)) < timedelta(minutes=1)


def test_answers_that_took_longer_are_no_step(monkeypatch):
    clock.now()
    set_forward(monkeypatch, timedelta(seconds=0.9))

    assert clock.certain_age(clock.now() - timedelta(hours=1)) >= timedelta(hours=1)


@pytest.mark.parametrize("is_new", [True, False])
def test_a_step_while_a_call_is_on_its_way_proves_no_absence(
    simulator, account, monkeypatch, is_new
):
    # The simulator's dates lag a second behind hosts that other tests set wrong.
    monkeypatch.setattr(Answer, "ahead_seconds", lambda answer: 0)
    simulator.fault("x", call="create_post", drop="before", times=1)
    make_due(account)
    worker.publish(claims.claim(10))
    Attempt.objects.update(sent_at=clock.now() - timedelta(minutes=6))
    if is_new:
        monkeypatch.setattr(clock, "_first", clock._last)
    else:
        set_forward(monkeypatch, timedelta(minutes=6))

    Destination.objects.update(due_at=ask("SELECT clock_timestamp()"))
    worker.publish(claims.claim(10))

    row = Destination.objects.get()
    assert (row.status, row.lookups) == (S.UNCONFIRMED, 0), "it is no answer, so it counts as none"
    assert seconds_until("due_at") > 200
    # A process that has lived through the wait knows.
    monkeypatch.setattr(clock, "_first", clock.Measurement(datetime(2000, 1, 1, tzinfo=UTC), -1e9))
    monkeypatch.setattr(clock, "_steps", ())
    Destination.objects.update(due_at=ask("SELECT clock_timestamp()"))
    worker.publish(claims.claim(10))
    row.refresh_from_db()
    assert row.status == S.PUBLISHING
    assert row.next_retry_at


def test_no_other_module_reads_the_hosts_clock():
    root = Path(__file__).resolve().parents[3]
    sources = [
        p for room in ("posts", "destinations", "platforms") for p in root.glob(f"{room}/**/*.py")
    ]
    asks = re.compile(r"\b(time\.time|timezone\.now|datetime\.(utc)?now)\(")

    found = {str(p.relative_to(root)) for p in sources if asks.search(p.read_text())}

    # An envelope says when it was written; the simulator plays networks with a clock of their own.
    found = {name for name in found if not name.startswith("deploy/simulator/")}
    # A lease is doubted by every clock there is.
    asking = {
        "destinations/runtime/clock.py",
        "destinations/dispatch/claims.py",
        "posts/api/renderers.py",
    }
    # A link to a file is good for days, and Django checks its age by the host's clock.
    assert found == asking | {"posts/media/storage.py"}
