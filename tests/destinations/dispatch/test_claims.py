"""Parallel claims, and the cost of a claim with stale statistics."""

import threading
from collections import Counter
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, connections, transaction
from django.db.models import Q
from django.utils import timezone

from destinations.dispatch import claims, fairness
from destinations.models import Destination
from tests.destinations.dispatch.rows import make_accounts, make_rows
from tests.posts.at_once import at_once
from tests.psql import psql, rows_touched
from tests.until import until

pytestmark = pytest.mark.django_db(transaction=True)
TABLES = "destinations_destination", "destinations_account"


@contextmanager
def claim_lock_held():
    """Another session holds the claim lock."""
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            psql(f"SELECT pg_advisory_xact_lock({fairness.CLAIM_LOCK})")
            held.set()
            let_go.wait(30)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(30)
    try:
        yield let_go
    finally:
        let_go.set()
        thread.join()


def test_a_process_that_is_frozen_while_it_claims_lets_others_claim_soon():
    """The database ends its transaction, and with it the lock."""
    make_rows(make_accounts(1), 1)
    frozen = connections.create_connection("default")
    with closing(frozen), frozen.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(fairness.TRY_LOCK)
        is_locked, *_, ends_after = cursor.fetchone()
        assert (is_locked, ends_after) == (True, "1s")
        until(lambda: claims.claim(1))


def finish(rows: list[claims.Claimed]) -> None:
    Destination.objects.filter(pk__in=[row.id for row in rows]).update(due_at=None, claim=None)


def test_four_parallel_claimers_never_share_an_account():
    make_rows(make_accounts(100), 7)
    lists: list[list[claims.Claimed]] = [[], [], [], []]
    in_two_lists, claimed = [], []

    def compare() -> None:
        held = Counter(account for rows in lists for account in {row.account_id for row in rows})
        in_two_lists.extend(account for account, count in held.items() if count > 1)
        claimed.extend(row.id for rows in lists for row in rows)

    together = threading.Barrier(4)
    all_hold = threading.Barrier(4, compare)

    def work(number: int) -> None:
        for _ in range(12):
            together.wait(60)
            lists[number] = claims.claim(50)
            all_hold.wait(60)
            finish(lists[number])

    at_once([partial(work, number) for number in range(4)])

    assert len(set(claimed)) == len(claimed) >= 600
    assert in_two_lists == []


def test_a_claim_that_meets_another_one_takes_nothing_and_does_not_wait():
    make_rows(make_accounts(1), 1)

    with claim_lock_held():
        assert claims.claim(10) == []

    assert len(claims.claim(10)) == 1


@pytest.fixture
def autovacuum_off():
    """Only the test refreshes the statistics."""
    for table in TABLES:
        psql(f"ALTER TABLE {table} SET (autovacuum_enabled = false)")
    yield
    for table in TABLES:
        psql(f"ALTER TABLE {table} RESET (autovacuum_enabled)")


def analyze() -> None:
    # Accounts too: after earlier tests their index may have pages for many rows, and be known to
    # have three. Such an index costs more than reading the whole table, while that has 12 pages.
    psql(f"ANALYZE {', '.join(TABLES)}")


@pytest.mark.parametrize(
    "analyzed",
    [
        "when none waited",
        pytest.param("before they fell due", marks=pytest.mark.thorough),
        pytest.param("when all did", marks=pytest.mark.thorough),
    ],
)
def test_a_claim_costs_the_same_with_stale_statistics(analyzed, autovacuum_off):
    count, limit = 3000, 150
    rows = Destination.objects
    accounts = make_accounts(300)
    make_rows(accounts, count // 300, due_in_seconds=86400)
    due = Q(pk__in=list(rows.values_list("pk", flat=True)))
    make_rows(accounts, count // 300, due_in_seconds=2 * 86400)
    if analyzed == "when none waited":
        rows.update(due_at=None)
    if analyzed == "when all did":
        rows.update(due_at=timezone.now() - timedelta(hours=1))
    analyze()
    rows.update(due_at=timezone.now() + timedelta(days=2))
    rows.filter(due).update(due_at=timezone.now() - timedelta(seconds=1))
    assert len(claims.claim(limit)) == limit

    # Each due row passes a dozen steps, and none that waits does; joined with each other they would
    # be 100,000s.
    assert rows_touched(fairness.CLAIM, claims.claim_values(limit)) < 14 * count
