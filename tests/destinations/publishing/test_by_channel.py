"""A message of a bot or a webhook, from a claimed row to its channel."""

import pytest
from django.utils import timezone

from destinations.dispatch import claims
from destinations.models import Account, Attempt, Destination
from destinations.publishing import worker
from platforms.drafts import Draft
from tests.factories import make_account, make_post, make_workspace
from tests.platforms.discord.account import ANNOUNCEMENTS, drive, webhook
from tests.platforms.driver import Drive

pytestmark = pytest.mark.django_db
S = Destination.Status


def connected(d: Drive) -> Account:
    return make_account(
        make_workspace(),
        "discord",
        platform_account_id=d.account.platform_account_id,
        username="doves",
        token=d.account.token,
        login="discord",
    )


def run(times: int = 3) -> Destination:
    """Publish what is due, as beat and a worker would, again and again."""
    for _ in range(times):
        Destination.objects.exclude(due_at=None).update(due_at=timezone.now())
        worker.publish(claims.claim(10))
    return Destination.objects.get()


@pytest.mark.parametrize("drop", ["after", "middle"])
def test_a_bots_lost_answer_leads_to_one_message(simulator, drop):
    d = drive(simulator)
    account = connected(d)
    make_post(account.workspace, [account], content="Hello")
    d.fault(account=account.platform_account_id, call="create_message", drop=drop, times=1)

    destination = run()

    [post] = d.public()
    found = (destination.platform_post_id, destination.platform_post_url)
    assert (destination.status, found) == (S.PUBLISHED, (post["id"], post["url"]))


@pytest.mark.parametrize(("drop", "count"), [("before", 0), ("after", 1)])
def test_a_webhooks_lost_answer_ends_as_one_that_may_be_live(simulator, drop, count):
    d = webhook(simulator)
    account = connected(d)
    make_post(account.workspace, [account], content="Hello")
    d.fault(account=account.platform_account_id, call="execute_webhook", drop=drop, times=1)

    destination = run()

    assert (destination.status, destination.error_code) == (S.FAILED, "outcome_unknown")
    assert "https://discord.com/channels/" in destination.error
    assert len(d.public()) == count
    kept = [str(vars(row)) for row in (destination, *Attempt.objects.all())]
    assert [row for row in kept if d.account.token in row] == []


def test_a_crosspost_that_fails_is_a_note_at_the_published_post(simulator):
    d = drive(simulator, ANNOUNCEMENTS)
    account = connected(d)
    draft = Draft("Hello", settings={"crosspost": True})
    make_post(account.workspace, [account], draft=draft)
    d.fault(account=account.platform_account_id, call="crosspost", status=500)

    destination = run()

    assert (destination.status, len(d.public())) == (S.PUBLISHED, 1)
    assert "publish it in Discord" in destination.notes[0]


@pytest.mark.parametrize("make", [drive, webhook])
def test_a_token_that_was_reset_asks_for_reconnection(simulator, make):
    d = make(simulator)
    account = connected(d)
    make_post(account.workspace, [account], content="Hello")
    simulator.connect("discord", account.platform_account_id, username="doves")

    destination = run()

    assert (destination.status, destination.error_code) == (S.FAILED, "account_needs_reconnection")
    account.refresh_from_db()
    assert account.needs_reconnection_since
    assert d.public() == []
    assert d.account.token not in f"{destination.error} {account.credentials}"
