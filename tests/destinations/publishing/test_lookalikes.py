"""Two posts of one account with the same text, both without an answer: each gets its own."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from destinations.accounts import encryption
from destinations.dispatch import claims
from destinations.models import Account, Attempt, Destination
from destinations.publishing import lookalikes, worker
from destinations.publishing.commands import FindLookalikes, Start
from destinations.state import consistency, transitions
from destinations.state.attempts import AttemptUpdate
from destinations.state.transitions import Change
from tests.destinations.connected import connect
from tests.destinations.run_command import execute, work
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db
S = Destination.Status


@pytest.fixture
def account(simulator):
    return connect(simulator, "threads", "17841400000000001")


def send(account, content="Good morning") -> Destination:
    return make_post(account.workspace, [account], content=content).destinations.get()


def lose(simulator, account, drop="after", **fields) -> Destination:
    """One that was sent, and whose answer was lost."""
    simulator.fault("threads", call="publish", drop=drop, times=1)
    row = send(account, **fields)
    worker.publish(claims.claim(100))
    row.refresh_from_db()
    assert row.status == S.UNCONFIRMED
    # Its lookup is late, and the next post begins before it.
    Account.objects.update(doubt_until=None)
    return row


def ids(*rows: Destination) -> list[str]:
    """Their post ids, once they are published and consistent."""
    for row in rows:
        row.refresh_from_db()
    assert [row.status for row in rows] == [S.PUBLISHED] * len(rows)
    assert consistency.find(consistency.CHECKS) == []
    return [row.platform_post_id for row in rows]


def public(simulator) -> list[str]:
    """Ids, in the order they were made."""
    return [post["id"] for post in reversed(simulator.posts("threads"))]


def test_two_lookalikes_are_resolved_at_the_first_lookup(simulator, account):
    first, second = lose(simulator, account), lose(simulator, account)

    work()

    assert ids(first, second) == public(simulator)


def test_a_lookalike_that_never_arrived_is_published_again(simulator, account):
    first = lose(simulator, account)
    never = lose(simulator, account, drop="before")
    last = lose(simulator, account)
    made = public(simulator)
    assert len(made) == 2

    work()

    assert ids(first, last) == made
    never.refresh_from_db()
    assert never.status == S.UNCONFIRMED
    # After three minutes its container proves that nothing of it is out.
    Attempt.objects.filter(destination=never).update(sent_at=timezone.now() - timedelta(minutes=4))
    work()
    never.refresh_from_db()
    assert (never.status, bool(never.next_retry_at)) == (S.PUBLISHING, True)
    work()
    assert ids(first, never, last) == [made[0], public(simulator)[-1], made[1]]
    assert len(public(simulator)) == 3


def test_posts_listed_late_are_resolved_at_a_later_lookup(simulator, account):
    first, second = lose(simulator, account), lose(simulator, account)
    simulator.set("threads", "listing_lag_seconds", 3600)
    work()
    assert {row.status for row in Destination.objects.all()} == {S.UNCONFIRMED}
    simulator.set("threads", "listing_lag_seconds", 0)

    work()

    assert ids(first, second) == public(simulator)


def test_a_lookalike_whose_worker_crashed_is_resolved_too(simulator, account):
    """The second one's call has left and its container is saved; nothing else is known."""
    first = lose(simulator, account)
    second = lose(simulator, account)
    Destination.objects.filter(pk=second.pk).update(status=S.PUBLISHING, claim=uuid.uuid4())

    work()

    assert ids(first, second) == public(simulator)


def test_a_lookalike_answered_meanwhile_keeps_its_post(simulator, account):
    first = lose(simulator, account)
    second = send(account)
    worker.publish(claims.claim(100))

    work()

    assert ids(first, second) == public(simulator)


def test_a_possibly_live_destination_still_counts_as_a_lookalike(simulator, account):
    """No person has resolved it yet, and its post is in the list."""
    doubtful = lose(simulator, account)
    ended = AttemptUpdate(finished=True, outcome="outcome_unknown")
    change = Change(doubtful.pk, None, {"error_code": ended.outcome}, attempt=1, update=ended)
    assert transitions.move_all({"fail": [change]}, by="worker:a")
    second = lose(simulator, account)

    work()

    assert ids(second) == public(simulator)[1:]


def test_lookalikes_are_found_across_workspaces(simulator, account):
    again = make_account(
        make_workspace(),
        "threads",
        token=encryption.unseal(account.credentials)["token"],
        platform_account_id=account.platform_account_id,
    )
    first, second = lose(simulator, account), lose(simulator, again)

    work()
    # They are two lanes: one may ask before the other's post is known, and then asks again.
    work()

    assert ids(first, second) == public(simulator)


def test_many_lookalikes_each_get_their_own_post(simulator, account):
    rows = [lose(simulator, account) for _ in range(4)]

    for row in reversed(rows):
        Destination.objects.filter(pk=row.pk).update(due_at=timezone.now())
        worker.publish(claims.claim(1))

    assert ids(*rows) == public(simulator)


# What is told of lookalikes


def lookalikes_of(row: Destination):
    claim = uuid.uuid4()
    Destination.objects.filter(pk=row.pk).update(claim=claim)
    return execute(FindLookalikes(execute(Start(row.pk, claim))))


def test_lookalikes_are_unanswered_posts_sent_at_about_the_same_time(simulator, account):
    row, other = lose(simulator, account), lose(simulator, account)
    stranger = connect(simulator, "threads", "17841400000000002", account.workspace)
    lose(simulator, stranger)
    early = lose(simulator, account)
    Attempt.objects.filter(destination=early).update(sent_at=timezone.now() - timedelta(hours=2))
    send(account)

    [lookalike] = lookalikes_of(row)

    assert lookalike.checkpoint == encryption.unseal(other.checkpoint)
    assert lookalike.draft.text == "Good morning"
    assert lookalike.sent_at == Attempt.objects.get(destination=other).sent_at


def test_too_many_or_unreadable_lookalikes_are_not_resolved(simulator, account, monkeypatch):
    row, other = lose(simulator, account), lose(simulator, account)
    Destination.objects.filter(pk=other.pk).update(checkpoint="lost")
    assert lookalikes_of(row) is None
    Destination.objects.filter(pk=other.pk).update(checkpoint=other.checkpoint)
    monkeypatch.setattr(lookalikes, "MOST", 0)
    assert lookalikes_of(row) is None
