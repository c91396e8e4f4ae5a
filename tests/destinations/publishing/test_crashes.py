"""A bug of ours, or a network that never ends, is contained and given up."""

import time

import pytest
from django.utils import timezone

from destinations.dispatch import claims, crash_loop
from destinations.models import Attempt, Destination
from destinations.publishing import complete, plan, worker
from destinations.runtime.worker import event_loop
from platforms.policy.retry import RetryPolicy
from platforms.registry import ADAPTERS
from tests.factories import make_account, make_post, make_workspace
from tests.until import until

pytestmark = pytest.mark.django_db
S = Destination.Status


@pytest.fixture
def rows(simulator):
    """One that cannot be started, or recorded, and another one."""
    workspace = make_workspace()
    accounts = [
        make_account(
            workspace, "x", token=simulator.connect("x", number), platform_account_id=number
        )
        for number in ("41", "42")
    ]
    return make_post(workspace, accounts).destinations.order_by("position")


def breaking(function, row):
    """The function, which crashes on this row."""

    def run(first, *rest, **named):
        if row.pk in (getattr(first, "pk", None), getattr(first, "id", None)):
            raise ZeroDivisionError
        return function(first, *rest, **named)

    return run


def work_until_the_end() -> None:
    for _ in range(3 * crash_loop.MAX_STARTS):
        Destination.objects.filter(due_at__isnull=False).update(due_at=timezone.now())
        worker.publish(claims.claim(10))


@pytest.mark.parametrize(
    ("module", "function", "code", "sent"),
    [(plan, "_plan", "internal_error", []), (complete, "decide", "outcome_unknown", ["41"])],
    ids=["at the start", "at the record"],
)
def test_a_crash_fails_only_that_destination(
    rows, monkeypatch, simulator, module, function, code, sent
):
    bad, good = rows
    monkeypatch.setattr(module, function, breaking(getattr(module, function), bad))

    worker.publish(claims.claim(10))
    good.refresh_from_db()
    assert good.status == S.PUBLISHED

    work_until_the_end()
    bad.refresh_from_db()
    assert (bad.status, bad.error_code, bad.due_at) == (S.FAILED, code, None)
    ended = [attempt.finished_at for attempt in Attempt.objects.filter(destination=bad)]
    assert (len(ended), all(ended)) == (len(sent), True)
    assert sorted(post["account"] for post in simulator.posts()) == [*sent, "42"]


def test_endless_progress_ends_at_the_deadline(rows, monkeypatch):
    adapter = ADAPTERS["x"]
    monkeypatch.setattr(adapter, "retry", RetryPolicy(processing_cap_seconds=0.3), raising=False)

    async def publish(call):
        while True:
            await call.checkpoint.save(step=1)

    monkeypatch.setattr(adapter, "publish", publish)

    worker.publish(claims.claim(10))

    assert {row.error_code for row in rows.all()} == {"deadline"}


def test_a_blocked_event_loop_is_noticed(monkeypatch):
    monkeypatch.setattr(event_loop, "STUCK_SECONDS", 0.1)
    monkeypatch.setattr(event_loop, "PULSE_SECONDS", 0.01)
    network = event_loop.Loop()

    network._loop.call_soon_threadsafe(time.sleep, 0.5)

    until(network.is_stuck)
    until(lambda: not network.is_stuck())
