"""Connect a channel by a bot or by a webhook's URL, by page and by API."""

import pytest

from destinations.accounts import encryption
from destinations.models import Account, Connection
from destinations.runtime import clock
from tests.destinations.accounts.connect_steps import agree, link, says
from tests.platforms.discord.account import FORUM, drive, webhook
from tests.platforms.discord.test_login import HOOK, bot_answers, hook_answers
from tests.platforms.driver import Drive
from tests.posts.conftest import data_of, refused

PATHS = ("/auth/social-connect/discord", "/accounts/connect-credential")


def filled(answers: dict[str, str]) -> dict[str, str]:
    """What a program sends: no field that it does not need."""
    return {"platform": "discord", **{name: value for name, value in answers.items() if value}}


def nothing_shown(d: Drive, *texts: str) -> bool:
    rows = [*Account.objects.all(), *Connection.objects.all()]
    return d.account.token not in "".join([*texts, *(str(vars(row)) for row in rows)])


def test_an_owner_enters_a_bot_and_its_channel(simulator, browser, ada, settings):
    settings.PLATFORM_APPS = {}
    d = drive(simulator, FORUM)
    path = link(ada, platform="discord")
    says(browser.get(path), 200, "You enter how to log in next")
    form = browser.post(path).headers["location"]
    page = browser.get(form)
    says(page, 200, "Developer Portal")
    assert " required>" not in page.content.decode()

    choice = browser.post(form, bot_answers(d), follow=True)
    says(choice, 200, "#acme")
    assert Account.objects.count() == 0
    says(agree(browser, choice), 200, "Connected")

    account = Account.objects.get()
    assert account.platform_account_id == d.account.platform_account_id
    assert (account.name, account.is_refreshable) == ("#acme", False)
    kept = encryption.credentials(account)
    assert (kept.token, kept.extra) == (d.account.token, {"kind": "forum"})
    assert nothing_shown(d)


@pytest.mark.parametrize("path", PATHS)
def test_a_program_sends_a_webhooks_url(simulator, ada, path, caplog):
    d = webhook(simulator)
    answer = ada.post(path, filled(hook_answers(d)))

    account = Account.objects.get()
    shown = {"id": account.pk, "platform": "discord", "account_name": "Acme"}
    assert data_of(answer) == {"account": shown}
    assert encryption.credentials(account).token == d.account.token
    assert nothing_shown(d, answer.content.decode(), caplog.text)


def test_a_new_token_repairs_the_account(simulator, ada):
    d = drive(simulator)
    ada.post(PATHS[1], filled(bot_answers(d)))
    Account.objects.update(needs_reconnection_since=clock.now())
    number = d.account.platform_account_id
    new = {**bot_answers(d), "bot_token": simulator.connect("discord", number, username="doves")}

    again = data_of(ada.post(PATHS[1], filled(new)))["account"]

    account = Account.objects.get()
    assert (again["id"], account.needs_reconnection_since) == (account.pk, None)
    assert encryption.credentials(account).token == new["bot_token"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "or else a webhook"),
        ({"bot_token": "hush-hush"}, "or else a webhook"),
        ({"bot_token": "hush-hush", "channel_id": "5", "webhook_url": HOOK}, "or else a webhook"),
        ({"bot_token": "hush-hush", "channel_id": "general"}, "the channel's id"),
        ({"bot_token": "hush-hush", "channel_id": "5"}, "bot's token"),
        ({"webhook_url": "https://elsewhere.example/api/webhooks/1/hush-hush"}, "on discord.com"),
        ({"webhook_url": HOOK}, "no such webhook"),
    ],
)
@pytest.mark.parametrize("path", PATHS)
def test_what_connects_nothing_stores_nothing(simulator, ada, path, given, words, caplog):
    error = refused(ada.post(path, {"platform": "discord", **given}), 400, "validation_error")
    assert words in error["message"]
    assert "hush-hush" not in str(error) + caplog.text
    assert Account.objects.count() == 0


def test_a_field_of_another_type_is_refused_and_null_is_none(simulator, ada):
    d = webhook(simulator)
    body = {"platform": "discord", **hook_answers(d), "bot_token": None, "channel_id": None}
    assert data_of(ada.post(PATHS[1], body))
    body["bot_token"] = 5
    refused(ada.post(PATHS[1], body), 400, "validation_error")
