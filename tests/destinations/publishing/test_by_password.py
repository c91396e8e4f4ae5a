"""An account whose login is a form, from a claimed row to the public."""

from typing import Any

import pytest
from django.utils import timezone

from destinations.accounts import encryption
from destinations.dispatch import claims
from destinations.models import Account, Attempt, Destination, Event
from destinations.publishing import worker
from tests.factories import make_account, make_post, make_workspace
from tests.platforms.bluesky.account import PASSWORD, SERVER, new_did

pytestmark = pytest.mark.django_db
S = Destination.Status
ELSEWHERE = "https://pds.pigeons.example"


@pytest.fixture
def did() -> str:
    return new_did()


@pytest.fixture
def account(simulator, did, settings) -> Account:
    settings.PLATFORM_APPS = {}
    facts = {**SERVER, "password": PASSWORD}
    handle = f"{did[-12:]}.bsky.social"
    token = simulator.connect("bluesky", did, username=handle, extra=facts)
    return make_account(
        make_workspace(),
        "bluesky",
        platform_account_id=did,
        username=handle,
        token=token,
        extra=facts,
        login="bluesky",
    )


def run() -> Destination:
    """Publish what is due, as beat and a worker would, and the same once more."""
    for _ in range(2):
        Destination.objects.exclude(due_at=None).update(due_at=timezone.now())
        worker.publish(claims.claim(10))
    return Destination.objects.get()


def moves() -> list[str]:
    return [event.move for event in Event.objects.order_by("id")]


def test_a_lost_answer_is_found_by_the_key_that_was_committed_before(simulator, account, did):
    post = make_post(account.workspace, [account], content="Hello")
    simulator.fault("bluesky", account=did, call="apply_writes", drop="after", times=1)

    destination = run()

    (public,) = simulator.posts("bluesky", did)
    assert (destination.status, destination.attempts) == (S.PUBLISHED, 1)
    assert destination.platform_post_id == public["id"]
    assert destination.platform_post_url == f"https://bsky.app/profile/{did}/post/{public['id']}"
    assert moves() == ["start", "mark_unconfirmed", "succeed"]
    assert post.destinations.count() == 1


def test_a_call_that_never_arrived_is_sent_again_at_once(simulator, account, did):
    make_post(account.workspace, [account], content="Hello")
    simulator.fault("bluesky", account=did, call="apply_writes", drop="before", times=1)

    run()
    destination = run()

    (public,) = simulator.posts("bluesky", did)
    assert (destination.status, destination.platform_post_id) == (S.PUBLISHED, public["id"])
    assert Attempt.objects.count() == 2


def test_a_session_that_ended_is_opened_again_in_the_middle_of_a_publish(simulator, account, did):
    # Another program of the owner ended it.
    simulator.connect(
        "bluesky", did, username=account.username, extra={**SERVER, "password": PASSWORD}
    )
    make_post(account.workspace, [account], content="Hello")

    destination = run()

    assert destination.status == S.PUBLISHED
    account.refresh_from_db()
    kept = encryption.credentials(account)
    assert kept.extra["password"] == PASSWORD
    assert account.is_refreshable
    assert len(simulator.posts("bluesky", did)) == 1


def test_an_account_that_moved_is_published_to_at_its_new_server(simulator, account, did):
    simulator.set("bluesky", "pds", ELSEWHERE, did)
    make_post(account.workspace, [account], content="Hello")

    destination = run()

    account.refresh_from_db()
    assert (destination.status, destination.error) == (S.PUBLISHED, "")
    assert encryption.credentials(account).extra["pds"] == ELSEWHERE


def test_an_app_password_that_was_deleted_needs_the_owner(simulator, account, did):
    simulator.connect(
        "bluesky", did, username=account.username, extra={**SERVER, "password": "none"}
    )
    make_post(account.workspace, [account], content="Hello")

    destination = run()

    account.refresh_from_db()
    assert destination.error_code == "account_needs_reconnection"
    assert account.needs_reconnection_since is not None
    shown: list[Any] = [destination.error, *Attempt.objects.values_list("response", "error")]
    assert PASSWORD not in str(shown)


def test_a_server_at_a_private_address_is_sent_nothing(account, did, settings):
    kept = {"token": "t", "refresh_token": "r", "extra": {"pds": "https://10.0.0.8"}}
    Account.objects.update(credentials=encryption.seal(kept))
    make_post(account.workspace, [account], content="Hello")

    destination = run()

    assert destination.error_code == "address_refused"
    assert destination.status != S.PUBLISHED
    assert set(Attempt.objects.values_list("response", flat=True)) == {""}
