"""What the users of leased rows rely on, on a table of its own and with connections that race."""

import threading
import uuid
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, models, transaction
from django.db.models import Q
from django.test.utils import isolate_apps

from destinations.jobs.leased_rows import LeasedRows, LeaseLost
from destinations.runtime import clock
from tests.posts.at_once import at_once

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)

with isolate_apps("destinations"):

    class Job(models.Model):  # noqa: DJ008
        owner = models.IntegerField(default=0)
        due_at = models.DateTimeField(null=True)
        claim = models.UUIDField(null=True)
        tries = models.IntegerField(default=0)
        note = models.TextField(default="")

        class Meta:
            app_label = "destinations"
            db_table = "a_job_of_the_tests"


ROWS = LeasedRows(Job, seconds=60, tries="tries", most_tries=2)
#: The end of the lease is the token.
PLAIN = LeasedRows(Job, seconds=60, claim=None)
SHARED = LeasedRows(Job, seconds=60, owner="owner", per_owner=2)
both = pytest.mark.parametrize("rows", [ROWS, PLAIN], ids=["token", "lease"])


@pytest.fixture(scope="module", autouse=True)
def _table(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            editor.create_model(Job)
        yield
        with connection.schema_editor() as editor:
            editor.delete_model(Job)


@pytest.fixture(autouse=True)
def _no_rows_of_another_test(_table, db):
    Job.objects.all().delete()


def make(count: int = 1, **fields: Any) -> list[Job]:
    """Rows that are due, the first one longest."""
    now = clock.now()
    return [
        Job.objects.create(**{"due_at": now - timedelta(seconds=count - number), **fields})
        for number in range(count)
    ]


def end_leases() -> None:
    Job.objects.update(due_at=clock.now() - timedelta(seconds=1))


def stored(row: Job) -> Job:
    return Job.objects.get(pk=row.pk)


@both
def test_a_row_is_claimed_once_until_its_lease_ends_and_then_with_a_new_token(rows):
    make()
    first = rows.claim_one()
    assert rows.claim_one() is None
    end_leases()

    again = rows.claim_one()

    assert again.pk == first.pk
    assert (again.claim, again.due_at) != (first.claim, first.due_at)
    assert stored(again).due_at == again.due_at > clock.now() + timedelta(seconds=50)


@both
@committed
def test_of_those_who_claim_at_once_each_row_has_one(rows):
    make(6)
    keys = [row.pk for each in at_once([lambda: rows.claim(2)] * 3) for row in each]
    assert len(keys) == len(set(keys)) >= 2


@committed
def test_a_row_that_another_session_has_locked_is_left_out():
    locked, free = make(2)
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT FROM a_job_of_the_tests WHERE id = %s FOR UPDATE", [locked.pk])
        assert [row.pk for row in ROWS.claim(10)] == [free.pk]
        assert ROWS.renew_all({locked.pk: uuid.uuid4()}) == set()


def test_those_that_are_due_longest_come_first_or_the_callers_order():
    first, second, third = make(3)
    assert ROWS.claim_one().pk == first.pk
    assert ROWS.claim_one(Job.objects.order_by("-due_at")).pk == third.pk
    assert ROWS.claim(10, Job.objects.exclude(pk=second.pk)) == []


def test_rows_are_due_at_their_time_or_by_the_users_own_condition():
    make(due_at=None)
    make(due_at=clock.now() + timedelta(seconds=30))
    (wanted,) = make(due_at=None, note="now")
    asked = LeasedRows(Job, seconds=60, is_due=lambda now: Q(note="now"))

    assert (ROWS.claim(10), PLAIN.claim(10)) == ([], [])
    assert [row.pk for row in asked.claim(10, note="taken")] == [wanted.pk]
    assert (stored(wanted).note, asked.claim(10)) == ("taken", [])


@both
def test_one_that_comes_late_writes_nothing(rows):
    make()
    late = rows.claim_one()
    end_leases()
    owner = rows.claim_one()

    for write in (rows.renew, rows.release, lambda row: rows.write(row, note="late")):
        with pytest.raises(LeaseLost):
            write(late)
    rows.write(owner, note="mine")
    with transaction.atomic():
        assert rows.hold(late) is None
        assert rows.hold(owner).note == "mine"


def test_a_released_row_is_due_after_its_pause_and_nobodys():
    make()
    row = ROWS.claim_one()
    ROWS.release(row, 30)
    row.refresh_from_db()

    assert row.due_at > clock.now() + timedelta(seconds=25)
    with pytest.raises(LeaseLost):
        ROWS.write(row, note="not mine")


@committed
def test_a_held_row_is_locked_until_the_transaction_ends():
    make()
    row = ROWS.claim_one()
    end_leases()
    held, done = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            assert ROWS.hold(row)
            held.set()
            assert done.wait(30)

    def claim():
        assert held.wait(30)
        found = ROWS.claim(1)
        done.set()
        return found

    assert at_once([hold, claim])[1] == []
    assert len(ROWS.claim(1)) == 1


@both
def test_a_lease_that_is_renewed_goes_on(rows):
    make()
    row = rows.claim_one()
    before = row.due_at

    rows.renew(row)
    assert stored(row).due_at == row.due_at > before
    rows.renew(row, timedelta(hours=1))
    assert stored(row).due_at > clock.now() + timedelta(minutes=59)


def test_a_lease_is_kept_alive_once_a_tenth_of_it_has_passed(django_assert_num_queries):
    make()
    row = ROWS.claim_one()
    with django_assert_num_queries(0):
        ROWS.keep_alive(row)
    row.due_at -= timedelta(seconds=10)

    ROWS.keep_alive(row)

    assert stored(row).due_at > clock.now() + timedelta(seconds=55)


def test_many_leases_are_renewed_at_once_except_those_that_were_lost():
    make(3)
    kept, lost, other = ROWS.claim(3)
    Job.objects.filter(pk=lost.pk).update(claim=uuid.uuid4())
    end_leases()

    assert ROWS.renew_all({kept.pk: kept.claim, lost.pk: lost.claim}) == {kept.pk}
    assert {row.pk for row in ROWS.claim(3)} == {lost.pk, other.pk}


def test_an_owner_has_no_more_leases_than_its_share():
    make(5, owner=1)
    make(owner=2)
    claimed = [SHARED.claim_one() for _ in range(4)]

    assert [row.owner for row in claimed if row] == [1, 1, 2]
    SHARED.release(claimed[0])
    assert SHARED.claim_one().owner == 1
    assert SHARED.claim_one() is None
    end_leases()
    assert SHARED.claim_one()


@committed
def test_those_who_claim_at_once_keep_to_the_share_of_an_owner():
    make(8, owner=1)
    assert sum(row is not None for row in at_once([SHARED.claim_one] * 5)) == 2


def test_starts_are_counted_unless_a_try_is_given_back():
    make()
    for is_spent in (False, False, True):
        row = ROWS.claim_one()
        assert ROWS.is_spent(row) == is_spent
        end_leases()
    ROWS.release(row, spends_try=False)

    assert (stored(row).tries, stored(row).claim) == (2, None)


def test_a_database_that_is_away_spends_no_try_and_a_bug_does():
    make()
    row = ROWS.claim_one()
    with ROWS.working(row):
        raise OperationalError("gone")
    assert (stored(row).tries, stored(row).claim) == (0, None)

    row = ROWS.claim_one()
    with pytest.raises(ZeroDivisionError), ROWS.working(row):
        raise ZeroDivisionError
    assert (stored(row).tries, stored(row).claim) == (1, row.claim)


def test_the_work_of_a_lost_lease_ends_quietly():
    make()
    row = ROWS.claim_one()
    Job.objects.update(claim=uuid.uuid4())

    with ROWS.working(row):
        ROWS.write(row, note="late")
        raise AssertionError("goes on")
    with ROWS.working(row):
        raise OperationalError("gone")

    assert (stored(row).note, stored(row).tries) == ("", 1)
