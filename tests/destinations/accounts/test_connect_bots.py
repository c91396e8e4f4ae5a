"""Connect a channel by its bot's token, by page and by API."""

import pytest

from destinations.accounts import encryption
from destinations.models import Account, Connection
from destinations.runtime import clock
from tests.destinations.accounts.connect_steps import agree, link, says
from tests.platforms.telegram.account import new_id, new_token
from tests.posts.conftest import data_of, refused

PATHS = ("/auth/social-connect/telegram", "/accounts/connect-credential")


@pytest.fixture
def channel(simulator) -> dict[str, str]:
    """What a program sends of a bot and its channel."""
    number, token = new_id(), new_token()
    simulator.connect("telegram", number, username="pigeons", token=token)
    return {"platform": "telegram", "bot_token": token, "channel": number}


def test_an_owner_enters_the_token_and_the_channel(browser, ada, channel, settings):
    settings.PLATFORM_APPS = {}
    path = link(ada, platform="telegram")
    says(browser.get(path), 200, "You enter how to log in next")
    form = browser.post(path).headers["location"]
    says(browser.get(form), 200, "@BotFather")
    answers = {name: channel[name] for name in ("bot_token", "channel")}

    choice = browser.post(form, answers, follow=True)
    says(choice, 200, "Acme")
    assert Account.objects.count() == 0
    says(agree(browser, choice), 200, "Connected")

    account = Account.objects.get()
    assert (account.platform_account_id, account.username) == (channel["channel"], "pigeons")
    assert (account.name, account.is_refreshable) == ("Acme", True)
    assert encryption.credentials(account).token == channel["bot_token"]
    for row in (account, Connection.objects.get()):
        assert not [value for value in vars(row).values() if channel["bot_token"] in str(value)]


@pytest.mark.parametrize("path", PATHS)
def test_a_program_sends_what_connects_the_channel(ada, channel, path, caplog):
    answer = ada.post(path, channel)

    account = Account.objects.get()
    shown = {"id": account.pk, "platform": "telegram", "account_name": "Acme"}
    assert data_of(answer) == {"account": shown}
    assert channel["bot_token"] not in answer.content.decode() + caplog.text + account.credentials


def test_a_new_token_repairs_the_account(simulator, ada, channel):
    ada.post(PATHS[1], channel)
    Account.objects.update(needs_reconnection_since=clock.now())
    new = simulator.connect("telegram", channel["channel"], username="pigeons", token=new_token())

    again = data_of(ada.post(PATHS[1], {**channel, "bot_token": new}))["account"]

    account = Account.objects.get()
    assert (again["id"], account.needs_reconnection_since) == (account.pk, None)
    assert encryption.credentials(account).token == new


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"bot_token": "123456789:AAabcdefghijklmnopqrstuvwxyz-0123456"}, "no longer accepts"),
        ({"bot_token": "1:b"}, "no token of a bot"),
        ({"bot_token": ""}, "Bot token is missing"),
        ({"channel": "http://127.0.0.1/"}, "as @name"),
        ({"channel": "@elsewhere"}, "not in the chat"),
    ],
)
def test_what_telegram_refuses_stores_nothing(ada, channel, wrong, words):
    error = refused(ada.post(PATHS[1], {**channel, **wrong}), 400, "validation_error")

    assert words in error["message"]
    assert channel["bot_token"] not in str(error)
    assert "abcdefghijkl" not in str(error)
    assert Account.objects.count() == 0


def test_a_bot_that_may_not_post_is_not_connected(simulator, ada, channel):
    simulator.set("telegram", "can_post", False, channel["channel"])

    error = refused(ada.post(PATHS[1], channel), 400, "validation_error")

    assert "make it an administrator" in error["message"]
    assert Account.objects.count() == 0
