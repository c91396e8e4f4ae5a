"""A bot's channel or group, from a claimed row to the public: what cannot be asked, what moves."""

import logging

import pytest
from django.utils import timezone

from destinations.accounts import encryption
from destinations.dispatch import claims
from destinations.models import Account, Attempt, Destination, Event
from destinations.publishing import worker
from tests.factories import make_account, make_post, make_workspace
from tests.platforms.telegram.account import new_id, new_token

pytestmark = pytest.mark.django_db
S = Destination.Status


@pytest.fixture
def account(simulator, settings) -> Account:
    settings.PLATFORM_APPS = {}
    number, token = new_id("-4"), new_token()
    simulator.connect("telegram", number, username="pigeons", token=token)
    return make_account(
        make_workspace(),
        "telegram",
        platform_account_id=number,
        username="",
        token=token,
        login="telegram",
        is_refreshable=True,
    )


def run(times: int = 2) -> Destination:
    """Publish what is due, as beat and a worker would, again and again."""
    for _ in range(times):
        Destination.objects.exclude(due_at=None).update(due_at=timezone.now())
        worker.publish(claims.claim(10))
    return Destination.objects.order_by("pk").last()


def moves() -> list[str]:
    return [event.move for event in Event.objects.order_by("id")]


def set_(simulator, account: Account, name: str, value: object) -> None:
    simulator.set("telegram", name, value, account.platform_account_id)


@pytest.mark.parametrize("drop", ["after", "before"])
def test_a_lost_answer_ends_as_maybe_live_and_is_never_sent_again(simulator, account, drop):
    number = account.platform_account_id
    make_post(account.workspace, [account], content="Hello")
    simulator.fault("telegram", account=number, call="send", drop=drop, times=1)

    destination = run(3)

    assert (destination.status, destination.error_code) == (S.FAILED, "outcome_unknown")
    assert f"https://web.telegram.org/a/#{number}" in destination.error
    assert (moves(), destination.attempts) == (["start", "mark_unconfirmed", "fail"], 1)
    assert len(simulator.posts("telegram", number)) == (drop == "after")


def test_a_group_that_became_a_supergroup_is_followed_and_its_new_id_is_stored(simulator, account):
    new = new_id()
    set_(simulator, account, "moved_to", new)
    make_post(account.workspace, [account], content="Hello")

    destination = run(1)

    assert (destination.status, moves()) == (S.PUBLISHED, ["start", "succeed"])
    assert destination.platform_post_id.startswith(f"{new.removeprefix('-100')}_")
    account.refresh_from_db()
    assert encryption.credentials(account).extra == {"chat": new}
    assert account.needs_reconnection_since is None
    [post] = simulator.posts("telegram", account.platform_account_id)
    assert post["extra"]["said"]["chat_id"] == int(new)


@pytest.mark.parametrize(
    ("role", "code"), [("kicked", "permission_missing"), ("left", "permission_missing")]
)
def test_a_bot_that_was_removed_marks_its_account(simulator, account, role, code, caplog):
    token = encryption.credentials(account).token
    set_(simulator, account, "role", role)
    make_post(account.workspace, [account], content="Hello")

    with caplog.at_level(logging.DEBUG):
        destination = run(1)

    assert (destination.status, destination.error_code) == (S.FAILED, code)
    assert "Add the bot again" in destination.error
    account.refresh_from_db()
    assert account.needs_reconnection_since is not None
    kept = [str(vars(row)) for row in (destination, *Attempt.objects.all(), *Event.objects.all())]
    assert token not in "".join([*kept, caplog.text])


def test_a_revoked_token_marks_its_account(simulator, account):
    make_post(account.workspace, [account], content="Hello")
    simulator.connect("telegram", account.platform_account_id, token=new_token())

    destination = run(1)

    assert (destination.status, destination.error_code) == (S.FAILED, "account_needs_reconnection")
    account.refresh_from_db()
    assert account.needs_reconnection_since is not None
    assert moves() == ["start", "fail"]
