"""Old rows go in bounded steps; the others stay and are not read."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection

from destinations.jobs import forget as forgetting
from destinations.jobs.forget import forget, in_steps
from destinations.runtime import clock
from destinations.runtime.worker import shutdown

pytestmark = pytest.mark.django_db
BY_AGE = Session.objects.order_by("expire_date")


def store(*days: float) -> None:
    """Sessions of these ages, named by them."""
    for age in days:
        at = clock.now() - timedelta(days=age)
        Session.objects.create(session_key=f"{age:06.2f}", session_data="", expire_date=at)


def run(**how) -> int:
    return forget(BY_AGE, "expire_date", clock.now() - timedelta(days=10), **how)


def test_batches_go_one_after_the_other_and_only_the_first_of_the_rest_is_read():
    store(*range(1, 20))
    statements = []

    def look(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        assert run(batch=4) == 10

    assert sorted(float(each.pk) for each in Session.objects.all()) == list(range(1, 10))
    assert [sql[:6] for sql in statements] == ["SELECT", "DELETE"] * 3
    assert run() == 0


def test_rows_of_one_age_are_not_passed_by():
    store(30, 29, 28, 20)
    Session.objects.update(expire_date=clock.now() - timedelta(days=30))

    assert run(batch=1) == 4


def test_the_user_may_delete_more_than_the_rows():
    store(30, 20, 1)
    deleted = []

    assert run(delete=deleted.extend) == 2
    assert deleted == ["030.00", "020.00"]


def test_a_run_ends_after_its_time_and_the_next_one_goes_on(monkeypatch):
    store(30, 20, 1)
    monkeypatch.setattr(forgetting, "RUN_SECONDS", 0)
    assert run() == 0
    monkeypatch.undo()

    assert run() == 2


def test_a_worker_that_stops_takes_no_further_step(monkeypatch):
    asked = iter([False, True])
    monkeypatch.setattr(shutdown, "is_requested", lambda: next(asked))
    assert in_steps(lambda: 5, 5) == 5
