"""What a pause keeps from being claimed, what goes on, and that others do not wait for it."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from destinations import pauses
from destinations.dispatch import claims, fairness
from destinations.models import Account, Destination, Pause
from tests.destinations.dispatch.rows import make_accounts, make_rows

pytestmark = pytest.mark.django_db
#: Enough to see all that is due, and fewer.
LOOK_AHEADS = pytest.mark.parametrize("look_ahead", [5000, 10])
WHO = {"by": "operator:ada", "reason": "Down"}


@pytest.fixture(params=["installation", "network", "workspace", "account"])
def scope(request) -> str:
    return request.param


def make_due(accounts: int, each: int, platform: str = "x", **fields) -> list[Account]:
    made = make_accounts(accounts, platform)
    make_rows(made, each, **fields)
    return made


def pause(scope: str, account: Account) -> Pause:
    targets = {
        "network": account.platform,
        "workspace": account.workspace_id,
        "account": account.pk,
    }
    return pauses.pause(scope, targets.get(scope, ""), **WHO)


def claim_all(limit: int = 500) -> list[claims.Claimed]:
    """A series of claims, as a dispatcher makes it; each row is finished before the next claim."""
    sweep, claimed = claims.Sweep(), []
    for _ in range(50):
        found = claims.claim(limit, sweep)
        rows = Destination.objects.filter(pk__in=[row.id for row in found])
        rows.update(due_at=None, claim=None)
        claimed += found
        if not found and not sweep.has_more:
            return claimed
    raise AssertionError("there is always more")


def accounts_of(claimed: list[claims.Claimed]) -> Counter:
    return Counter(row.account_id for row in claimed)


@LOOK_AHEADS
def test_nothing_of_a_paused_scope_is_claimed_until_it_is_resumed(settings, look_ahead, scope):
    settings.CLAIM_LOOK_AHEAD = look_ahead
    (held,) = make_due(1, 12)
    others = make_due(2, 3, "threads", due_in_seconds=-1)
    made = pause(scope, held)

    before = accounts_of(claim_all())
    pauses.resume(made.pk, by="operator:ada")
    after = accounts_of(claim_all())

    free = {} if scope == "installation" else {account.pk: 3 for account in others}
    assert before == free
    assert after[held.pk] == 12


@LOOK_AHEADS
def test_other_accounts_of_the_network_and_the_workspace_go_on(settings, look_ahead):
    settings.CLAIM_LOOK_AHEAD = look_ahead
    held, neighbour = make_due(2, 20)
    (stranger,) = make_due(1, 2, due_in_seconds=-1)

    made = pause("account", held)
    assert accounts_of(claim_all()) == {neighbour.pk: 20, stranger.pk: 2}
    pauses.resume(made.pk, by="operator:ada")
    pause("workspace", held)
    make_rows([stranger], 2)

    assert accounts_of(claim_all()) == {stranger.pk: 2}


@LOOK_AHEADS
@pytest.mark.parametrize("status", ["publishing", "unconfirmed"])
def test_what_has_reached_its_network_is_still_asked_about(settings, look_ahead, scope, status):
    """A poll or a lookup, behind posts of its account that wait."""
    settings.CLAIM_LOOK_AHEAD = look_ahead
    (held,) = make_due(1, 12)
    make_rows([held], 1, due_in_seconds=-1, status=status, begun_at=timezone.now(), attempts=1)
    asked = Destination.objects.get(status=status)
    pause(scope, held)

    assert [row.id for row in claim_all()] == [asked.pk]


@LOOK_AHEADS
def test_a_publish_whose_worker_died_goes_on(settings, look_ahead, scope):
    settings.CLAIM_LOOK_AHEAD = look_ahead
    (held,) = make_due(1, 12)
    begun = {"status": "publishing", "begun_at": timezone.now(), "attempts": 1}
    make_rows([held], 1, due_in_seconds=-1, claim="0" * 32, **begun)
    left = Destination.objects.get(status="publishing")
    pause(scope, held)

    assert [row.id for row in claim_all()] == [left.pk]


@LOOK_AHEADS
@pytest.mark.parametrize("status", ["publishing", "failed"])
def test_a_retry_that_waits_is_a_start_and_waits(settings, look_ahead, scope, status):
    settings.CLAIM_LOOK_AHEAD = look_ahead
    now = timezone.now()
    waiting = {"status": status, "next_retry_at": now, "begun_at": now, "attempts": 1}
    (held,) = make_due(1, 12, **waiting)
    made = pause(scope, held)

    assert claim_all() == []
    pauses.resume(made.pk, by="operator:ada")
    assert len(claim_all()) == 12


def test_a_paused_queue_at_its_bound_does_not_keep_lookups_waiting(settings):
    settings.CLAIM_LOOK_AHEAD, settings.CLAIM_AHEAD = 10, 3
    (held,) = make_due(1, 25)
    make_rows(make_accounts(2), 1, status="unconfirmed", begun_at=timezone.now(), attempts=1)
    pause("network", held)

    assert len(claims.claim(500)) == 2


def test_an_account_that_is_limited_after_a_pause_is_not_failed_for_the_pause():
    """Its rows waited for three days, of which the pause took all."""
    (held,) = make_due(1, 3, due_in_seconds=-3 * 86400)
    made = pause("network", held)
    pauses.resume(made.pk, by="operator:ada")
    Account.objects.update(held_until=timezone.now() + timedelta(hours=20))

    assert claim_all() == []
    Pause.objects.update(resumed_at=timezone.now() - timedelta(hours=49))
    assert len(claim_all()) == 3


def test_paused_rows_cost_others_one_claim_however_many_they_are(settings):
    """The rows of a paused network are not even looked at."""
    settings.CLAIM_LOOK_AHEAD = 50
    make_due(10, 10)
    (free,) = make_due(1, 1, "threads", due_in_seconds=-1)
    pauses.pause("network", "x", **WHO)
    sweep = claims.Sweep()

    assert accounts_of(claims.claim(500, sweep)) == {free.pk: 1}
    assert not sweep.has_more


def test_a_paused_workspace_is_stepped_over_by_one_lane(monkeypatch, settings):
    settings.CLAIM_LOOK_AHEAD = 10
    monkeypatch.setattr(fairness, "LANES", 3)
    (held, *_) = make_due(40, 1)
    free = make_due(1, 1, due_in_seconds=-1) + make_due(1, 1, due_in_seconds=-1)
    pause("workspace", held)

    assert accounts_of(claims.claim(500)) == {account.pk: 1 for account in free}


def test_after_a_resume_workspaces_take_turns(settings):
    many = make_due(1, 40)
    (few,) = make_due(1, 2, due_in_seconds=-1)
    made = pauses.pause("network", "x", **WHO)
    assert claim_all() == []
    pauses.resume(made.pk, by="operator:ada")

    assert accounts_of(claims.claim(4)) == {many[0].pk: 2, few.pk: 2}
