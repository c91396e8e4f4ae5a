"""Which of the due rows are claimed: workspaces take turns, then accounts, then age."""

from collections import Counter

import pytest

from destinations.dispatch import claims, fairness
from destinations.models import Account, Destination
from tests.destinations.dispatch.rows import make_accounts, make_rows

pytestmark = pytest.mark.django_db
#: Enough to see all that is due, and fewer.
LOOK_AHEADS = pytest.mark.parametrize("look_ahead", [5000, 10])


def make_due(accounts: int, each: int, platform: str = "x", **fields) -> list[Account]:
    made = make_accounts(accounts, platform)
    make_rows(made, each, **fields)
    return made


def turns(claimed: list[claims.Claimed]) -> Counter:
    return Counter(row.account_id for row in claimed)


def finish(claimed: list[claims.Claimed]) -> None:
    Destination.objects.filter(pk__in=[row.id for row in claimed]).update(due_at=None, claim=None)


@LOOK_AHEADS
def test_a_workspace_with_many_due_rows_does_not_delay_another_one(settings, look_ahead):
    settings.CLAIM_LOOK_AHEAD = look_ahead
    many = make_due(4, 25)
    (one,) = make_due(1, 1, due_in_seconds=-1)

    found = turns(claims.claim(8))

    assert found[one.pk] == 1
    assert sum(found[account.pk] for account in many) == 7


def test_a_workspace_with_many_accounts_has_no_more_turns_than_one_with_one():
    make_due(4, 2)
    (one,) = make_due(1, 1, due_in_seconds=-1)

    assert turns(claims.claim(2))[one.pk] == 1


@LOOK_AHEADS
def test_accounts_of_a_workspace_take_turns(settings, look_ahead):
    settings.CLAIM_LOOK_AHEAD = look_ahead
    accounts = make_accounts(3)
    make_rows(accounts[:1], 50)
    make_rows(accounts[1:], 3, due_in_seconds=-1)

    found = turns(claims.claim(6))

    assert {found[account.pk] for account in accounts} == {2}


@LOOK_AHEADS
def test_a_queue_has_a_bounded_number_of_rows_in_flight(settings, look_ahead):
    settings.CLAIM_LOOK_AHEAD, settings.CLAIM_AHEAD = look_ahead, 12
    make_due(20, 2)

    claimed = claims.claim(500)
    assert len(claimed) == 12
    assert claims.claim(500) == []
    finish(claimed[:5])

    assert len(claims.claim(500)) == 5


@LOOK_AHEADS
def test_a_network_that_hangs_hides_no_other_networks_rows(settings, look_ahead):
    settings.CLAIM_LOOK_AHEAD, settings.CLAIM_AHEAD = look_ahead, 12
    make_due(40, 1)
    assert len(claims.claim(500)) == 12
    late = make_due(3, 1, "linkedin", due_in_seconds=-1)

    assert turns(claims.claim(500)) == {account.pk: 1 for account in late}


@LOOK_AHEADS
def test_servers_that_a_customer_names_hold_up_no_other_customer(settings, look_ahead):
    settings.CLAIM_LOOK_AHEAD, settings.IN_FLIGHT = look_ahead, 12
    many = make_due(30, 2, "nostr")
    more = make_accounts(3)
    Account.objects.filter(pk__in=[account.pk for account in more]).update(
        workspace=many[0].workspace
    )
    make_rows([Account.objects.get(pk=account.pk) for account in more], 1, due_in_seconds=-1)
    others = make_due(3, 1, "nostr", due_in_seconds=-1)

    claimed = claims.claim(500)
    found = turns(claimed)
    assert sum(found[account.pk] for account in many) == 6
    assert all(found[account.pk] for account in [*more, *others])
    late = make_due(3, 1, "nostr", due_in_seconds=-1)

    assert turns(claims.claim(500)) == {account.pk: 1 for account in late}
    finish([row for row in claimed if row.account_id in {account.pk for account in many}][:2])
    assert len(claims.claim(500)) == 2


@LOOK_AHEADS
def test_held_accounts_hide_no_others(settings, look_ahead):
    settings.CLAIM_LOOK_AHEAD = look_ahead
    held = make_due(20, 1)
    Account.objects.filter(pk__in=[account.pk for account in held]).update(
        held_until="2999-01-01T00:00:00Z"
    )
    free = make_due(3, 1, due_in_seconds=-1)

    assert turns(claims.claim(500)) == {account.pk: 1 for account in free}


def test_a_series_of_claims_visits_every_lane(settings, monkeypatch):
    settings.CLAIM_LOOK_AHEAD = 10
    monkeypatch.setattr(fairness, "LANES", 7)
    make_due(20, 2)
    make_due(10, 1, "linkedin")
    make_due(10, 1, "threads", due_in_seconds=3600)
    sweep, claimed = claims.Sweep(), []

    for _ in range(12):
        claimed += claims.claim(500, sweep)
        if not sweep.has_more:
            break

    assert len({row.id for row in claimed}) == len(claimed) == 50
    assert not sweep.has_more


def test_a_series_of_claims_goes_on_where_the_last_one_was_full(settings):
    settings.CLAIM_LOOK_AHEAD = 10
    make_due(30, 2)
    sweep = claims.Sweep()

    first, second = claims.claim(15, sweep), claims.claim(15, sweep)

    assert len(turns(first)) == len(turns(second)) == 15
    assert not turns(first).keys() & turns(second).keys()


def test_a_claim_of_all_that_is_due_leaves_no_more():
    make_due(3, 1)
    sweep = claims.Sweep()

    assert len(claims.claim(500, sweep)) == 3

    assert not sweep.has_more
