"""A restored database calls due what may be public already; this is detected."""

import uuid
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

from destinations.dispatch import changes, enqueue
from destinations.dispatch.restoring import restore_detector
from destinations.models import ClaimCounter, Destination, Event, Heartbeat, Pause
from destinations.pauses import lifecycle as pausing
from destinations.runtime import clock, redis_client
from destinations.state import restore as state_restore
from tests.factories import make_account, make_post, make_workspace
from tests.psql import psql

pytestmark = pytest.mark.django_db
S = Destination.Status
#: So much is forgotten in these tests.
TICKS = 3


@pytest.fixture
def row() -> Destination:
    """A due destination."""
    account = make_account(make_workspace())
    return make_post(account.workspace, [account]).destinations.get()


def restore():
    """Restore the database from some ticks ago; Redis keeps its state."""
    for _ in range(TICKS + 1):
        restore_detector.check()
    Heartbeat.objects.update(count=1)


def move_elsewhere():
    """Switch to another database that is complete."""
    restore_detector.check()
    Heartbeat.objects.update(database="7/00000001/5/16400")


def marked() -> set:
    """What is in doubt: a person has to look, or the network is asked."""
    doubted = ("mark_possibly_published", "look_up_doubtful")
    return set(Event.objects.filter(move__in=doubted).values_list("destination", flat=True))


def test_a_restore_is_reported_once_and_then_work_continues(row):
    restore()
    with capture_logs() as logs:
        enqueue.tick()
    new = make_post(row.workspace, [row.account]).destinations.get()

    enqueue.tick()

    assert [each["marked"] for each in logs if each["event"] == "history_forgotten"] == [{"x": 1}]
    assert marked() == {row.pk}
    new.refresh_from_db()
    assert new.claim


def test_an_interrupted_check_is_completed_by_the_next_tick(row, monkeypatch):
    restore()
    with monkeypatch.context() as broken:
        broken.setattr(state_restore.transitions, "move_all", None)
        with pytest.raises(TypeError):
            enqueue.tick()

    enqueue.tick()

    assert marked() == {row.pk}


def test_new_and_upgraded_installations_detect_no_restore(row):
    enqueue.tick()

    assert not marked()


def test_a_backup_from_before_the_first_tick_is_detected(row):
    restore_detector.check()
    Heartbeat.objects.all().delete()

    enqueue.tick()

    assert marked() == {row.pk}


def test_a_complete_standby_is_no_restore(row):
    move_elsewhere()

    enqueue.tick()

    assert not marked()
    cache.delete(restore_detector.KEY)
    enqueue.tick()
    assert not marked(), "it is not known as the database it is now"


def set_snapshot(**changes):
    """Change the snapshot in Redis."""
    known = restore_detector.HeartbeatSnapshot(*cache.get(restore_detector.KEY))
    cache.set(restore_detector.KEY, tuple(known._replace(**changes)), timeout=None)


def lose_redis():
    cache.delete(restore_detector.KEY)


def restore_redis():
    set_snapshot(ticks=-restore_detector.SLACK_TICKS)


def restore_redis_of_the_same_moment():
    """Everything was stopped, copied and started again."""
    set_snapshot(at=clock.now() - restore_detector.MOVING - timedelta(seconds=1))


@pytest.mark.parametrize("happens", [lose_redis, restore_redis, restore_redis_of_the_same_moment])
def test_another_database_is_detected_even_if_redis_is_new_or_was_restored_too(row, happens):
    move_elsewhere()
    happens()

    enqueue.tick()

    assert marked() == {row.pk}


def meet_another_release():
    cache.set(restore_detector.KEY, 7)


def stop_for_days():
    set_snapshot(at=clock.now() - timedelta(days=3))


@pytest.mark.parametrize("happens", [lose_redis, meet_another_release, stop_for_days])
def test_the_same_database_is_no_restore_no_matter_what_redis_has(row, happens):
    restore_detector.check()
    happens()

    enqueue.tick()

    assert not marked()
    # Of plain types, which every release can read.
    assert type(cache.get(restore_detector.KEY)) is tuple


def test_a_claim_between_ticks_detects_a_restore_too(row):
    enqueue.tick()
    left = make_post(row.workspace, [make_account(row.workspace)]).destinations.get()
    restore()

    enqueue.enqueue()

    left.refresh_from_db()
    assert (left.status, left.claim) == (S.UNCONFIRMED, None)


@pytest.mark.parametrize(
    "happens", [lose_redis, restore_redis_of_the_same_moment, lambda: set_snapshot(ticks=-9)]
)
def test_a_claim_between_ticks_checks_all_without_a_recent_copy(row, happens):
    move_elsewhere()
    happens()

    enqueue.enqueue()

    assert marked() == {row.pk}


def test_claims_between_ticks_count_none():
    restore_detector.check()

    enqueue.enqueue()
    enqueue.enqueue()

    assert Heartbeat.objects.get().count == 1


def test_a_claim_between_ticks_reads_the_counter_in_its_own_transaction(row, monkeypatch):
    restore_detector.check()
    taken = restore_detector.is_current()
    monkeypatch.setattr(restore_detector, "is_current", lambda: taken)
    Heartbeat.objects.update(count=0)

    enqueue.enqueue()

    assert marked() == {row.pk}


def test_nothing_is_claimed_while_redis_is_away(row, monkeypatch):
    monkeypatch.setattr(restore_detector.cache, "get", Mock(side_effect=RedisError))

    with pytest.raises(RedisError):
        enqueue.enqueue()

    assert enqueue.tick() == 0
    row.refresh_from_db()
    assert not row.claim


def test_a_tick_missing_in_redis_is_no_restore(row):
    restore_detector.check()
    told = cache.get(restore_detector.KEY)
    move_elsewhere()
    cache.set(restore_detector.KEY, told)

    enqueue.tick()

    assert not marked()


def test_restored_tables_have_another_identity():
    before = restore_detector.identity()
    assert restore_detector.identity() == before
    psql("ALTER TABLE destinations_destination RENAME TO kept")
    psql("CREATE TABLE destinations_destination (LIKE kept)")

    assert restore_detector.identity() != before


def test_a_server_that_refuses_one_question_is_identified_by_the_others(row, monkeypatch):
    _, *rest = restore_detector.IDENTITY
    monkeypatch.setattr(restore_detector, "IDENTITY", ["SELECT none_for_you()", *rest])

    refused, *told = restore_detector.identity().split("/")

    assert refused == ""
    assert all(told)
    enqueue.tick()
    row.refresh_from_db()
    assert row.claim


@pytest.fixture
def stalled():
    """Another process holds the heartbeat's row, and hangs."""
    enqueue.tick()
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT FROM destinations_heartbeat FOR UPDATE")
        psql("SET lock_timeout = '100ms'")
        yield
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_stalled_counter_does_not_block_other_ticks(stalled, row):
    enqueue.tick()

    row.refresh_from_db()
    assert row.claim


@pytest.mark.django_db(transaction=True)
def test_nothing_is_claimed_while_another_process_handles_a_restore(stalled, row):
    set_snapshot(ticks=10)

    with pytest.raises(OperationalError):
        enqueue.tick()

    row.refresh_from_db()
    assert not row.claim


# A standby that lost less than a tick


def promote(monkeypatch, *, synchronous=False):
    """Another timeline, whose last tick is Redis' as well."""
    restore_detector.check()
    monkeypatch.setattr(restore_detector, "IS_SYNCHRONOUS", f"SELECT {synchronous}")
    restore_detector.check()
    Heartbeat.objects.update(database="7/00000001/5/16400")


def test_a_claim_that_the_database_has_lost_is_noticed_between_ticks(row):
    restore_detector.check()
    enqueue.enqueue()
    # What a standby has that had the last tick and not the claim.
    Destination.objects.update(claim=None, due_at=row.due_at)
    ClaimCounter.objects.update(count=0)

    enqueue.enqueue()

    assert marked() == {row.pk}
    assert ClaimCounter.objects.get().count == 1
    new = make_post(row.workspace, [row.account]).destinations.get()
    enqueue.enqueue()
    new.refresh_from_db()
    assert new.claim


def test_a_claim_that_takes_nothing_is_not_counted():
    restore_detector.check()

    enqueue.enqueue()

    assert not ClaimCounter.objects.exists()


def test_copies_of_the_count_may_come_in_any_order():
    restore_detector.check()
    for count in (1, 12, 3):
        restore_detector.remember_claims(count)

    assert not restore_detector.is_current()(1, 11)
    assert restore_detector.is_current()(1, 12)


def test_a_claim_that_redis_was_not_told_of_is_given_back(row, monkeypatch):
    restore_detector.check()
    monkeypatch.setattr(restore_detector, "remember_claims", Mock(side_effect=RedisError))

    with pytest.raises(RedisError):
        enqueue.enqueue()

    row.refresh_from_db()
    assert (row.claim, row.due_at <= clock.now()) == (None, True)


def test_what_a_worker_had_is_doubted_on_another_timeline(row, monkeypatch):
    """Its claim was replicated, and that it was published was not."""
    waiting = make_post(row.workspace, [make_account(row.workspace)]).destinations.get()
    promote(monkeypatch)
    Destination.objects.filter(pk=row.pk).update(claim=uuid.uuid4())

    enqueue.tick()

    assert marked() == {row.pk}
    waiting.refresh_from_db()
    assert waiting.claim, "what no worker had goes out"


def test_what_a_worker_had_goes_on_if_commits_waited_for_a_standby(row, monkeypatch):
    promote(monkeypatch, synchronous=True)
    Destination.objects.filter(pk=row.pk).update(claim=uuid.uuid4())

    enqueue.tick()

    assert not marked()
    # The promoted one has no standby yet.
    monkeypatch.setattr(restore_detector, "IS_SYNCHRONOUS", "SELECT false")
    restore_detector.check()
    assert not ClaimCounter.objects.get().is_synchronous


def test_a_change_that_the_standby_has_lost_is_not_sent_as_before(row, later, monkeypatch):
    promote(monkeypatch)
    kept = make_post(row.workspace, [row.account], scheduled_for=later.due_at).destinations.get()
    at = clock.now()
    changes.note({later.post_id: later.wanted_at, kept.post_id: kept.wanted_at})
    Destination.objects.filter(pk=later.pk).update(updated_at=at - timedelta(minutes=1))

    enqueue.tick()

    assert marked() == {later.pk}


# What was scheduled


@pytest.fixture
def later(row) -> Destination:
    """A destination that is due tomorrow."""
    at = clock.now() + timedelta(days=1)
    return make_post(row.workspace, [row.account], scheduled_for=at).destinations.get()


def pauses() -> list[str]:
    return list(Pause.objects.filter(resumed_at=None).values_list("scope", flat=True))


def test_what_was_changed_in_the_lost_time_is_not_sent_as_it_was(row, later):
    restore()
    changes.note({later.post_id: later.wanted_at})

    enqueue.tick()

    later.refresh_from_db()
    assert (later.status, later.error_code, later.due_at) == ("failed", "outcome_unknown", None)
    assert "changed or deleted in between" in later.error
    assert marked() == {row.pk, later.pk}
    assert not pauses()


def test_what_was_changed_since_the_very_first_tick_is_known(row, later):
    redis_client.client(settings.REDIS_URL).delete(changes.SINCE_KEY)
    restore_detector.check()
    first = Heartbeat.objects.get()
    changes.note({later.post_id: later.wanted_at})
    for _ in range(TICKS):
        restore_detector.check()
    first.save()

    enqueue.tick()

    assert marked() == {row.pk, later.pk}
    assert not pauses()


def test_what_was_changed_before_the_lost_time_goes_out_as_usual(row, later):
    changes.note({later.post_id: later.wanted_at})
    restore()
    Heartbeat.objects.update(at=clock.now() + 2 * changes.SLACK)

    enqueue.tick()

    assert marked() == {row.pk}
    assert not pauses()


@pytest.mark.parametrize("forgotten", [changes.SINCE_KEY, restore_detector.KEY])
def test_without_knowing_what_was_changed_publishing_is_paused(row, later, forgotten):
    move_elsewhere()
    restore_redis_of_the_same_moment()
    redis_client.client(settings.REDIS_URL).delete(forgotten)
    cache.delete(forgotten)

    enqueue.tick()

    assert marked() == {row.pk}
    assert pauses() == ["installation"]
    assert "Redis does not know" in Pause.objects.get().reason
    assert not later.claim


def test_a_pause_that_is_in_force_stays_the_only_one(row):
    pausing.pause("installation", by="ada", reason="Holiday")
    move_elsewhere()
    lose_redis()

    enqueue.tick()

    assert Pause.objects.get().reason == "Holiday"


# The command


def test_the_command_marks_posts_of_a_copy_that_is_not_detected(row, capsys):
    restore_detector.check()

    call_command("database_restored")

    assert marked() == {row.pk}
    assert Event.objects.latest("id").by == "operator:command"
    said = capsys.readouterr().out
    assert "x: 1\nMay be public: 1." in said
    assert "Paused, the whole installation: The database was restored" in said


def test_the_command_accepts_that_nothing_is_lost(row):
    restore()

    call_command("database_restored", nothing_lost=True)
    enqueue.tick()

    assert not marked()
    row.refresh_from_db()
    assert row.claim
