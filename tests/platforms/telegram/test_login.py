"""Connect by a bot's token: how a chat may be named, and what keeps a bot from posting."""

import asyncio
import json

import pytest

from platforms.drafts import Credentials
from platforms.errors import PlatformError, Rejected, Unauthorized, Unavailable
from platforms.http.client import Client
from platforms.http.transport import Transport
from platforms.oauth import App, Profile, Tokens
from platforms.telegram.login import BotLogin, chat_named
from tests.conftest import Simulator
from tests.platforms.driver import Drive
from tests.platforms.telegram.account import drive, new_id, new_token

LOGIN = BotLogin()
NOWHERE = "http://127.0.0.1:9"


def signed_in(simulator: Simulator, token: str, channel: str, url: str = "") -> Profile:
    async def run() -> Profile:
        transport = Transport(gateway=url or simulator.url, timeout_seconds=5)
        try:
            http = Client(transport, explain=LOGIN.explain)
            [profile] = await LOGIN.sign_in({"bot_token": token, "channel": channel}, http)
        finally:
            await transport.close()
        return profile

    return asyncio.run(run())


def refreshed(simulator: Simulator, account: Credentials) -> Tokens:
    async def run() -> Tokens:
        transport = Transport(gateway=simulator.url, timeout_seconds=5)
        try:
            return await LOGIN.refresh(
                App("", ""), account, Client(transport, explain=LOGIN.explain)
            )
        finally:
            await transport.close()

    return asyncio.run(run())


def refuses(simulator: Simulator, d: Drive, **more: str) -> PlatformError:
    asked = {"token": d.account.token, "channel": d.account.platform_account_id, **more}
    with pytest.raises(PlatformError) as caught:
        signed_in(simulator, **asked)
    error = caught.value
    shown = f"{error!r} {error.message} {error.body} {error.platform_code}"
    assert asked["token"].partition(":")[2] not in shown
    return error


@pytest.mark.parametrize(
    ("given", "chat"),
    [
        ("@acme", "@acme"),
        (" acme_news ", "@acme_news"),
        ("https://t.me/acme", "@acme"),
        ("t.me/s/acme/", "@acme"),
        ("https://t.me/acme/42", "@acme"),
        ("telegram.me/acme", "@acme"),
        ("-1001234567890", "-1001234567890"),
        ("-4711", "-4711"),
    ],
)
def test_a_channel_may_be_named_as_people_copy_it(given: str, chat: str):
    assert chat_named(given) == chat


@pytest.mark.parametrize(
    "given",
    [
        "",
        "@",
        "acm",
        "1234567890",
        "@a b",
        "@" + "a" * 33,
        "https://t.me/+AbCdEf123",
        "-0",
        "@acme/../x",
    ],
)
def test_what_is_no_channel_is_asked_of_no_one(given: str):
    with pytest.raises(Rejected) as caught:
        chat_named(given)
    assert (caught.value.code, caught.value.actor) == ("handle_refused", "account owner")


@pytest.mark.parametrize("token", ["", "coo", "1:b", "123456789:short", "a:b/../getMe", "0" * 50])
def test_what_is_no_token_is_asked_of_no_one(simulator: Simulator, token: str):
    with pytest.raises(Unauthorized, match="BotFather"):
        signed_in(simulator, token, "@acme", NOWHERE)


def test_a_token_becomes_a_profile(simulator: Simulator):
    known = drive(simulator).account
    profile = signed_in(simulator, f" {known.token} ", known.platform_account_id)
    assert profile.platform_account_id == known.platform_account_id
    assert (profile.name, profile.username, profile.kind) == ("Acme", "pigeons", "channel")
    assert (profile.tokens.access, profile.tokens.expires_at) == (known.token, None)
    assert (profile.extra, profile.avatar_url) == ({}, "")
    assert known.token not in repr(profile)


def test_a_channel_is_found_by_its_public_name(simulator: Simulator):
    known = drive(simulator).account
    profile = signed_in(simulator, known.token, "https://t.me/PIGEONS")
    assert profile.platform_account_id == known.platform_account_id


def test_a_private_channel_has_no_name(simulator: Simulator):
    d = drive(simulator, private=True)
    assert signed_in(simulator, d.account.token, d.account.platform_account_id).username == ""
    assert refuses(simulator, d, channel="@pigeons").code == "permission_missing"


@pytest.mark.parametrize("kind", ["group", "supergroup"])
@pytest.mark.parametrize("role", ["administrator", "member", "restricted"])
def test_a_bot_that_may_post_in_a_group_is_connected(simulator: Simulator, kind: str, role: str):
    d = drive(simulator, new_id("-") if kind == "group" else "", type=kind)
    d.set("role", role)
    profile = signed_in(simulator, d.account.token, d.account.platform_account_id)
    assert profile.kind == "group"


@pytest.mark.parametrize("role", ["member", "restricted"])
def test_a_group_in_which_the_bot_may_not_write_is_not_connected(simulator: Simulator, role: str):
    d = drive(simulator, type="supergroup")
    d.set("role", role)
    d.set("can_post", False)
    error = refuses(simulator, d)
    assert (type(error), error.code) == (Rejected, "permission_missing")
    assert "in the group" in error.message


@pytest.mark.parametrize(
    ("name", "value"), [("role", "member"), ("role", "left"), ("can_post", False)]
)
def test_a_channel_in_which_the_bot_may_not_post_is_not_connected(simulator, name, value):
    d = drive(simulator)
    d.set(name, value)
    error = refuses(simulator, d)
    assert (type(error), error.code) == (Rejected, "permission_missing")
    assert "administrator" in error.message


def test_a_bot_that_was_removed_says_so(simulator: Simulator):
    d = drive(simulator)
    d.set("role", "kicked")
    error = refuses(simulator, d)
    assert (error.code, error.actor) == ("permission_missing", "account owner")
    assert "bot was kicked from the channel chat" in error.message


def test_a_revoked_token_says_so(simulator: Simulator):
    error = refuses(simulator, drive(simulator), token=new_token())
    assert (type(error), error.code) == (Unauthorized, "account_needs_reconnection")
    assert "BotFather" in error.message


def test_a_person_is_no_channel(simulator: Simulator):
    d = drive(simulator)
    told = {"ok": True, "result": {"id": 4711, "type": "private", "first_name": "Dora"}}
    for result in (told["result"], {**told["result"], "id": -4711}):
        d.fault(call="get_chat", status=200, body=json.dumps({**told, "result": result}), times=1)
        assert refuses(simulator, d).code == "handle_refused"


@pytest.mark.parametrize("call", ["get_me", "get_chat", "get_chat_member"])
@pytest.mark.parametrize("status", [403, 502])
def test_a_page_of_something_else_says_nothing_about_the_token(simulator, call: str, status: int):
    d = drive(simulator)
    d.fault(call=call, status=status, body="<html>Blocked</html>", times=1)
    error = refuses(simulator, d)
    assert (type(error), error.code) == (Unavailable, "platform_unavailable")


@pytest.mark.parametrize(
    "body", ["{}", "[]", '{"ok": true, "result": []}', '{"result": {"id": "x"}}']
)
def test_an_answer_that_says_nothing_is_not_believed(simulator: Simulator, body: str):
    for call in ("get_chat", "get_chat_member"):
        d = drive(simulator)
        d.fault(call=call, status=200, body=body, times=1)
        assert isinstance(refuses(simulator, d), Unavailable | Rejected)


def test_an_unreachable_network_says_nothing_about_the_token(simulator: Simulator):
    assert isinstance(refuses(simulator, drive(simulator), url=NOWHERE), Unavailable)


def moved(simulator: Simulator) -> tuple[Drive, str]:
    """A group that has become a supergroup, and the id of that."""
    d, new = drive(simulator, new_id("-4")), new_id()
    d.set("moved_to", new)
    return d, new


def test_the_old_id_of_a_group_leads_to_the_supergroup_that_it_has_become(simulator: Simulator):
    d, new = moved(simulator)
    profile = signed_in(simulator, d.account.token, d.account.platform_account_id)
    assert profile.platform_account_id == d.account.platform_account_id
    assert profile.extra == {"chat": new}


def test_a_refresh_keeps_the_token_and_finds_the_chat(simulator: Simulator):
    d, new = moved(simulator)
    assert LOGIN.can_refresh(d.account)
    found = refreshed(simulator, d.account)
    assert (found.access, found.expires_at, found.extra) == (d.account.token, None, {"chat": new})
    other = drive(simulator).account
    assert refreshed(simulator, other) == Tokens(other.token)


@pytest.mark.parametrize("role", ["kicked", ""])
def test_a_refresh_is_refused_where_the_chat_is_out_of_reach(simulator: Simulator, role: str):
    d = drive(simulator)
    if role:
        d.set("role", role)
    else:
        d.fault(
            call="get_chat_member",
            status=400,
            body='{"description": "Bad Request: chat not found"}',
        )
    with pytest.raises(Unauthorized) as caught:
        refreshed(simulator, d.account)
    assert caught.value.code == "permission_missing"
    simulator.http.delete("/control/faults")
