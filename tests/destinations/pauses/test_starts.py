"""Starts obey a pause: what was claimed before it is given back, and nothing begins after it."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from destinations import pauses
from destinations.dispatch import claimed_rows, claims
from destinations.models import Account, Attempt, Destination, Pause
from destinations.pauses import lifecycle
from destinations.publishing import worker
from destinations.publishing.commands import ClaimLost, Start
from tests.destinations.run_command import execute, execute_all
from tests.factories import make_account, make_post, make_workspace
from tests.psql import psql, rows_touched

S = Destination.Status
WHO = {"by": "operator:ada", "reason": "Down"}
SCOPES = ["installation", "network", "workspace", "account"]


def is_given_back(row: Destination) -> bool:
    """Start it; whether it kept its place instead, and gave its claim back."""
    [result] = execute_all([Start(row.pk, row.claim)])
    return isinstance(result, ClaimLost)


def make(**fields) -> Destination:
    account = make_account(make_workspace())
    values = {"claim": uuid.uuid4(), **fields}
    return make_post(account.workspace, [account], **values).destinations.get()


def pause(scope: str, row: Destination) -> Pause:
    targets = {"network": "x", "workspace": row.workspace_id, "account": row.account_id}
    return pauses.pause(scope, targets.get(scope, ""), **WHO)


@pytest.mark.django_db
@pytest.mark.parametrize("scope", SCOPES)
def test_a_claim_from_before_the_pause_is_given_back(scope):
    row = make()
    pause(scope, row)

    assert is_given_back(row)

    left = Destination.objects.get()
    assert (left.status, left.claim, left.due_at) == (S.QUEUED, None, row.wanted_at)
    assert not Attempt.objects.exists()
    assert not left.events.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("status", [S.PUBLISHING, S.FAILED])
def test_a_claimed_retry_is_given_back(status):
    now = timezone.now()
    row = make(status=status, next_retry_at=now, begun_at=now, attempts=1)
    pause("network", row)

    assert is_given_back(row)

    left = Destination.objects.get()
    assert (left.status, left.claim, left.next_retry_at) == (status, None, now)


@pytest.mark.django_db
@pytest.mark.parametrize("status", [S.PUBLISHING, S.UNCONFIRMED])
def test_what_has_reached_its_network_goes_on(status):
    row = make(status=status, attempts=1, begun_at=timezone.now())
    times = dict.fromkeys(("wanted_at", "started_at", "sent_at", "answered_at"), timezone.now())
    Attempt.objects.create(destination=row, number=1, **times)
    pause("installation", row)

    assert execute(Start(row.pk, row.claim)).id == row.pk


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "account"),
    [
        ({"not_after": timezone.now() - timedelta(hours=1)}, {}),
        ({}, {"is_active": False}),
        ({}, {"needs_reconnection_since": timezone.now()}),
    ],
)
def test_nothing_fails_while_it_is_paused(fields, account):
    row = make(**fields)
    Account.objects.update(**account)
    pause("account", row)

    assert is_given_back(row)

    left = Destination.objects.get()
    assert (left.status, left.error_code, left.claim) == (S.QUEUED, "", None)


@pytest.mark.django_db
@pytest.mark.parametrize(("ended_hours_ago", "begun_hours_ago"), [(1, 1), (60, 70)])
def test_a_retry_budget_does_not_count_the_pause(ended_hours_ago, begun_hours_ago):
    """An old pause says nothing about what waited since."""
    now = timezone.now()
    begun_at = now - timedelta(hours=70)
    row = make(status=S.FAILED, next_retry_at=now, begun_at=begun_at, attempts=1, failures=1)
    made = pause("network", row)
    Pause.objects.update(resumed_at=now - timedelta(hours=ended_hours_ago))

    job = execute(Start(row.pk, row.claim))

    assert made.key == "network:x"
    assert abs(job.begun_at - (now - timedelta(hours=begun_hours_ago))) < timedelta(seconds=5)
    assert Destination.objects.get().begun_at == job.begun_at


@pytest.mark.django_db
def test_a_limited_account_is_waited_for_anew_after_a_pause():
    now = timezone.now()
    row = make(wanted_at=now - timedelta(hours=70))
    Account.objects.update(held_until=now + timedelta(hours=1))
    pauses.resume(pause("network", row).pk, by="operator:ada")

    assert is_given_back(row)

    assert Destination.objects.get().status == S.QUEUED


@pytest.mark.django_db
def test_a_start_is_as_quick_after_many_pauses_as_after_none(monkeypatch):
    rows = [make() for _ in range(10)]
    touched = []

    def note(sql, values):
        touched.append(rows_touched(sql, values))
        return []

    monkeypatch.setattr(claimed_rows.database, "execute_prepared", note)
    claims_of_all = [(row.pk, row.claim) for row in rows]
    claimed_rows.read(claims_of_all)
    ended = {"scope": "account", **dict.fromkeys(("paused_at", "resumed_at"), timezone.now())}
    Pause.objects.bulk_create(Pause(target=f"{number}", **ended) for number in range(200))
    claimed_rows.read(claims_of_all)

    before, after = touched
    # Each pause is read once, and not for each row.
    assert after - before < 5 * 200


def begin_in_another_session(row: Destination, results: list, locked: threading.Event, before: int):
    """A session that has read other claims `before` times, and starts this row once `locked`."""

    def work() -> None:
        for _ in range(before):
            claimed_rows.read([(uuid.uuid4(), uuid.uuid4())])
        ready.set()
        locked.wait(30)
        results.append(is_given_back(row))
        connection.close()

    ready = threading.Event()
    thread = threading.Thread(target=work)
    thread.start()
    ready.wait(30)
    return thread


def wait_for_lock(mode: str) -> None:
    """Until a session waits for the table of pauses in this mode."""
    waiting = (
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = %s"
        " AND relation = 'destinations_pause'::regclass"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    for _ in range(1000):
        if psql(waiting, [mode])[0][0]:
            return
        threading.Event().wait(0.01)
    raise AssertionError(f"no session waits for {mode}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("before", [0, 20], ids=["new connection", "plan kept"])
def test_a_start_that_meets_a_pause_reads_it(before):
    """Its statement has begun before the pause is committed, and yet it sees it."""
    row, results, locked = make(), [], threading.Event()
    thread = begin_in_another_session(row, results, locked, before)
    with transaction.atomic():
        psql(lifecycle.LOCK)
        locked.set()
        wait_for_lock("RowShareLock")
        Pause.objects.create(
            scope="network", target="x", name="X", reason="Down", paused_at=timezone.now()
        )
    thread.join(30)

    assert results == [True]
    assert not Attempt.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_pause_waits_for_the_starts_that_run_now():
    """So when it returns, what had begun is in the database, and nothing else begins."""
    row, seen = make(), []

    def work() -> None:
        pause("network", row)
        seen.append(Attempt.objects.count())
        connection.close()

    thread = threading.Thread(target=work)
    with transaction.atomic():
        job = Start.execute_many([Start(row.pk, row.claim)], "worker:a")[0]
        thread.start()
        wait_for_lock("ExclusiveLock")
        assert not Pause.objects.exists()
    thread.join(30)

    assert job.id == row.pk
    assert seen == [1]


@pytest.mark.django_db(transaction=True)
def test_a_backup_that_reads_every_table_holds_up_no_pause():
    with transaction.atomic():
        assert not Pause.objects.exists()
        thread = threading.Thread(
            target=lambda: (pauses.pause("network", "x", **WHO), connection.close())
        )
        thread.start()
        thread.join(30)
        assert not thread.is_alive()

    assert Pause.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_pause_does_not_wait_for_ever_for_a_start_that_hangs(monkeypatch):
    monkeypatch.setattr(lifecycle, "PATIENCE", "SET LOCAL lock_timeout = '50ms'")
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("BEGIN; LOCK TABLE destinations_pause IN ROW SHARE MODE")
        with pytest.raises(lifecycle.StartHangs):
            pauses.pause("network", "x", **WHO)
        cursor.execute("ROLLBACK")
    other.close()

    assert not Pause.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_publishes_what_was_paused_once_it_is_resumed(simulator):
    token = simulator.connect("x", "77", username="acme")
    account = make_account(make_workspace(), token=token, platform_account_id="77")
    make_post(account.workspace, [account])
    claimed = claims.claim(10)
    made = pauses.pause("workspace", account.workspace_id, **WHO)

    worker.publish(claimed)
    worker.publish(claims.claim(10))
    assert simulator.posts("x") == []
    pauses.resume(made.pk, by="operator:ada")
    worker.publish(claims.claim(10))

    assert len(simulator.posts("x")) == 1
    assert Destination.objects.get().status == S.PUBLISHED
