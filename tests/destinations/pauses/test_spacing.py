"""Posts of an account that an outage made late begin apart from each other."""

from datetime import timedelta

import pytest
from django.utils import timezone

from destinations.admin.story.next_step import next_step
from destinations.dispatch import backlog, claims
from destinations.models import Account, Destination
from destinations.publishing import plan
from destinations.state import waiting
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def make(account: Account, *late: timedelta, **fields) -> list[Destination]:
    """Posts of an account that were wanted so long ago."""
    now = timezone.now()
    made = [
        make_post(
            account.workspace,
            [account],
            **{"due_at": now - each, "wanted_at": now - each, **fields},
        )
        for each in late
    ]
    return [post.destinations.get() for post in made]


def begin() -> None:
    """Begin what may begin, one after the other, and end it."""
    while claimed := claims.claim(10):
        for each in claimed:
            plan.start([each.key], "worker:a")
            row = Destination.objects.filter(pk=each.id, status="publishing")
            row.update(due_at=None, claim=None, status="published")


def pass_time(by: timedelta) -> None:
    for account in Account.objects.filter(late_began_at__isnull=False):
        account.late_began_at -= by
        account.save()
    for row in Destination.objects.filter(due_at__isnull=False):
        row.due_at -= by
        row.save()


def published(rows: list[Destination]) -> list[bool]:
    for row in rows:
        row.refresh_from_db()
    return [row.status == "published" for row in rows]


def test_late_posts_of_an_account_begin_apart_in_their_order():
    rows = make(make_account(make_workspace()), 3 * HOUR, 2 * HOUR, HOUR)

    begin()
    assert published(rows) == [True, False, False]
    pass_time(waiting.SPACING - MINUTE)
    begin()
    assert published(rows) == [True, False, False]
    pass_time(2 * MINUTE)
    begin()
    assert published(rows) == [True, True, False]
    pass_time(waiting.SPACING + MINUTE)
    begin()
    assert published(rows) == [True, True, True]


def test_posts_that_were_wanted_together_begin_together():
    rows = make(make_account(make_workspace()), HOUR, HOUR, HOUR - timedelta(seconds=1))

    begin()
    pass_time(timedelta(seconds=2))
    begin()

    assert published(rows) == [True, True, True]


def test_a_start_that_was_noted_while_the_clock_was_ahead_holds_no_post():
    rows = make(make_account(make_workspace()), 3 * HOUR, 2 * HOUR)
    Account.objects.update(
        late_began_at=timezone.now() + 5 * HOUR, late_wanted_at=timezone.now() - 4 * HOUR
    )

    begin()

    assert published(rows) == [True, False]
    assert Account.objects.get().late_began_at <= timezone.now()


def test_a_post_that_is_in_time_waits_for_no_late_one():
    account = make_account(make_workspace())
    late = make(account, 3 * HOUR, 2 * HOUR)
    (fresh,) = make(account, timedelta(seconds=1))

    begin()

    assert published([*late, fresh]) == [True, False, True]


def test_accounts_do_not_wait_for_each_other():
    workspace = make_workspace()
    rows = [make(make_account(workspace), each)[0] for each in (3 * HOUR, 2 * HOUR)]

    begin()

    assert published(rows) == [True, True]


def test_a_retry_does_not_wait():
    account = make_account(make_workspace())
    make(account, 3 * HOUR)
    begin()

    rows = make(account, 2 * HOUR, attempts=1, next_retry_at=timezone.now())
    begin()

    assert published(rows) == [True]


def test_a_waiting_post_says_why_and_until_when_and_is_not_late():
    _, second = make(make_account(make_workspace()), 3 * HOUR, 2 * HOUR)
    assert backlog.oldest()["x"] > 0
    begin()
    second.refresh_from_db()
    now = timezone.now()

    assert abs(second.due_at - now - waiting.SPACING) < MINUTE
    assert waiting.next_try_at(second, now) == second.due_at
    found = next_step(second, now)
    assert found.kind == "held"
    assert waiting.SPACING_RULE in found.text
    assert backlog.oldest()["x"] == 0
    assert not Destination.objects.filter(backlog.is_late(now)).exists()
