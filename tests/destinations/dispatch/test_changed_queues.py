"""An account keeps its order while its posts are in two queues, because of another setting."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from destinations.dispatch import claims, fairness, reassign
from destinations.models import Destination
from destinations.publishing import commands
from tests.destinations.dispatch.rows import make_accounts
from tests.destinations.dispatch.test_enqueue import make_due
from tests.destinations.run_command import execute
from tests.until import until

pytestmark = pytest.mark.django_db(transaction=True)
#: Enough to see all that is due, and fewer.
LOOK_AHEADS = pytest.mark.parametrize("look_ahead", [5000, 1])
#: Queues before and after a name is added to DEDICATED_QUEUES, is removed, and is replaced.
CHANGES = pytest.mark.parametrize(
    ("before", "after"),
    [
        ("publish.x", "publish.x.acme"),
        ("publish.x.acme", "publish.x"),
        ("publish.x.acme", "publish.x.big"),
        ("publish.x.acme.upload", "publish.x.upload"),
    ],
)
#: An advisory lock.
BARRIER = 4711


def make_changed(settings, before: str, after: str) -> list[uuid.UUID]:
    """Posts of one account, in order: two in its former queue, two in its present one."""
    (account,) = make_accounts(1)
    ids = make_due(account, 4)
    Destination.objects.filter(pk__in=ids[:2]).update(queue=before)
    Destination.objects.filter(pk__in=ids[2:]).update(queue=after)
    name = after.removeprefix("publish.x").removesuffix(".upload").strip(".")
    settings.DEDICATED_QUEUES = {account.workspace_id: name} if name else {}
    return ids


def claimed_ids() -> list[uuid.UUID]:
    return [row.id for row in claims.claim(10)]


def finish(ids: list[uuid.UUID]) -> None:
    Destination.objects.filter(pk__in=ids).update(due_at=None, claim=None)


def queues_of(ids: list[uuid.UUID]) -> list[str]:
    found = dict(Destination.objects.values_list("pk", "queue"))
    return [found[pk] for pk in ids]


@LOOK_AHEADS
@CHANGES
def test_what_is_in_flight_in_one_queue_keeps_its_account_out_of_another(
    settings, before, after, look_ahead
):
    settings.CLAIM_LOOK_AHEAD = look_ahead
    first, second, *_ = make_changed(settings, before, after)
    row = Destination.objects.filter(pk=first)
    lease = timezone.now() + timedelta(seconds=100)

    row.update(claim=uuid.uuid4(), due_at=lease)
    assert claimed_ids() == []

    row.update(claim=None, status="publishing", next_retry_at=lease)
    assert claimed_ids() == []

    finish([first])
    assert second in claimed_ids()


@CHANGES
def test_a_claim_takes_an_accounts_posts_from_one_queue_in_their_order(settings, before, after):
    """Messages of two queues would be taken by two workers."""
    ids = make_changed(settings, before, after)
    begun: list[uuid.UUID] = []

    while claimed := claims.claim(10):
        assert len({row.queue for row in claimed}) == 1
        begun += [row.id for row in claimed]
        finish(begun)

    assert begun == ids


def test_posts_in_the_queues_of_three_settings_keep_their_order(settings):
    ids = make_changed(settings, "publish.x.acme", "publish.x")
    Destination.objects.filter(pk__in=[ids[0], ids[3]]).update(queue="publish.x.big")

    assert claimed_ids() == ids[:1]


@LOOK_AHEADS
def test_texts_of_an_account_do_not_wait_for_its_long_file_in_a_former_queue(settings, look_ahead):
    settings.CLAIM_LOOK_AHEAD = look_ahead
    ids = make_changed(settings, "publish.x.acme.upload", "publish.x")

    assert set(claimed_ids()) == {ids[0], *ids[2:]}


@LOOK_AHEADS
def test_a_lease_that_has_ended_keeps_its_account_out_of_another_queue(settings, look_ahead):
    """Its worker may renew it, and then asks for its turn in that queue alone."""
    settings.CLAIM_LOOK_AHEAD = look_ahead
    ids = make_changed(settings, "publish.x", "publish.x.acme")
    # The first one was given back and has moved.
    Destination.objects.filter(pk=ids[0]).update(queue="publish.x.acme")
    held = uuid.uuid4()
    Destination.objects.filter(pk=ids[1]).update(claim=held)

    assert claimed_ids() == []

    assert reassign.reassign() == 1
    assert claims.renew([(ids[1], held)]) == []
    assert ids[0] in claimed_ids()


@LOOK_AHEADS
def test_a_lease_that_has_ended_is_claimed_again_in_its_queue(settings, look_ahead):
    settings.CLAIM_LOOK_AHEAD = look_ahead
    ids = make_changed(settings, "publish.x.acme", "publish.x")
    Destination.objects.filter(pk__in=ids[:2]).update(claim=uuid.uuid4())

    assert claimed_ids() == ids[:2]


@LOOK_AHEADS
def test_leases_that_have_ended_in_two_queues_wait_until_they_are_in_one(settings, look_ahead):
    settings.CLAIM_LOOK_AHEAD = look_ahead
    ids = make_changed(settings, "publish.x.acme", "publish.x")
    row = Destination.objects.filter(pk=ids[2])
    # Its quick retry is due.
    row.update(status="publishing", next_retry_at=timezone.now())
    Destination.objects.filter(pk=ids[1]).update(claim=uuid.uuid4())
    assert claimed_ids() == []

    reassign.reassign()

    assert ids[2] == claims.claim(1)[0].id


def test_what_is_in_flight_keeps_its_queue_until_it_is_not(settings):
    ids = make_changed(settings, "publish.x.acme", "publish.x.acme")
    claimed = claims.claim(2)
    settings.DEDICATED_QUEUES = {}

    assert reassign.reassign() == 2
    assert queues_of(ids) == ["publish.x.acme", "publish.x.acme", "publish.x", "publish.x"]
    # Asked in the queue of both.
    with pytest.raises(commands.ClaimLost):
        execute(commands.Start(*claimed[1].key))
    assert execute(commands.Start(*claimed[0].key))

    assert reassign.reassign() == 1
    assert queues_of(ids) == ["publish.x.acme", "publish.x", "publish.x", "publish.x"]
    assert claimed_ids() == []
    finish(ids[:1])
    assert claimed_ids() == ids[1:]


def test_what_moves_after_its_lease_is_its_workers_no_more(settings):
    ids = make_changed(settings, "publish.x.acme", "publish.x.acme")
    first, *_ = claims.claim(1)
    settings.DEDICATED_QUEUES = {}
    Destination.objects.filter(pk=first.id).update(due_at=timezone.now())

    assert reassign.reassign() == 4

    assert claims.renew([first.key]) == []
    with pytest.raises(commands.ClaimLost):
        execute(commands.Start(*first.key))
    assert claimed_ids() == ids


def meanwhile(work, change) -> None:
    """Run `work` in another session, and `change` while its statement waits for `BARRIER`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [BARRIER])
        thread = threading.Thread(target=run, args=[work])
        thread.start()
        try:
            until(lambda: has_row(cursor, "pg_locks", f"objid = {BARRIER} AND NOT granted"))
            change()
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [BARRIER])
            thread.join()


def run(work) -> None:
    try:
        work()
    finally:
        connection.close()


def has_row(cursor, table: str, condition: str) -> bool:
    cursor.execute(f"SELECT EXISTS (SELECT FROM {table} WHERE {condition})")
    return cursor.fetchone()[0]


def waiting(statement: str, condition: str, seen: str = "") -> str:
    """The statement, which waits for `BARRIER` before it asks this; it has `seen` its rows."""
    assert statement.count(condition) == 1
    step = f"(SELECT pg_advisory_xact_lock({BARRIER})::text IS NOT NULL {seen})"
    return statement.replace(condition, f"{step} AND {condition}")


def test_a_post_that_moves_during_a_claim_keeps_those_behind_it_waiting(settings, monkeypatch):
    ids = make_changed(settings, "publish.x", "publish.x")
    seen = "FROM (SELECT count(*) FROM chosen) AS seen"
    claim = waiting(fairness.CLAIM, "d.id = chosen.id", seen)
    monkeypatch.setattr(fairness, "CLAIM", claim)
    settings.DEDICATED_QUEUES = {Destination.objects.get(pk=ids[1]).workspace_id: "acme"}
    found: list[uuid.UUID] = []

    meanwhile(
        lambda: found.extend(claimed_ids()),
        lambda: Destination.objects.filter(pk=ids[1]).update(queue="publish.x.acme"),
    )

    assert found == ids[:1]


def test_a_post_that_is_claimed_during_a_move_stays(settings, monkeypatch):
    ids = make_changed(settings, "publish.x.acme", "publish.x.acme")
    settings.DEDICATED_QUEUES = {}
    monkeypatch.setattr(reassign, "MOVE", waiting(reassign.MOVE, "(d.in_flight AND"))
    found: list[uuid.UUID] = []

    meanwhile(reassign.reassign, lambda: found.extend(row.id for row in claims.claim(2)))

    assert found == ids[:2]
    assert queues_of(ids) == ["publish.x.acme", "publish.x.acme", "publish.x", "publish.x"]
    assert Destination.objects.exclude(claim=None).count() == 2
