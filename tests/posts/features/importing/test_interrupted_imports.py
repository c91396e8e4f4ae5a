"""Imports that are cancelled or stopped, and whose workers die, freeze or lose the database."""

import pytest
from django.db import OperationalError
from psycopg.errors import DeadlockDetected

from destinations.dispatch.restoring import lost_history
from destinations.models import Heartbeat
from destinations.runtime import clock
from destinations.runtime.worker import shutdown
from posts.features.importing import worker
from posts.features.importing.api.serializers import read_new_post
from posts.features.importing.models import Import, ImportedRow
from posts.keys import keys
from posts.models import Post
from tests.posts.features.importing.large_files import (
    ROWS,
    STEP_ROWS,
    begun,
    drafts,
    numbers,
    process,
)
from tests.posts.features.importing.upload_steps import data

pytestmark = pytest.mark.usefixtures("small_sizes")


def test_a_worker_that_dies_in_the_middle_of_some_rows_loses_nothing_and_repeats_nothing(
    ada, monkeypatch
):
    began = begun(ada, drafts())
    real, count = worker._record, [0]

    def dies(*given):
        count[0] += 1
        real(*given)
        if count[0] == 2:
            raise SystemExit  # the transaction of these rows is not committed

    monkeypatch.setattr(worker, "_record", dies)
    with pytest.raises(SystemExit):
        process()
    assert Post.objects.count() == STEP_ROWS
    process()
    assert Post.objects.count() == STEP_ROWS, "its lease has not ended"
    Import.objects.update(due_at=clock.now())
    process()

    assert Post.objects.count() == ROWS
    assert ImportedRow.objects.count() == ROWS
    assert data(ada.get(f"/imports/{began['import_id']}"))["valid"] == ROWS


def test_rows_that_deadlock_with_those_of_another_import_are_done_one_by_one(ada, monkeypatch):
    began = begun(ada, drafts())
    real, deadlocks = worker._record, [3]

    def waits_for_another(done):
        if deadlocks and deadlocks[0] in numbers(done):
            deadlocks.pop()
            raise OperationalError("deadlock detected") from DeadlockDetected()
        real(done)

    monkeypatch.setattr(worker, "_record", waits_for_another)
    process()

    assert data(ada.get(f"/imports/{began['import_id']}"))["valid"] == ROWS
    assert Post.objects.count() == ROWS


def test_a_row_at_which_workers_end_again_and_again_is_given_up(ada, monkeypatch):
    began = begun(ada, drafts())
    real = worker._record

    def breaks(done):
        if any(stored.number == 5 and outcome.is_ok for stored, outcome in done):
            raise MemoryError
        real(done)

    monkeypatch.setattr(worker, "_record", breaks)
    # The first time it has others beside it.
    for _ in range(1 + worker.MOST_TRIES):
        with pytest.raises(MemoryError):
            process()
        Import.objects.update(due_at=clock.now())
    process()

    refused = data(ada.get(f"/imports/{began['import_id']}?ok=false"))["results"]
    assert [(each["row"], each["errors"][0]["code"]) for each in refused] == [(5, "internal_error")]
    assert Post.objects.count() == ROWS - 1


def test_a_row_at_which_the_database_was_lost_again_and_again_is_not_given_up(ada, monkeypatch):
    began = begun(ada, drafts())
    real, failures = worker._record, [OperationalError("gone")] * (worker.MOST_TRIES + 2)

    def breaks(done):
        if 5 in numbers(done) and failures:
            raise failures.pop()
        real(done)

    monkeypatch.setattr(worker, "_record", breaks)
    process()

    assert not failures
    assert data(ada.get(f"/imports/{began['import_id']}?ok=false"))["results"] == []
    assert Post.objects.count() == ROWS


def test_workers_that_end_at_other_rows_each_time_give_up_none(ada, monkeypatch):
    began = begun(ada, drafts())
    real = worker._record

    def breaks(done):
        real(done)
        if found := deadly.intersection(numbers(done)):
            deadly.remove(min(found))
            raise MemoryError

    deadly = {2, 3, 7, 8, 13}
    monkeypatch.setattr(worker, "_record", breaks)
    while deadly:
        with pytest.raises(MemoryError):
            process()
        Import.objects.update(due_at=clock.now())
    process()

    assert data(ada.get(f"/imports/{began['import_id']}"))["valid"] == ROWS


def test_a_worker_whose_lease_was_taken_does_nothing_more(ada):
    begun(ada, drafts())
    frozen = worker.ROWS.claim_one()
    Import.objects.update(due_at=clock.now())
    assert worker.ROWS.claim_one().claim != frozen.claim

    worker.step(frozen, read_new_post)

    assert Post.objects.count() == 0


def test_a_cancelled_import_makes_nothing_more_and_keeps_what_it_made(ada, monkeypatch):
    began = begun(ada, drafts())
    worker.step(worker.ROWS.claim_one(), read_new_post)
    made = Post.objects.count()
    assert 0 < made < ROWS

    answer = ada.post(f"/imports/{began['import_id']}/cancel")
    process()

    assert (data(answer)["status"], data(answer)["valid"]) == ("cancelled", made)
    assert Post.objects.count() == made
    assert ada.post(f"/imports/{began['import_id']}/cancel").status_code == 409


def test_an_import_whose_key_was_revoked_stops_and_says_so(ada, bo):
    began = begun(ada, drafts())
    worker.step(worker.ROWS.claim_one(), read_new_post)
    keys.revoke(ada.key)
    process()

    found = data(bo.get(f"/imports/{began['import_id']}"))
    assert found["status"] == "stopped"
    assert "revoked" in found["reason"]
    assert Post.objects.count() == found["valid"] < ROWS


def test_a_stopping_worker_gives_the_import_back(ada, monkeypatch):
    begun(ada, drafts())
    job = worker.ROWS.claim_one()
    monkeypatch.setattr(shutdown, "is_requested", lambda: True)
    worker.step(job, read_new_post)
    job.refresh_from_db()
    assert (job.claim, Post.objects.count()) == (None, 0)
    assert job.due_at <= clock.now()


def test_an_import_that_was_under_way_when_the_database_was_set_back_makes_no_more_posts(ada):
    began = begun(ada, drafts())
    checked = begun(ada, drafts(bad={1}), "?dry_run=true")

    lost_history.history_lost.send(sender=Heartbeat)
    process()

    found = data(ada.get(f"/imports/{began['import_id']}"))
    assert (found["status"], found["done"]) == ("stopped", 0)
    assert "send what is missing as a new file" in found["reason"]
    assert not Post.objects.exists()
    assert data(ada.get(f"/imports/{checked['import_id']}"))["status"] == "completed"
