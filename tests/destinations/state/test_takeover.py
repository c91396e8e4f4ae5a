"""The claims of a worker process that is gone are taken over before their leases end."""

from contextlib import closing
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone

from destinations import manual_retry
from destinations.accounts import encryption
from destinations.dispatch import claims, enqueue
from destinations.models import Attempt, BusyWorker, Destination, Heartbeat
from destinations.publishing import worker
from destinations.publishing.commands import ClaimLost, SaveCheckpoint, Start
from destinations.publishing.complete import Complete
from destinations.publishing.held_claims import HeldClaims
from destinations.publishing.worker import Publisher
from destinations.runtime.worker import event_loop
from destinations.state import takeover
from platforms.drafts import Draft, Media
from platforms.errors import Rejected, Unavailable
from platforms.outcomes import Absent, Published, RefusedLater, Undeterminable
from tests.destinations.connected import connect
from tests.destinations.run_command import execute, settle
from tests.factories import make_account, make_post, make_workspace

S = Destination.Status
GONE, ALIVE = "a:1", "b:2"


@pytest.fixture(autouse=True)
def _ticks(db):
    Heartbeat.objects.create(count=100, at=timezone.now())


@pytest.fixture
def row(db):
    workspace = make_workspace()
    return make_post(workspace, [make_account(workspace)]).destinations.get()


def with_a_file(platform: str):
    workspace = make_workspace()
    draft = Draft("Hello", media=(Media("a", "image", "image/png", "a.png", 9),))
    return make_post(workspace, [make_account(workspace, platform)], draft=draft)


def begin(by: str = GONE):
    """The job of the only due destination, begun by this process."""
    (claimed,) = claims.claim(10)
    return execute(Start(*claimed.key), by=f"worker:{by}")


def announce(job) -> None:
    execute(SaveCheckpoint(job, {}, sending=True, answered=False))


def silent(name: str = GONE, *, seconds: float = 9, ticks: int = 9) -> None:
    """This process said that it is alive so long ago."""
    takeover.beat(name)
    at = timezone.now() - timedelta(seconds=seconds)
    BusyWorker.objects.filter(name=name).update(at=at, tick=100 - ticks)


def test_what_it_had_begun_and_not_announced_is_due_at_once(row):
    begin()
    silent()

    assert takeover.from_gone() == 1

    assert [each.id for each in claims.claim(10)] == [row.pk]
    assert not BusyWorker.objects.exists()


def test_what_it_had_announced_is_looked_up_at_once_and_proven_absent_only_later(row):
    job = begin()
    announce(job)
    silent()

    assert takeover.from_gone() == 1

    lookup = begin(ALIVE)
    found = Destination.objects.get()
    assert (found.status, found.begun_count) == (S.UNCONFIRMED, 2)
    sent_at = Attempt.objects.get().sent_at
    assert (lookup.look_for, lookup.settled_at) == (sent_at, claims.settled_at(sent_at))
    assert execute(Complete(lookup, Absent(), {"sent_again": True}, answered=False)) == (
        "check_again"
    )
    found.refresh_from_db()
    assert (found.due_at, found.lookups, found.begun_count) == (lookup.settled_at, 0, 0)
    assert encryption.unseal(found.checkpoint) == {}


def test_the_lane_of_what_was_looked_up_is_open(row):
    announce(begin())
    silent()
    takeover.from_gone()
    execute(Complete(begin(ALIVE), Absent(proven=False), {}, answered=False))
    make_post(row.workspace, [row.account])

    (claimed,) = claims.claim(10)

    assert claimed.id != row.pk


def test_who_was_only_frozen_records_what_it_published_although_it_was_looked_for(row):
    job = begin()
    announce(job)
    silent()
    takeover.from_gone()
    execute(Complete(begin(ALIVE), Absent(), {}, answered=False))

    execute(Complete(job, Published("1876"), {}, answered=True))

    found = Destination.objects.get()
    assert (found.status, found.platform_post_id) == (S.PUBLISHED, "1876")


def test_a_process_that_looks_up_what_another_had_sent_is_taken_over_from(row):
    announce(begin())
    silent()
    takeover.from_gone()
    execute(Complete(begin(ALIVE), Absent(), {}, answered=False))
    # A probe asks before its time.
    Destination.objects.update(due_at=timezone.now())
    begin(ALIVE)
    silent(ALIVE)

    assert takeover.from_gone() == 1


def test_no_lookup_before_its_time_proves_anything(row):
    announce(begin())
    silent()
    takeover.from_gone()
    for result in (Absent(), Undeterminable("here"), RefusedLater(Rejected("no"))):
        Destination.objects.update(due_at=timezone.now(), begun_count=0)
        execute(Complete(begin(ALIVE), result, {}, answered=False))

        found = Destination.objects.get()
        assert (found.status, found.lookups) == (S.UNCONFIRMED, 0)

    settle(found)
    Destination.objects.update(due_at=timezone.now())
    execute(Complete(begin(ALIVE), Absent(), {}, answered=False))
    assert Destination.objects.get().error_code == "not_published"


@pytest.mark.parametrize("platform", ["telegram", "discord", "youtube", "tiktok"])
def test_a_call_that_carries_files_is_proven_absent_only_when_its_lease_is_over(platform):
    """Pieces of its body may leave as long as its process believes in its lease."""
    row = with_a_file(platform).destinations.get()
    announce(begin())
    # It had been under way for long, and its lease was renewed.
    lease = timedelta(seconds=settings.LEASE_SECONDS)
    Attempt.objects.update(sent_at=timezone.now() - lease)
    lease_until = Destination.objects.get().due_at
    silent()

    assert takeover.from_gone() == 1

    lookup = begin(ALIVE)
    assert lookup.settled_at == lease_until > timezone.now()
    assert execute(Complete(lookup, Absent(), {}, answered=False)) == "check_again"
    row.refresh_from_db()
    assert (row.due_at, row.lookups) == (lookup.settled_at, 0)


def test_a_second_takeover_of_a_lookup_proves_its_absence_no_later():
    with_a_file("youtube")
    announce(begin())
    silent()
    takeover.from_gone()
    settled_at = begin(ALIVE).settled_at
    Destination.objects.update(begun_count=0)
    silent(ALIVE)

    assert takeover.from_gone() == 1

    assert begin("c:3").settled_at == settled_at


def test_a_call_that_was_not_announced_has_nothing_to_be_proven():
    with_a_file("youtube")
    begin()
    silent()

    assert takeover.from_gone() == 1

    assert Attempt.objects.get().lease_until is None


def test_what_no_process_has_begun_is_due_at_once(row):
    claims.claim(10)
    silent()

    assert takeover.from_gone() == 1

    assert len(claims.claim(10)) == 1


@pytest.mark.parametrize("failure", [Unavailable("Try later"), Rejected("no")])
def test_what_is_to_be_tried_again_after_its_try_had_ended_is_due_at_once(row, failure):
    """Its attempt names the process that is gone, is closed and stays as it is."""
    execute(Complete(begin(), failure, {}, answered=True), by=f"worker:{GONE}")
    manual_retry.requeue([row.pk], by="key:ada")
    Destination.objects.update(due_at=timezone.now())
    claims.claim(10)
    silent()

    assert takeover.from_gone() == 1

    assert Attempt.objects.get().worker == GONE
    assert not BusyWorker.objects.exists()
    assert len(claims.claim(10)) == 1


@pytest.mark.parametrize("is_announced", [False, True])
def test_what_was_taken_over_and_whose_message_was_lost_is_sent_again(
    row, is_announced, monkeypatch
):
    """The process that claimed it died before it sent the message."""
    job = begin()
    if is_announced:
        announce(job)
    silent()
    takeover.from_gone()
    (claimed,) = claims.claim(10)
    soon = timezone.now() + timedelta(seconds=settings.LEASE_SECONDS - 2)
    Destination.objects.update(due_at=soon)
    sent = []
    monkeypatch.setattr(enqueue, "send", lambda rows: sent.extend(rows) or True)
    # Other tests leave messages in the queues.
    monkeypatch.setattr(enqueue, "_messages", lambda names: dict.fromkeys(names, 0))

    enqueue.send_lost()
    assert [each.key for each in sent] == [claimed.key]

    execute(Start(*claimed.key), by=f"worker:{ALIVE}")
    Destination.objects.update(due_at=soon)
    enqueue.send_lost()
    assert len(sent) == 1


def test_what_another_process_has_begun_is_left_to_it(row):
    begin(by=ALIVE)
    silent()

    assert takeover.from_gone() == 0


def test_what_another_process_goes_on_with_is_that_ones(row):
    begin()
    Destination.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    begin(by=ALIVE)
    silent()

    assert takeover.from_gone() == 0
    assert Attempt.objects.get().worker == ALIVE
    assert takeover.take_over([ALIVE]) == 1


@pytest.mark.parametrize(("seconds", "ticks"), [(1, 9), (9, 1)])
def test_a_process_that_was_heard_or_had_no_database_to_tell_is_not_gone(row, seconds, ticks):
    begin()
    silent(seconds=seconds, ticks=ticks)

    assert takeover.from_gone() == 0
    assert not claims.Sweep().awaits_takeover


def test_a_process_that_was_wrongly_taken_for_gone_announces_nothing(row):
    job = begin()
    silent()
    takeover.from_gone()

    with pytest.raises(ClaimLost):
        announce(job)

    assert Attempt.objects.get().sent_at is None


@pytest.mark.django_db(transaction=True)
def test_an_announcement_that_is_being_written_is_not_taken_over(row):
    job = begin()
    other = connections.create_connection("default")
    with transaction.atomic():
        announce(job)
        with closing(other), other.cursor() as cursor:
            cursor.execute(takeover.LOCK, {"names": [GONE]})
            assert cursor.fetchall() == []


@pytest.mark.django_db(transaction=True)
def test_what_it_keeps_locked_is_taken_over_once_it_is_free(row):
    """It was frozen in a transaction, which the database ends after a while."""
    begin()
    silent()
    other = connections.create_connection("default")
    with closing(other), other.cursor() as cursor:
        cursor.execute("BEGIN; SELECT FROM destinations_destination FOR UPDATE")
        assert takeover.from_gone() == 0
        assert takeover.from_gone() == 0
        # A server learns of a closed connection a little later.
        cursor.execute("ROLLBACK")
    silent_again = timezone.now() - timedelta(seconds=9)
    assert BusyWorker.objects.update(at=silent_again, tick=91) == 1

    assert takeover.from_gone() == 1

    assert not BusyWorker.objects.exists()


def test_the_next_claim_finds_what_is_gone_and_publishes_it_once(simulator, db, monkeypatch):
    account = connect(simulator)
    make_post(account.workspace, [account], content="Hello")
    begin()
    silent()
    sent = []
    monkeypatch.setattr(enqueue, "send", lambda claimed: sent.extend(claimed) or True)

    sweep = claims.Sweep()
    enqueue.claim_and_send(sweep)
    assert sweep.has_more
    enqueue.claim_and_send(sweep)
    worker.publish(sent)

    assert Destination.objects.get().status == S.PUBLISHED
    assert len(simulator.posts()) == 1


def test_a_restored_database_doubts_what_is_claimed_before_anything_is_taken_over(row, monkeypatch):
    """A standby that was promoted may lack the announcement of what it calls claimed."""
    begin()
    silent()
    Heartbeat.objects.update(database="7/00000001/5/16400")
    monkeypatch.setattr(enqueue.restore_detector, "is_current", lambda: lambda *known: True)

    enqueue.claim_and_send(claims.Sweep())

    found = Destination.objects.get()
    assert (found.status, found.error_code) == (S.FAILED, "outcome_unknown")


def test_a_process_says_that_it_is_alive_while_it_holds_claims(row):
    (claimed,) = claims.claim(10)
    held = HeldClaims(by=f"worker:{GONE}")
    held.keep()
    assert not BusyWorker.objects.exists()

    held.add([claimed])
    held.keep()
    first = BusyWorker.objects.get()
    held.forget(claimed)
    held.leave()

    assert (first.name, first.tick) == (GONE, 100)
    assert not BusyWorker.objects.exists()


def test_no_two_workers_have_one_name_even_if_they_have_one_host_and_pid():
    names = {Publisher(event_loop.current()).name for _ in range(2)}

    assert len(names) == 2
    assert len({name.rpartition(":")[0] for name in names}) == 1
