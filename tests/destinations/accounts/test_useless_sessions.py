"""A session that is of no use any more, for whatever reason: what it was to write is written."""

import pytest

from destinations.dispatch import claims
from destinations.models import Attempt, Destination
from destinations.publishing import complete, plan, worker
from tests.cuts import cut, demote, fall_silent
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db(transaction=True)
S = Destination.Status
ways = pytest.mark.parametrize("lose", [cut, demote, fall_silent])


@pytest.fixture
def row(simulator):
    account = make_account(
        make_workspace(), "x", token=simulator.connect("x", "41"), platform_account_id="41"
    )
    return make_post(account.workspace, [account]).destinations.get()


def before_first(monkeypatch, module, name, happens):
    """Something happens just before a function is called the first time with anything to do."""
    function, left = getattr(module, name), [happens]

    def called(first, *rest, **named):
        if first and left:
            left.pop()()
        return function(first, *rest, **named)

    monkeypatch.setattr(module, name, called)


@ways
def test_an_outcome_that_was_being_written_is_written_again(row, simulator, monkeypatch, lose):
    before_first(monkeypatch, complete, "complete", lose)

    worker.publish(claims.claim(10))

    row.refresh_from_db()
    assert row.status == S.PUBLISHED
    assert len(simulator.posts()) == 1


@ways
def test_what_was_being_begun_is_begun_again(row, simulator, monkeypatch, lose):
    before_first(monkeypatch, plan, "start", lose)

    worker.publish(claims.claim(10))

    row.refresh_from_db()
    assert row.status == S.PUBLISHED
    assert Attempt.objects.count() == 1
    assert len(simulator.posts()) == 1
