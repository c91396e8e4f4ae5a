"""What a worker's thread does with its connection between two tasks."""

import time

import pytest
from django.db import DatabaseError, connection

from config.celery import app
from config.queue.celery_overrides import WorkerFixup
from tests.cuts import cut
from tests.psql import psql

pytestmark = pytest.mark.django_db(transaction=True)


def session() -> int:
    ((pid,),) = psql("SELECT pg_backend_pid()")
    return pid


def after_a_task() -> None:
    WorkerFixup(app).close_database()


def test_one_that_works_is_kept():
    before = session()

    after_a_task()

    assert session() == before


def test_one_that_the_server_ended_is_replaced_before_the_next_statement():
    before = session()
    cut()

    after_a_task()

    assert session() != before


def test_one_that_is_older_than_it_may_be_is_replaced():
    before = session()
    connection.close_at = time.monotonic() - 1

    after_a_task()

    assert session() != before


def test_one_of_a_server_that_has_become_a_standby_is_replaced():
    before = session()
    psql("SET default_transaction_read_only = on")
    with pytest.raises(DatabaseError):
        psql("UPDATE destinations_heartbeat SET count = count")

    after_a_task()

    assert session() != before
