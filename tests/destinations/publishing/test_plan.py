"""What a worker may start, and that a repeated message starts nothing."""

import uuid

import pytest
from django.utils import timezone

from destinations.dispatch import claimed_rows, claims, crash_loop
from destinations.models import Attempt, Destination
from destinations.publishing import plan
from destinations.publishing.commands import ClaimLost, SaveCheckpoint, Start
from destinations.publishing.complete import Complete
from platforms.outcomes import Absent
from tests.destinations.run_command import execute, execute_all, settle
from tests.factories import make_account, make_post, make_workspace
from tests.psql import plan_of

pytestmark = pytest.mark.django_db
S = Destination.Status


def make(status: str, **attempt) -> Destination:
    """A claimed destination of this status; its attempt, if it has one, is still open."""
    account = make_account(make_workspace())
    fields = {"status": status, "claim": uuid.uuid4(), "attempts": int(status != S.QUEUED)}
    row = make_post(account.workspace, [account], **fields).destinations.get()
    if status != S.QUEUED:
        now = timezone.now()
        times = {"wanted_at": now, "started_at": now} | dict.fromkeys(attempt, now)
        Attempt.objects.create(destination=row, number=1, **times)
    return row


KINDS = [
    pytest.param(S.QUEUED, {}, id="queued"),
    pytest.param(S.PUBLISHING, {}, id="its worker died before it was sent"),
    pytest.param(S.PUBLISHING, {"sent_at": 1, "answered_at": 1}, id="processing"),
    pytest.param(S.PUBLISHING, {"sent_at": 1}, id="its worker died after it was sent"),
    pytest.param(S.UNCONFIRMED, {"sent_at": 1}, id="looked for"),
]


@pytest.mark.parametrize(("status", "attempt"), KINDS)
def test_a_repeated_message_starts_nothing_while_the_job_runs(status, attempt):
    row = make(status, **attempt)

    job = execute(Start(row.pk, row.claim))
    with pytest.raises(ClaimLost):
        execute(Start(row.pk, row.claim), by="worker:b")

    assert job.id == row.pk
    assert execute(SaveCheckpoint(job, {}, sending=True, answered=False))
    assert Attempt.objects.count() == 1


@pytest.mark.parametrize(("status", "attempt"), KINDS)
def test_what_crashes_at_each_start_ends_as_live_only_if_it_was_sent(status, attempt):
    row = make(status, **attempt)
    Destination.objects.update(begun_count=crash_loop.MAX_STARTS)

    plan.crashed(row.pk, row.claim, "worker:a")

    row.refresh_from_db()
    code = "outcome_unknown" if "sent_at" in attempt else "internal_error"
    assert (row.status, row.error_code, row.claim) == (S.FAILED, code, None)


def test_old_messages_start_nothing_beside_the_new_one_of_their_destination():
    """A worker that was frozen finds them all in its queues at once."""
    row = make(S.QUEUED)
    old = [Start(row.pk, uuid.uuid4()) for _ in range(3)]
    new = [Start(row.pk, row.claim) for _ in range(2)]

    *stale, job, again = execute_all([*old, *new])

    assert [type(each) for each in (*stale, again)] == [ClaimLost] * 4
    assert job.id == row.pk
    assert Attempt.objects.count() == 1


def test_a_job_that_lost_its_claim_saves_nothing_beside_the_one_that_has_it():
    row = make(S.PUBLISHING, sent_at=1, answered_at=1)
    lost = execute(Start(row.pk, row.claim))
    Destination.objects.update(claim=uuid.uuid4())
    row.refresh_from_db()
    held = execute(Start(row.pk, row.claim))

    saves = [SaveCheckpoint(job, {}, sending=True, answered=False) for job in (lost, held, lost)]
    results = execute_all(saves)

    assert [isinstance(result, ClaimLost) for result in results] == [True, False, True]


def test_a_claim_that_was_lost_is_not_begun_once_more():
    row = make(S.PUBLISHING)

    assert claims.rotate_claims([(row.pk, uuid.uuid4(), uuid.uuid4())], "worker:a:1") == set()

    left = Destination.objects.get()
    assert (left.claim, left.begun_count) == (row.claim, row.begun_count)


def test_a_running_job_is_renewed_by_its_new_claim():
    row = make(S.UNCONFIRMED, sent_at=1)
    job = execute(Start(row.pk, row.claim))
    past = timezone.now()

    Destination.objects.update(due_at=past)
    claims.renew([(row.pk, row.claim)])
    row.refresh_from_db()
    assert row.due_at == past
    claims.renew([job.key])

    row.refresh_from_db()
    assert row.due_at > timezone.now()


def test_a_crash_resets_the_count_of_lookups():
    row = make(S.PUBLISHING, sent_at=1)
    Destination.objects.update(lookups=2)
    settle(row)
    job = execute(Start(row.pk, row.claim))

    execute(Complete(job, Absent(proven=False), {}, answered=False))

    row.refresh_from_db()
    assert (row.status, row.error_code, row.lookups) == (S.UNCONFIRMED, "", 1)


def test_no_attempt_is_looked_up_of_what_has_not_begun(monkeypatch):
    """A plan from when there were none would read all of them for each row."""
    plans = []

    def note(sql, values):
        plans.append(plan_of(f"(ANALYZE) {sql}", values))
        return []

    monkeypatch.setattr(claimed_rows.database, "execute_prepared", note)
    for status in (S.QUEUED, S.PUBLISHING):
        row = make(status)
        claimed_rows.read([(row.pk, row.claim)])

    queued, begun = (
        next(line for line in found.splitlines() if " on destinations_attempt " in line)
        for found in plans
    )
    assert "never executed" in queued
    assert "actual time" in begun
