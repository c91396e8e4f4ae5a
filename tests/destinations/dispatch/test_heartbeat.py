"""A database that was restored from an earlier state calls due what may be public already."""

from datetime import timedelta
from unittest.mock import Mock

import psycopg
import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import OperationalError, connection
from redis.exceptions import RedisError
from structlog.testing import capture_logs

from destinations.dispatch import claims, enqueue, heartbeat
from destinations.models import Destination, Event, Heartbeat
from destinations.publishing import worker
from destinations.runtime import clock
from destinations.state import restore as state_restore
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db
S = Destination.Status
#: So much is forgotten in these tests.
TICKS = 3


@pytest.fixture(autouse=True)
def _no_tick_so_far():
    cache.delete(heartbeat.KEY)


@pytest.fixture
def row() -> Destination:
    """It is due."""
    account = make_account(make_workspace())
    return make_post(account.workspace, [account]).destinations.get()


def restore():
    """The database is as it was some ticks ago, and Redis is as it is."""
    for _ in range(TICKS + 1):
        heartbeat.check()
    Heartbeat.objects.update(count=1)


def move_elsewhere():
    """The database is another one, and knows everything."""
    heartbeat.check()
    Heartbeat.objects.update(database="7/00000001/5/16400")


def doubted() -> set:
    return set(
        Event.objects.filter(move="mark_possibly_published").values_list("destination", flat=True)
    )


def test_it_is_told_once_and_then_all_goes_on(row):
    restore()
    with capture_logs() as logs:
        enqueue.tick()
    new = make_post(row.workspace, [row.account]).destinations.get()

    enqueue.tick()

    assert [each["marked"] for each in logs if each["event"] == "history_forgotten"] == [{"x": 1}]
    assert doubted() == {row.pk}
    new.refresh_from_db()
    assert new.claim


def test_what_breaks_off_is_done_by_the_next_tick(row, monkeypatch):
    restore()
    with monkeypatch.context() as broken:
        broken.setattr(state_restore.transitions, "move_all", None)
        with pytest.raises(TypeError):
            enqueue.tick()

    enqueue.tick()

    assert doubted() == {row.pk}


def test_an_empty_redis_is_no_reason_to_doubt(row):
    heartbeat.check()
    cache.delete(heartbeat.KEY)

    enqueue.tick()

    assert not doubted()


def test_a_new_installation_and_an_upgraded_one_doubt_nothing(row):
    enqueue.tick()

    assert not doubted()


def test_a_backup_of_before_the_first_tick_is_doubted(row):
    heartbeat.check()
    Heartbeat.objects.all().delete()

    enqueue.tick()

    assert doubted() == {row.pk}


def test_a_standby_that_knows_everything_is_not_doubted(row):
    move_elsewhere()

    enqueue.tick()

    assert not doubted()
    cache.delete(heartbeat.KEY)
    enqueue.tick()
    assert not doubted(), "it is not known as the database it is now"


def tell(**changes):
    """Redis knows something else than it was told."""
    cache.set(heartbeat.KEY, cache.get(heartbeat.KEY)._replace(**changes), timeout=None)


def lose_redis():
    cache.delete(heartbeat.KEY)


def restore_redis():
    tell(ticks=-heartbeat.SLACK_TICKS)


def restore_redis_of_the_same_moment():
    """Everything was stopped, and copied; and then went on."""
    tell(at=clock.now() - heartbeat.MOVING - timedelta(seconds=1))


@pytest.mark.parametrize("happens", [lose_redis, restore_redis, restore_redis_of_the_same_moment])
def test_another_database_is_doubted_if_redis_is_new_or_was_restored_too(row, happens):
    move_elsewhere()
    happens()

    enqueue.tick()

    assert doubted() == {row.pk}


def test_what_another_release_has_told_is_not_read(row):
    heartbeat.check()
    cache.set(heartbeat.KEY, 7)

    enqueue.tick()

    assert not doubted()
    assert isinstance(cache.get(heartbeat.KEY), heartbeat.HeartbeatSnapshot)


def test_the_same_database_is_not_doubted_after_a_long_stop(row):
    heartbeat.check()
    tell(at=clock.now() - timedelta(days=3))

    enqueue.tick()

    assert not doubted()


def test_a_worker_that_looks_for_more_work_notices_too(simulator):
    account = make_account(make_workspace(), token=simulator.connect("x", "77"))
    for _ in range(settings.CLAIM_PER_ACCOUNT + 1):
        make_post(account.workspace, [account])
    claimed = claims.claim(100)
    (left,) = Destination.objects.filter(claim=None)
    restore()

    worker.publish(claimed)

    left.refresh_from_db()
    assert (left.status, left.error_code) == (S.FAILED, "outcome_unknown")


def test_a_redis_that_is_away_is_no_reason_to_claim(row, monkeypatch):
    monkeypatch.setattr(heartbeat.cache, "get", Mock(side_effect=RedisError))

    assert enqueue.enqueue_all() == 0

    row.refresh_from_db()
    assert not row.claim


def test_a_tick_of_which_redis_was_not_told_is_no_reason_to_doubt(row):
    heartbeat.check()
    told = cache.get(heartbeat.KEY)
    move_elsewhere()
    cache.set(heartbeat.KEY, told)

    enqueue.tick()

    assert not doubted()


def test_restored_tables_are_another_database():
    before = heartbeat.identity()
    assert heartbeat.identity() == before
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE destinations_destination RENAME TO kept")
        cursor.execute("CREATE TABLE destinations_destination (LIKE kept)")

    assert heartbeat.identity() != before


def test_a_server_that_refuses_to_name_itself_is_known_by_the_rest(row, monkeypatch):
    _, *rest = heartbeat.IDENTITY
    monkeypatch.setattr(heartbeat, "IDENTITY", ["SELECT none_for_you()", *rest])

    refused, *told = heartbeat.identity().split("/")

    assert refused == ""
    assert all(told)
    enqueue.tick()
    row.refresh_from_db()
    assert row.claim


@pytest.fixture
def at_it():
    """Another process is at the heartbeat, and is not heard of."""
    enqueue.tick()
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT FROM destinations_heartbeat FOR UPDATE")
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        yield
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_whoever_is_frozen_while_it_counts_keeps_nobody_from_a_tick(at_it, row):
    enqueue.tick()

    row.refresh_from_db()
    assert row.claim


@pytest.mark.django_db(transaction=True)
def test_nothing_is_claimed_while_another_doubts(at_it, row):
    tell(ticks=10)

    with pytest.raises(OperationalError):
        enqueue.tick()

    row.refresh_from_db()
    assert not row.claim


# The command


def test_the_command_doubts_a_copy_that_looks_as_if_nothing_happened(row, capsys):
    heartbeat.check()

    call_command("database_restored")

    assert doubted() == {row.pk}
    assert Event.objects.latest("id").by == "operator:command"
    assert "x: 1\nMay be public: 1." in capsys.readouterr().out


def test_the_command_takes_word_that_nothing_is_lost(row):
    restore()

    call_command("database_restored", nothing_lost=True)
    enqueue.tick()

    assert not doubted()
    row.refresh_from_db()
    assert row.claim
