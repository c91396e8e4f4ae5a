"""After a restore without Redis nothing that was scheduled goes out without a person's word."""

from datetime import timedelta
from typing import get_args

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import transaction

from destinations import pauses
from destinations.dispatch import claims, enqueue
from destinations.dispatch.restoring import restore_detector
from destinations.models import Destination, Heartbeat, Pause
from destinations.pauses import after_restore
from destinations.pauses.after_restore import Undecided, UnknownGroup
from destinations.runtime import clock
from tests.factories import make_account, make_post, make_workspace

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tick_so_far")]
HOUR = timedelta(hours=1)


@pytest.fixture
def scheduled():
    """Posts of two customers that are due at several times, before a restore."""
    at = clock.now()
    found = {}
    for name in ("Acme", "Bolt"):
        account = make_account(make_workspace(name))
        for age, later in (("overdue", HOUR), ("day", 3 * HOUR), ("later", 50 * HOUR)):
            post = make_post(account.workspace, [account], scheduled_for=at + later)
            found[name, age] = post.destinations.get()
    restore()
    # An hour of the pause has passed.
    for (_, age), row in found.items():
        if age == "overdue":
            Destination.objects.filter(pk=row.pk).update(wanted_at=at, due_at=at)
    return found


def restore() -> None:
    restore_detector.check()
    Heartbeat.objects.update(database="7/00000001/5/16400")
    cache.delete(restore_detector.KEY)
    enqueue.tick()


def resume(*options: str) -> None:
    call_command("resume", "installation", *options)


def states(rows) -> dict:
    return {
        key: Destination.objects.get(pk=row.pk).error_code or "scheduled"
        for key, row in rows.items()
    }


def test_resuming_lists_by_customer_and_age_and_demands_a_decision(scheduled):
    with pytest.raises(CommandError) as refused:
        resume()

    said = str(refused.value)
    for name, age in scheduled:
        assert f"“{name}”: 1 {after_restore.WORDS[age]}" in said
    assert said.count("/overdue  ") == 2
    assert "--doubt" in said
    assert Pause.objects.get().resumed_at is None
    assert claims.claim(10) == []
    assert set(states(scheduled).values()) == {"scheduled"}


def test_what_is_decided_is_done(scheduled):
    acme = str(scheduled["Acme", "day"].workspace_id)

    resume("--doubt", "overdue", "--publish", acme, "--doubt", "later", "--doubt", "day")

    assert pauses.active() == []
    assert states(scheduled) == {
        **{("Acme", age): "scheduled" for age in get_args(after_restore.Age)},
        **{("Bolt", age): "outcome_unknown" for age in get_args(after_restore.Age)},
    }
    error = Destination.objects.get(pk=scheduled["Bolt", "day"].pk).error
    assert "not known whether this was published, changed or deleted" in error
    assert [row.id for row in claims.claim(10)] == [scheduled["Acme", "overdue"].pk]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--publish", "overdue"], "Decide on each"),
        (["--publish", "all", "--doubt", "unknown"], "unknown"),
        (["--publish", "all", "--doubt", "all"], "Both"),
    ],
)
def test_what_is_no_decision_on_each_leaves_it_paused(scheduled, options, message):
    with pytest.raises(CommandError, match=message):
        resume(*options)

    assert Pause.objects.get().resumed_at is None
    assert Heartbeat.objects.get().restored_at


def test_what_was_made_or_changed_since_needs_no_decision(scheduled):
    account = scheduled["Acme", "day"].account
    new = make_post(account.workspace, [account], scheduled_for=clock.now() + HOUR)
    Destination.objects.filter(pk=scheduled["Bolt", "later"].pk).update(updated_at=clock.now())

    assert len(after_restore.groups()) == 5
    resume("--doubt", "all", "--lift-limits")

    assert not new.destinations.get().error_code
    assert states(scheduled)["Bolt", "later"] == "scheduled"
    with transaction.atomic():
        assert after_restore.settle({}, "x") == 0


def test_another_pause_in_force_is_no_way_around_it():
    account = make_account(make_workspace())
    make_post(account.workspace, [account], scheduled_for=clock.now() + HOUR)
    made = pauses.pause("installation", by="operator:ada", reason="Holiday")
    restore()

    with pytest.raises(Undecided):
        pauses.resume(made.pk, by="operator:ada")
    with pytest.raises(UnknownGroup):
        pauses.resume(made.pk, by="operator:ada", decisions={"x": "publish"})
    assert pauses.resume(made.pk, by="operator:ada", decisions={"all": "publish"})


def test_an_ordinary_pause_asks_nothing():
    account = make_account(make_workspace())
    make_post(account.workspace, [account])
    made = pauses.pause("installation", by="operator:ada", reason="Holiday")

    assert pauses.resume(made.pk, by="operator:ada")


def test_a_database_that_is_accepted_as_it_is_asks_nothing(scheduled):
    call_command("database_restored", nothing_lost=True)

    assert after_restore.groups() == []
    resume()
