"""One worker at a time has a deletion; one that lost it changes nothing."""

import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from destinations import manual_retry
from destinations.accounts import encryption
from destinations.deleting import claims, deletion_request, deletion_worker, record
from destinations.deleting.commands import Begin, ClaimLost, End, SaveProgress
from destinations.deleting.deletion_worker import DeletionEngine
from destinations.models import Account, Deletion, Destination
from destinations.runtime import clock
from platforms.drafts import Draft
from tests.destinations.deleting import working
from tests.destinations.deleting.conftest import ADA, ask, delete
from tests.destinations.run_command import execute
from tests.factories import make_workspace

D = Deletion.Status


def begin(live):
    (deletion,) = ask(live())
    (claimed,) = claims.claim(10)
    job = execute(Begin(claimed))
    return deletion, claimed, job


def lose(deletion: Deletion) -> None:
    """Another worker has it, as after a lease that ended."""
    Deletion.objects.filter(pk=deletion.pk).update(claim=uuid.uuid4())


def test_networks_that_are_busy_are_left_out(live):
    ask(live("x"), live("facebook"))

    assert [each.platform for each in claims.claim(10, ["x"])] == ["facebook"]


def test_a_worker_that_died_after_it_began_is_followed_by_another(live, simulator):
    deletion, _, job = begin(live)
    assert job.left
    Deletion.objects.update(due_at=clock.now() - timedelta(seconds=1))

    working.work()

    deletion.refresh_from_db()
    assert (deletion.status, deletion.attempts) == (D.DELETED, 2)


def test_a_worker_that_lost_its_claim_changes_nothing(live):
    deletion, claimed, job = begin(live)
    lose(deletion)

    assert execute(Begin(claimed)) is None
    with pytest.raises(ClaimLost):
        execute(SaveProgress(job))
    execute(End(job, None))

    deletion.refresh_from_db()
    assert (deletion.status, deletion.attempts) == (D.DELETING, 1)


def test_a_claim_that_is_lost_while_its_end_is_written_changes_nothing(live, monkeypatch):
    deletion, _, job = begin(live)
    lock = record.lock

    def lock_late(post_id):
        lose(deletion)
        return lock(post_id)

    monkeypatch.setattr(record, "lock", lock_late)

    execute(End(job, None))

    assert Deletion.objects.get().status == D.DELETING


def test_each_part_that_is_gone_is_saved_before_the_next_is_asked_for(live, monkeypatch):
    row = live("x", Draft("One", settings={"thread": ["Two", "Three"]}))
    saved, execute_save = [], SaveProgress.execute

    def save(command):
        saved.append([part["removal"] for part in command.job.parts])
        execute_save(command)

    monkeypatch.setattr(SaveProgress, "execute", save)

    delete(row)

    assert saved == [["", "", "deleted"], ["", "deleted", "deleted"]]


def test_a_worker_that_comes_late_after_the_end_changes_nothing(live):
    _, _, job = begin(live)
    Deletion.objects.update(due_at=clock.now() - timedelta(seconds=1))
    working.work()
    before = Deletion.objects.values().get()

    execute(End(job, None))

    assert Deletion.objects.values().get() == before


@pytest.mark.django_db(transaction=True)
def test_of_a_retry_and_a_deletion_at_once_one_gives_way(live, simulator):
    row = live()
    parts = encryption.seal({"parts": [row.platform_post_id]})
    begin_together = threading.Barrier(2)

    def retrying() -> bool:
        begin_together.wait()
        moved = manual_retry.requeue([row.pk], by="key:pe").moved
        connection.close()
        return bool(moved)

    def deleting() -> bool:
        begin_together.wait()
        try:
            with transaction.atomic():
                rows = Destination.objects.select_for_update().filter(pk=row.pk)
                return bool(deletion_request.ask(list(rows), ADA))
        except deletion_request.InProgress:
            return False
        finally:
            connection.close()

    for _ in range(10):
        Deletion.objects.all().delete()
        Destination.objects.filter(pk=row.pk).update(
            status="failed", platform_post_id="", error_code="text_too_long", checkpoint=parts,
            due_at=None, claim=None,
        )  # fmt: skip
        with ThreadPoolExecutor(2) as threads:
            outcomes = [threads.submit(each) for each in (retrying, deleting)]
        retried, deleted = [each.result() for each in outcomes]
        assert not (retried and deleted)
    assert Account.objects.count() == 1


def test_workspaces_take_turns_however_many_one_has_waiting(live, monkeypatch):
    """What is claimed stays in flight: the network does not answer."""
    ask(live())
    first = Deletion.objects.get()
    mine = first.workspace_id
    for _ in range(3 * deletion_worker.SHARE):
        first.pk, first.destination_id = uuid.uuid4(), uuid.uuid4()
        first.save(force_insert=True)
    theirs = make_workspace()
    first.pk, first.destination_id, first.workspace = uuid.uuid4(), uuid.uuid4(), theirs
    first.due_at = clock.now()
    first.save(force_insert=True)
    engine = DeletionEngine(threads=0)
    monkeypatch.setattr(engine.commands, "run", lambda starts: None)

    engine.begin()
    engine.begin()

    found = Counter(row.workspace_id for row in engine.in_flight())
    assert found == {mine: deletion_worker.SHARE, theirs.pk: 1}
