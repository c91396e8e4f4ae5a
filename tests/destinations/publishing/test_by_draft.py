"""A post that is a draft at its network first, from a claimed row to the public."""

import pytest
from django.utils import timezone

from destinations.dispatch import claims
from destinations.models import Account, Destination
from destinations.publishing import worker
from platforms.drafts import Draft
from tests.factories import make_account, make_post, make_workspace
from tests.platforms.wordpress.account import new_id

pytestmark = pytest.mark.django_db
S = Destination.Status


@pytest.fixture
def account(simulator, settings) -> Account:
    settings.PLATFORM_APPS = {}
    number = new_id()
    token = simulator.connect("wordpress", number, username="dora")
    return make_account(
        make_workspace(),
        "wordpress",
        platform_account_id=number,
        username="dora",
        token=token,
        login="wordpress",
    )


def run(times: int = 2) -> Destination:
    """Publish what is due, as beat and a worker would, again and again."""
    for _ in range(times):
        Destination.objects.exclude(due_at=None).update(due_at=timezone.now())
        worker.publish(claims.claim(10))
    return Destination.objects.get()


def public(simulator, account) -> list[str]:
    found = simulator.posts("wordpress", account.platform_account_id)
    return [post["text"] for post in found]


def lose(simulator, account, call: str, drop: str) -> None:
    number = account.platform_account_id
    simulator.fault("wordpress", account=number, call=call, drop=drop, times=1)


@pytest.mark.parametrize("drop", ["before", "after", "middle"])
@pytest.mark.parametrize("call", ["create_post", "update_post"])
def test_a_lost_answer_leads_to_one_post(simulator, account, call, drop):
    make_post(account.workspace, [account], content="Hello")
    lose(simulator, account, call, drop)

    destination = run(3)

    assert (destination.status, public(simulator, account)) == (S.PUBLISHED, ["Hello"])
    [post] = simulator.posts("wordpress", account.platform_account_id)
    assert (destination.platform_post_id, destination.platform_post_url) == (
        post["id"],
        post["url"],
    )


def test_a_draft_that_was_asked_for_is_one_and_says_so(simulator, account):
    draft = Draft("Hello", settings={"status": "draft", "title": "Coo"})
    make_post(account.workspace, [account], draft=draft)

    destination = run()

    assert (destination.status, public(simulator, account)) == (S.PUBLISHED, [])
    assert "no reader sees it" in destination.notes[0]


def test_a_password_that_was_revoked_asks_for_reconnection(simulator, account):
    make_post(account.workspace, [account], content="Hello")
    simulator.connect("wordpress", account.platform_account_id, username="dora")

    destination = run()

    assert (destination.status, destination.error_code) == (S.FAILED, "account_needs_reconnection")
    account.refresh_from_db()
    assert account.needs_reconnection_since
    assert public(simulator, account) == []


def test_a_user_who_may_not_create_a_category_keeps_its_account(simulator, account):
    simulator.set("wordpress", "role", "author", account.platform_account_id)
    draft = Draft("Hello", settings={"categories": ["Nowhere to be found"]})
    make_post(account.workspace, [account], draft=draft)

    destination = run()

    assert (destination.status, destination.error_code) == (S.FAILED, "option_rejected")
    assert "Nowhere to be found" in destination.error
    account.refresh_from_db()
    assert account.needs_reconnection_since is None
    assert public(simulator, account) == []
