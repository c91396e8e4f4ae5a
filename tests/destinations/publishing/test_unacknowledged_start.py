"""A start whose commit was made, and whose acknowledgement was lost, goes on at once."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from destinations.dispatch import claims
from destinations.models import Attempt, Destination
from destinations.publishing import worker
from destinations.publishing.commands import ClaimLost, Start
from tests.destinations.run_command import execute
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lost_answers(monkeypatch) -> list[str]:
    """The answers to that many commits are lost, each with its connection."""
    to_lose: list[str] = []
    commit = connection._commit

    def commit_and_lose() -> None:
        commit()
        if to_lose:
            raise OperationalError(to_lose.pop())

    monkeypatch.setattr(connection, "_commit", commit_and_lose)
    return to_lose


@pytest.fixture
def due(simulator) -> Destination:
    token = simulator.connect("x", "77", username="acme")
    account = make_account(make_workspace(), "x", token=token, platform_account_id="77")
    return make_post(account.workspace, [account]).destinations.get()


@pytest.mark.parametrize("times", [1, 3])
def test_it_is_published_by_the_same_try(simulator, due, lost_answers, times):
    (claimed,) = claims.claim(10)
    lost_answers.extend(["server closed the connection unexpectedly"] * times)

    worker.publish([claimed])

    due.refresh_from_db()
    assert (due.status, due.attempts) == ("published", 1)
    assert len(simulator.posts("x")) == 1
    assert not lost_answers


def test_it_counts_as_one_start(due, lost_answers):
    for begun_count in (1, 2):
        Destination.objects.update(due_at=timezone.now() - timedelta(seconds=1))
        (claimed,) = claims.claim(10)
        lost_answers.append("server closed the connection unexpectedly")

        execute(Start(*claimed.key))

        due.refresh_from_db()
        assert (due.begun_count, due.attempts) == (begun_count, 1)
    assert Attempt.objects.count() == 1


def test_who_repeats_it_when_another_has_claimed_it_is_told_so(due):
    (claimed,) = claims.claim(10)
    start = Start(*claimed.key)
    execute(start)
    Destination.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    claims.claim(10)

    with pytest.raises(ClaimLost):
        execute(start)
