"""A database session is lost, for different reasons: what it had to write is written."""

import pytest

from destinations.dispatch import claims
from destinations.models import Attempt, Destination
from destinations.publishing import complete, plan, worker
from tests.cuts import cut, demote, fall_silent
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db(transaction=True)
S = Destination.Status


@pytest.fixture
def row(simulator):
    account = make_account(
        make_workspace(), "x", token=simulator.connect("x", "41"), platform_account_id="41"
    )
    return make_post(account.workspace, [account]).destinations.get()


def before_first(monkeypatch, module, name, happens):
    """Make something happen just before the first call of a function that has work."""
    function, left = getattr(module, name), [happens]

    def called(first, *rest, **named):
        if first and left:
            left.pop()()
        return function(first, *rest, **named)

    monkeypatch.setattr(module, name, called)


@pytest.mark.parametrize("lose", [cut, demote, fall_silent])
@pytest.mark.parametrize(("module", "name"), [(complete, "complete"), (plan, "start")])
def test_an_interrupted_start_or_record_is_repeated(
    row, simulator, monkeypatch, module, name, lose
):
    before_first(monkeypatch, module, name, lose)

    worker.publish(claims.claim(10))

    row.refresh_from_db()
    assert row.status == S.PUBLISHED
    assert Attempt.objects.count() == 1
    assert len(simulator.posts()) == 1
