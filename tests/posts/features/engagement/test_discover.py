"""Finding what is to be read, and recording it, lock accounts in one order."""

import threading
from unittest.mock import Mock

import psycopg
import pytest
from django.db import connection

from posts.features.engagement import collect, visits
from tests.factories import make_account
from tests.psql import psql
from tests.until import until


@pytest.mark.django_db(transaction=True)
def test_discovering_and_recording_lock_accounts_in_one_order(ada, simulator, published):
    """In two orders they would wait for each other."""
    accounts = [
        make_account(
            ada.workspace, "x", token=simulator.connect("x", number), platform_account_id=number
        )
        for number in ("31", "32")
    ]
    for account in accounts:
        published(account)
    collect.discover()
    first, last = sorted(account.pk for account in accounts)
    for account in reversed(accounts):
        published(account)
    waiting = threading.Thread(target=discovering)
    lock = "SELECT FROM posts_accountengagement WHERE account_id = %s FOR UPDATE"

    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute(lock, [first])
        waiting.start()
        until(is_waiting)
        other.execute(f"{lock} NOWAIT", [last])
    waiting.join(30)


def discovering():
    try:
        collect.discover()
    finally:
        connection.close()


def is_waiting() -> bool:
    return bool(
        psql(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            " AND datname = current_database()"
        )[0][0]
    )


def test_visits_that_end_together_are_recorded_in_one_order(monkeypatch):
    seen = []
    monkeypatch.setattr(visits, "record", lambda visit, answer: seen.append(visit.account_id))
    asked = [
        collect.RecordVisit(Mock(account_id=number), visits.VisitResult({})) for number in (3, 1, 2)
    ]

    assert collect.RecordVisit.execute_many(asked, "a") == [None] * 3

    assert seen == [1, 2, 3]
