"""PostgreSQL ends a session that is silent in a transaction for too long; nothing is lost by it."""

import pytest

from destinations import beginning, due, failpoints, publishing
from destinations.models import Attempt, Destination
from tests.cuts import fall_silent
from tests.destinations import moments
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db(transaction=True)
S = Destination.Status


@pytest.fixture
def row(simulator):
    account = make_account(
        make_workspace(), "x", token=simulator.connect("x", "41"), platform_account_id="41"
    )
    return make_post(account.workspace, [account]).destinations.get()


def test_an_outcome_that_was_being_written_is_written_again(row, simulator, monkeypatch):
    moments.at(monkeypatch, failpoints.RECORDING, fall_silent)

    publishing.publish(due.claim(10))

    row.refresh_from_db()
    assert row.status == S.PUBLISHED
    assert len(simulator.posts()) == 1


def test_what_was_being_begun_is_begun_again(row, simulator, monkeypatch):
    plan, silent = beginning._plan, [fall_silent]

    def planned(*args, **kwargs):
        if silent:
            silent.pop()()
        return plan(*args, **kwargs)

    monkeypatch.setattr(beginning, "_plan", planned)

    publishing.publish(due.claim(10))

    row.refresh_from_db()
    assert row.status == S.PUBLISHED
    assert Attempt.objects.count() == 1
    assert len(simulator.posts()) == 1
