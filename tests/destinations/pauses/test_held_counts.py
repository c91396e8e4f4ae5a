"""What a pause holds is counted up to a bound, and its limits of time can be lifted."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from destinations import pauses
from destinations.models import Account, Destination
from destinations.pauses import held_counts
from destinations.publishing.commands import Start
from tests.destinations.dispatch.rows import make_accounts, make_rows
from tests.destinations.run_command import execute
from tests.psql import plan_of, psql

pytestmark = pytest.mark.django_db
SCOPES = pytest.mark.parametrize("scope", ["installation", "network", "workspace", "account"])


def target_of(scope: str, account: Account) -> str:
    targets = {
        "network": account.platform,
        "workspace": account.workspace_id,
        "account": account.pk,
    }
    return str(targets.get(scope, ""))


@SCOPES
def test_what_is_due_and_what_comes_within_the_hour_is_counted(scope):
    now = timezone.now()
    one, two = make_accounts(2)
    make_rows([one], 3)
    make_rows([one], 2, due_in_seconds=600)
    make_rows([one], 5, due_in_seconds=7200)
    make_rows([one], 4, not_after=now - timedelta(seconds=5))
    make_rows([one], 1, status="unconfirmed", begun_at=now, attempts=1)
    make_rows([two], 1)
    make_rows(make_accounts(1, "threads"), 1)

    found = held_counts.count(scope, target_of(scope, one))

    neighbours = {"installation": 2, "network": 1, "workspace": 1, "account": 0}[scope]
    assert (found.due, found.missed, found.soon) == (7 + neighbours, 4, 2)
    assert found.oldest_at < now


@SCOPES
def test_counting_ends_at_its_bound(scope, monkeypatch):
    monkeypatch.setattr(held_counts, "MOST", 4)
    (one,) = make_accounts(1)
    make_rows([one], 20)

    assert held_counts.count(scope, target_of(scope, one)).due == 5


@SCOPES
def test_limits_are_lifted_in_batches_with_an_event_each(scope, monkeypatch):
    monkeypatch.setattr(held_counts, "BATCH", 2)
    (one,) = make_accounts(1)
    make_rows([one], 5, not_after=timezone.now() - timedelta(seconds=5), claim=None)
    make_rows([one], 1, due_in_seconds=600, not_after=timezone.now() + timedelta(hours=1))
    made = pauses.pause(scope, target_of(scope, one), by="operator:ada", reason="Down")

    assert held_counts.lift_limits(made, by="operator:cy") == 5

    assert Destination.objects.filter(not_after=None).count() == 5
    row = Destination.objects.filter(not_after=None).first()
    event = row.events.get(move="lift_limit")
    assert (event.from_status, event.to_status, event.by) == ("queued", "queued", "operator:cy")


@pytest.mark.parametrize(("is_lifted", "error_code"), [(True, ""), (False, "missed_schedule")])
def test_a_missed_post_is_published_after_a_pause_only_if_its_limit_was_lifted(
    is_lifted, error_code
):
    (one,) = make_accounts(1)
    make_rows([one], 1, not_after=timezone.now() - timedelta(seconds=5), claim=uuid.uuid4())
    Destination.objects.update(due_at=timezone.now() + timedelta(seconds=60))
    made = pauses.pause("network", "x", by="operator:ada", reason="Down")
    if is_lifted:
        held_counts.lift_limits(made, by="operator:ada")
    pauses.resume(made.pk, by="operator:ada")
    row = Destination.objects.get()

    job = execute(Start(row.pk, row.claim))

    assert bool(job) is is_lifted
    assert Destination.objects.get().error_code == error_code


def test_counting_reads_no_row_of_others():
    """With statistics from when the table was empty."""
    (one,) = make_accounts(1)
    psql("ANALYZE destinations_destination")
    make_rows([one], 5)
    make_rows(make_accounts(10, "threads"), 100, due_in_seconds=86400)

    for scope, index in (
        ("installation", "destination_wanted"),
        ("network", "destination_wanted"),
        ("workspace", "destination_lane"),
        ("account", "destination_lane"),
    ):
        values = held_counts._values(scope, target_of(scope, one), held_counts.EVER, timezone.now())
        statement = held_counts.COUNT.format(rows=held_counts.ROWS[held_counts.Scope(scope)])
        plan = plan_of(statement, {"now": timezone.now(), **values})
        assert "Seq Scan on destinations_destination" not in plan, (scope, plan)
        used = {name for name in ("destination_lane", "destination_wanted") if name in plan}
        assert used == {index}, (scope, plan)
