"""An account on one server of many, from a claimed row to the public."""

from datetime import timedelta

import pytest
from django.utils import timezone

from destinations.dispatch import claims
from destinations.models import Account, Attempt, Destination
from destinations.publishing import worker
from platforms.drafts import Draft
from tests.factories import make_account, make_post, make_workspace
from tests.platforms.mastodon.account import USUAL, new_id

pytestmark = pytest.mark.django_db
S = Destination.Status


@pytest.fixture
def account(simulator, settings) -> Account:
    settings.PLATFORM_APPS = {}
    number = new_id()
    name = f"dove@{USUAL}"
    token = simulator.connect("mastodon", number, username=name)
    simulator.set("mastodon", "keeps_keys", False, number)
    return make_account(
        make_workspace(),
        "mastodon",
        platform_account_id=number,
        username=name,
        token=token,
        login="mastodon",
    )


def run(times: int = 2) -> Destination:
    """Publish what is due, as beat and a worker would, again and again."""
    for _ in range(times):
        Destination.objects.exclude(due_at=None).update(due_at=timezone.now())
        worker.publish(claims.claim(10))
    return Destination.objects.get()


def public(simulator, account) -> list[str]:
    found = simulator.posts("mastodon", account.platform_account_id)
    return [post["text"] for post in found]


def lose(simulator, account, drop: str, **more) -> None:
    number = account.platform_account_id
    simulator.fault("mastodon", account=number, call="create_status", drop=drop, times=1, **more)


def test_a_lost_answer_is_found_in_the_accounts_list(simulator, account):
    make_post(account.workspace, [account], content="Hello")
    lose(simulator, account, "after")

    destination = run()

    assert (destination.status, public(simulator, account)) == (S.PUBLISHED, ["Hello"])
    [post] = simulator.posts("mastodon", account.platform_account_id)
    assert destination.platform_post_url == post["url"]
    assert destination.platform_post_id == post["id"]


def test_a_lost_part_of_a_thread_is_found_and_the_rest_follows(simulator, account):
    thread = Draft("One", settings={"thread": ["Two", "Three"]})
    make_post(account.workspace, [account], draft=thread)
    lose(simulator, account, "after", skip=1)

    destination = run(3)

    assert destination.status == S.PUBLISHED
    assert public(simulator, account) == ["Three", "Two", "One"]


def test_a_call_that_never_arrived_is_made_again_once_the_list_has_proven_it(simulator, account):
    make_post(account.workspace, [account], content="Hello")
    lose(simulator, account, "before")

    assert run().status == S.UNCONFIRMED
    # As if five minutes had passed since the call.
    Attempt.objects.update(sent_at=timezone.now() - timedelta(minutes=6))
    destination = run(3)

    assert (destination.status, public(simulator, account)) == (S.PUBLISHED, ["Hello"])


def test_a_token_that_was_revoked_asks_for_reconnection(simulator, account):
    make_post(account.workspace, [account], content="Hello")
    simulator.connect("mastodon", account.platform_account_id, username=account.username)

    destination = run()

    assert (destination.status, destination.error_code) == (S.FAILED, "account_needs_reconnection")
    account.refresh_from_db()
    assert account.needs_reconnection_since
    assert public(simulator, account) == []
