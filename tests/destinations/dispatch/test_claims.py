"""Parallel claims, and the cost of a claim with stale statistics."""

import json
import threading
import time
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from destinations.dispatch import claims
from destinations.models import Account, Destination
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db(transaction=True)


def make_accounts(count: int) -> list[Account]:
    workspace = make_workspace()
    return [make_account(workspace) for _ in range(count)]


def make_rows(accounts: list[Account], each: int, due_at) -> None:
    """`each` destinations per account, in as few statements as rows allow."""
    pattern = make_post(accounts[0].workspace, accounts[:1]).destinations.get()
    wanted = [(number, account) for number in range(each) for account in accounts]
    rows = [
        Destination(
            post=pattern.post,
            workspace=pattern.workspace,
            account=account,
            account_number=account.pk + 1_000_000 * (number + 1),
            account_name=account.name,
            platform=account.platform,
            queue=pattern.queue,
            position=number,
            draft=pattern.draft,
            due_at=due_at,
            wanted_at=due_at,
            updated_at=due_at,
        )
        for number, account in wanted
    ]
    pattern.delete()
    Destination.objects.bulk_create(rows)


@contextmanager
def claim_lock_held():
    """Another session holds the claim lock."""
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(claims.TRY_LOCK)
            assert cursor.fetchone() == (True,)
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


def finish(rows: list[claims.Claimed]) -> None:
    Destination.objects.filter(pk__in=[row.id for row in rows]).update(due_at=None, claim=None)


def test_four_parallel_claimers_never_share_an_account():
    make_rows(make_accounts(100), 40, timezone.now() - timedelta(seconds=1))
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
            lists[number] = claims.claim(100)
            all_hold.wait(60)
            finish(lists[number])
        connection.close()

    threads = [threading.Thread(target=work, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(claimed)) == len(claimed) >= 1200
    assert in_two_lists == []


def test_a_tick_that_meets_another_claim_takes_nothing_and_does_not_wait():
    make_rows(make_accounts(1), 1, timezone.now() - timedelta(seconds=1))

    with claim_lock_held():
        assert claims.claim(10) == []

    assert len(claims.claim(10)) == 1


def test_new_rows_wait_for_another_claim_to_end():
    make_rows(make_accounts(1), 1, timezone.now() - timedelta(seconds=1))
    wanted = Destination.objects.get().pk
    found = []

    def claim() -> None:
        found.extend(claims.claim(10, [wanted]))
        connection.close()

    with claim_lock_held() as let_go:
        thread = threading.Thread(target=claim)
        thread.start()
        while thread.is_alive() and not _is_waiting_for_lock():
            time.sleep(0.001)
        assert found == []
        let_go.set()
        thread.join()

    assert [row.id for row in found] == [wanted]


def test_new_rows_are_left_to_the_tick_when_another_claim_takes_long():
    make_rows(make_accounts(1), 1, timezone.now() - timedelta(seconds=1))
    wanted = Destination.objects.get().pk

    with claim_lock_held():
        assert claims.claim(10, [wanted]) == []

    assert [row.id for row in claims.claim(10)] == [wanted]


def _is_waiting_for_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return cursor.fetchone()[0] > 0


@pytest.fixture
def autovacuum_off():
    """Only the test refreshes the statistics."""
    table = "ALTER TABLE destinations_destination"
    with connection.cursor() as cursor:
        cursor.execute(f"{table} SET (autovacuum_enabled = false)")
        yield
        cursor.execute(f"{table} RESET (autovacuum_enabled)")


def analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE destinations_destination")


def rows_touched(limit: int) -> int:
    """How many rows all steps of one claim processed, including discarded ones."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {claims.ANY_DUE}", claims.claim_values(limit)
        )
        ((plan,),) = cursor.fetchall()
        transaction.set_rollback(True)
    return _sum(json.loads(plan)[0]["Plan"] if isinstance(plan, str) else plan[0]["Plan"])


def _sum(node: dict) -> int:
    counted = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter")
    own = sum(node.get(name, 0) for name in counted) * node["Actual Loops"]
    return own + sum(_sum(child) for child in node.get("Plans", ()))


@pytest.mark.parametrize("analyzed", ["before they fell due", "when none waited", "when all did"])
def test_a_claim_costs_the_same_with_stale_statistics(analyzed, autovacuum_off):
    count, limit = 3000, 150
    rows = Destination.objects
    make_rows(make_accounts(300), count // 300, timezone.now() + timedelta(days=1))
    if analyzed == "when none waited":
        rows.update(due_at=None)
    if analyzed == "when all did":
        rows.update(due_at=timezone.now() - timedelta(hours=1))
    analyze()
    rows.update(due_at=timezone.now() - timedelta(seconds=1))
    assert len(claims.claim(limit)) == limit

    # Each due row passes a handful of steps; joined with each other they would be 100,000s.
    assert rows_touched(limit) < 12 * count
