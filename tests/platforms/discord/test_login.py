"""Connect a channel by a bot's token, or by a webhook's URL."""

import asyncio
import json

import pytest

from config.observability import redaction
from deploy.simulator.discord.demo import GUILD
from platforms.discord.login import CHANNEL, WAYS, WEBHOOK, DiscordLogin
from platforms.drafts import Credentials
from platforms.errors import PlatformError, Rejected, Unauthorized, Unavailable
from platforms.http.client import Client
from platforms.http.transport import Transport
from platforms.oauth import App, Profile
from tests.conftest import Simulator
from tests.platforms.discord.account import ANNOUNCEMENTS, FORUM, drive, webhook
from tests.platforms.driver import Drive

LOGIN = DiscordLogin()
NOWHERE = "http://127.0.0.1:9"
HOOK = "https://discord.com/api/webhooks/1290000000000000004/a-token"


def bot_answers(d: Drive) -> dict[str, str]:
    channel = d.account.platform_account_id.partition("@")[2]
    return {"bot_token": d.account.token, "channel_id": channel, "webhook_url": ""}


def hook_answers(d: Drive) -> dict[str, str]:
    url = f"https://discord.com/api/webhooks/{d.account.platform_account_id}/{d.account.token}"
    return {"bot_token": "", "channel_id": "", "webhook_url": url}


def signed_in(simulator: Simulator, answers: dict[str, str], url: str = "") -> Profile:
    async def run() -> Profile:
        transport = Transport(gateway=url or simulator.url, timeout_seconds=5)
        try:
            [profile] = await LOGIN.sign_in(answers, Client(transport, explain=LOGIN.explain))
        finally:
            await transport.close()
        return profile

    assert LOGIN.problem(answers) == ""
    return asyncio.run(run())


def refuses(simulator: Simulator, answers: dict[str, str], url: str = "") -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        signed_in(simulator, answers, url)
    error = caught.value
    told = f"{error!r} {error.message} {error.body} {error.platform_code}"
    assert all(secret not in told for secret in LOGIN.secrets(answers))
    return error


@pytest.mark.parametrize("kind", [0, ANNOUNCEMENTS, FORUM])
def test_a_bot_and_its_channel_become_a_profile(simulator: Simulator, kind: int):
    d = drive(simulator, kind)
    profile = signed_in(simulator, bot_answers(d))
    assert profile.platform_account_id == d.account.platform_account_id
    assert (profile.name, profile.username, profile.display_name) == ("#acme", "doves", "Pigeons")
    assert profile.avatar_url == f"https://cdn.discordapp.com/icons/{GUILD}/a_0dove.png"
    assert profile.extra == ({"kind": "forum"} if kind == FORUM else {})
    assert (profile.tokens.access, profile.tokens.expires_at) == (d.account.token, None)
    assert d.account.token not in repr(profile)


def test_a_webhook_becomes_a_profile(simulator: Simulator):
    d = webhook(simulator)
    profile = signed_in(simulator, hook_answers(d))
    assert profile.platform_account_id == d.account.platform_account_id
    assert (profile.name, profile.username, profile.extra) == ("Acme", "Acme", {})
    assert profile.tokens.access == d.account.token
    assert d.account.token not in repr(profile)


@pytest.mark.parametrize("given", ["7123", " <#7123> ", "https://discord.com/channels/5/7123/"])
def test_a_channel_may_be_written_as_people_copy_it(given: str):
    found = CHANNEL.fullmatch(given.strip())
    assert found is not None
    assert found[1] == "7123"


@pytest.mark.parametrize(
    "given", ["", "general", "#general", "-1", "1.5", "1" * 21, "https://discord.com/channels/5"]
)
def test_what_is_no_channel_is_asked_of_no_one(simulator: Simulator, given: str):
    answers = {"bot_token": "a-long-bot-token", "channel_id": given or " ", "webhook_url": ""}
    error = refuses(simulator, answers, NOWHERE)
    assert (error.code, error.actor) == ("handle_refused", "account owner")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("discord.com", "discord.com"),
        ("discord.com", "discordapp.com"),
        ("discord.com", "canary.discord.com"),
        ("/api/", "/api/v10/"),
        ("a-token", "a-token?wait=true"),
    ],
)
def test_a_webhook_is_known_on_each_of_discords_hosts(before: str, after: str):
    found = WEBHOOK.fullmatch(HOOK.replace(before, after))
    assert found is not None
    assert found.groups() == ("1290000000000000004", "a-token")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("discord.com", "discord.com.elsewhere.example"),
        ("discord.com", "elsewhere.example"),
        ("discord.com", "discord.com@elsewhere.example"),
        ("discord.com", "discord.com:8080"),
        ("discord.com", "127.0.0.1"),
        ("https", "http"),
        ("a-token", "../../users/@me"),
        ("a-token", ""),
        ("1290000000000000004", "one"),
    ],
)
def test_an_address_that_is_no_webhook_of_discord_is_called_by_no_one(simulator, before, after):
    answers = {"bot_token": "", "channel_id": "", "webhook_url": HOOK.replace(before, after)}
    error = refuses(simulator, answers, NOWHERE)
    assert (error.code, error.actor) == ("handle_refused", "account owner")


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"bot_token": "a"},
        {"channel_id": "1"},
        {"bot_token": "a", "channel_id": "1", "webhook_url": HOOK},
        {"channel_id": "1", "webhook_url": HOOK},
    ],
)
def test_a_form_names_a_bot_or_a_webhook_and_not_both(given: dict[str, str]):
    assert LOGIN.problem(given) == WAYS


def test_an_answer_that_is_too_long_is_refused():
    assert "too long" in LOGIN.problem({"webhook_url": HOOK + "a" * 300})


def test_a_wrong_token_says_so(simulator: Simulator):
    answers = {**bot_answers(drive(simulator)), "bot_token": "no-such-bot-token"}
    error = refuses(simulator, answers)
    assert (type(error), error.code) == (Unauthorized, "account_needs_reconnection")
    assert "token" in error.message


@pytest.mark.parametrize("part", ["id", "token"])
def test_a_webhook_that_is_gone_says_so(simulator: Simulator, part: str):
    d = webhook(simulator)
    account = d.account.platform_account_id
    old, new = (account, "99") if part == "id" else (d.account.token, "no-such-webhook-token")
    answers = hook_answers(d)
    answers["webhook_url"] = answers["webhook_url"].replace(old, new)
    error = refuses(simulator, answers)
    assert (type(error), error.code) == (Unauthorized, "account_needs_reconnection")
    assert "webhook" in error.message


@pytest.mark.parametrize(
    ("lacks", "word"),
    [("VIEW_CHANNEL", "invite it"), ("READ_MESSAGE_HISTORY", "Read Message History")],
)
def test_a_bot_that_may_not_look_is_not_connected(simulator: Simulator, lacks: str, word: str):
    d = drive(simulator)
    d.set("lacks", [lacks])
    error = refuses(simulator, bot_answers(d))
    assert (error.code, error.actor) == ("permission_missing", "account owner")
    assert word in error.message


def test_a_channel_that_does_not_exist_says_so(simulator: Simulator):
    error = refuses(simulator, {**bot_answers(drive(simulator)), "channel_id": "5"})
    assert (type(error), "no such channel" in error.message) == (Unauthorized, True)


@pytest.mark.parametrize(
    "told", [{"type": 4, "guild_id": "1"}, {"type": 1}, {"type": 0, "guild_id": "../1"}]
)
def test_what_holds_no_posts_of_a_server_is_not_connected(simulator: Simulator, told: dict):
    d = drive(simulator)
    d.fault(call="get_channel", status=200, body=json.dumps({"id": "7", **told}), times=1)
    assert refuses(simulator, bot_answers(d)).code == "handle_refused"


def test_a_webhook_that_only_follows_another_channel_is_not_connected(simulator: Simulator):
    d = webhook(simulator)
    d.set("webhook_type", 2)
    assert refuses(simulator, hook_answers(d)).code == "handle_refused"


@pytest.mark.parametrize("number", ["../2", "3" * 21, "-1", ""])
def test_an_id_that_is_none_is_not_believed(simulator: Simulator, number: str):
    bot, hook = drive(simulator), webhook(simulator)
    bot.fault(call="get_me", status=200, body=json.dumps({"id": number, "username": "d"}), times=1)
    body = {"id": number, "type": 1, "guild_id": "1", "channel_id": "2"}
    hook.fault(call="get_webhook", status=200, body=json.dumps(body), times=1)
    for answers in (bot_answers(bot), hook_answers(hook)):
        assert isinstance(refuses(simulator, answers), Unavailable)


@pytest.mark.parametrize("call", ["get_me", "get_channel", "get_message", "get_guild"])
@pytest.mark.parametrize("status", [200, 403, 503])
def test_a_page_in_front_says_nothing_about_the_token(simulator: Simulator, call, status):
    d = drive(simulator)
    d.fault(call=call, status=status, body="<html>Are you a robot?</html>", times=1)
    if (call, status) == ("get_guild", 200):
        assert signed_in(simulator, bot_answers(d)).display_name == ""
        return
    error = refuses(simulator, bot_answers(d))
    assert isinstance(error, Unavailable | Rejected)
    assert error.code in ("platform_unavailable", "handle_refused")


def test_an_unreachable_network_says_nothing_about_the_token(simulator: Simulator):
    answers = bot_answers(drive(simulator))
    assert isinstance(refuses(simulator, answers, NOWHERE), Unavailable)


def test_a_token_is_never_renewed(simulator: Simulator):
    known = drive(simulator).account
    assert not LOGIN.can_refresh(known)
    with pytest.raises(Unauthorized):
        asyncio.run(LOGIN.refresh(App("", ""), Credentials("1@2", "d", "a"), None))  # type: ignore[arg-type]


#: As long and as shaped as real ones: the bot's id, a time and a signature; a webhook's token.
BOT_TOKEN = f"MTI5{'MDAw' * 5}.GaBc1d.x0Yz-_{'0123456789abcdef' * 2}"
HOOK_TOKEN = "aB3-_" * 13 + "xyz"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"crashed with {BOT_TOKEN}.", BOT_TOKEN),
        (f'{{"header": "Bot {BOT_TOKEN}"}}', BOT_TOKEN),
        (f"POST https://discord.com/api/v10/webhooks/129/{HOOK_TOKEN}?wait=true", HOOK_TOKEN),
        (f"to=https%3A%2F%2Fdiscord.com%2Fapi%2Fwebhooks%2F129%2F{HOOK_TOKEN}", HOOK_TOKEN),
    ],
)
def test_a_token_that_no_one_named_is_in_no_line_of_the_log(text: str, secret: str):
    shown = redaction.text(text)
    assert secret[-16:] not in shown
    assert "[redacted]" in shown
    assert not redaction.is_clean(json.dumps({"event": text}))


def test_our_own_webhooks_stay_readable():
    path = "/api/v1/webhooks/4711/deliveries/7"
    assert redaction.text(path) == path
