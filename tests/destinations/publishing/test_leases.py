"""A step extends its lease only when much of it is gone, and its worker knows what is left."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from destinations.dispatch import claims
from destinations.models import Destination
from destinations.publishing.commands import SaveCheckpoint, Start
from tests.destinations.run_command import execute
from tests.factories import make_account, make_post, make_workspace
from tests.psql import psql

pytestmark = pytest.mark.django_db

LEASE = 60


@pytest.fixture(autouse=True)
def _lease(settings):
    settings.LEASE_SECONDS = LEASE


def claim_seconds_ago(seconds: float) -> tuple:
    workspace = make_workspace()
    make_post(workspace, [make_account(workspace)])
    ((pk, claim, *_),) = claims.claim(1)
    Destination.objects.update(due_at=database_time() + timedelta(seconds=LEASE - seconds))
    return pk, claim


def database_time() -> datetime:
    return psql("SELECT clock_timestamp()")[0][0]


def due_at() -> datetime:
    return Destination.objects.get().due_at


def seconds_left() -> float:
    return (due_at() - database_time()).total_seconds()


@pytest.mark.parametrize("waited", [0, 10, 19])
def test_an_early_start_and_its_save_leave_the_clock_alone(waited):
    claimed = claim_seconds_ago(waited)
    before = due_at()

    job = execute(Start(*claimed))
    execute(SaveCheckpoint(job, {}, sending=True, answered=False))

    assert due_at() == before


def updates() -> tuple[int, int]:
    """How many updates of destinations this transaction made, and how many of them were HOT.

    Those whose page was full count as HOT: room is what other tests have left.
    """
    return psql(
        "SELECT n_tup_upd, n_tup_hot_upd + n_tup_newpage_upd FROM pg_stat_xact_user_tables"
        " WHERE relname = 'destinations_destination'"
    )[0]


def test_an_early_start_and_its_saves_write_no_index():
    claimed = claim_seconds_ago(0)
    before = updates()

    job = execute(Start(*claimed))
    for sending in (False, True):
        execute(SaveCheckpoint(job, {}, sending=sending, answered=False))

    assert [after - was for after, was in zip(updates(), before, strict=True)] == [3, 3]


@pytest.mark.parametrize("waited", [21, 40, 59])
def test_a_late_start_extends_the_lease(waited):
    execute(Start(*claim_seconds_ago(waited)))

    assert LEASE - 5 < seconds_left() <= LEASE


@pytest.mark.parametrize("waited", [21, 59, 61])
def test_a_late_save_extends_the_lease(waited):
    job = execute(Start(*claim_seconds_ago(0)))
    Destination.objects.update(due_at=database_time() + timedelta(seconds=LEASE - waited))

    _, left = execute(SaveCheckpoint(job, {}, sending=True, answered=False))

    assert LEASE - 5 < seconds_left() <= left == LEASE


def test_a_lease_is_never_longer_than_a_whole_one():
    """As it was granted by a setting that has changed since."""
    execute(Start(*claim_seconds_ago(-100)))

    assert LEASE - 5 < seconds_left() <= LEASE


@pytest.mark.parametrize("waited", [0, 7, 19, 21, 59])
def test_a_worker_trusts_its_lease_until_a_third_before_its_end(waited):
    job = execute(Start(*claim_seconds_ago(waited)))
    with time_machine.travel(datetime.now(UTC), tick=True) as clock:
        job.lease.confirm(*execute(SaveCheckpoint(job, {}, sending=True, answered=False)))
        trusted = seconds_left() - LEASE / 3

        clock.shift(trusted - 2)
        assert job.lease.is_certain()
        clock.shift(2.1)
        assert not job.lease.is_certain()


def test_a_lease_that_has_nearly_ended_is_not_trusted():
    lease = claims.Lease()
    for left in (LEASE / 3 - 1, 0, -5):
        lease.confirm(claims.read_clocks(), left)
        assert not lease.is_certain()
