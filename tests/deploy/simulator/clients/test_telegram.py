"""python-telegram-bot plays on the simulated Bot API."""

import pytest

from tests.deploy.simulator.clients import install
from tests.deploy.simulator.clients.stage import HERE, Stage
from tests.platforms.telegram.account import drive

pytestmark = pytest.mark.thorough
METHODS = (
    *("getMe", "getChat", "getChatMember", "getChatMemberCount", "deleteMessage", "sendMessage"),
    *("sendPhoto", "sendVideo", "sendDocument", "sendMediaGroup", "sendPoll"),
)


def test_python_telegram_bot_publishes_reads_and_deletes(stage: Stage):
    account = drive(stage.simulator).account
    chat, token = account.platform_account_id, account.token
    child = stage.start(install.python(), "-I", HERE / "play_telegram.py", token, chat)

    told = stage.told(child)

    ids = [number for kind in told["ids"].values() for number in kind]
    assert ids == list(range(ids[0], ids[0] + 7))
    assert told["links"] == [f"https://t.me/pigeons/{ids[0]}", "Acme"]
    assert told["text"] == ["Coo on", ["bold"]]
    assert (told["document"], told["poll"]) == ("guide.pdf", ["Coo", "Coo coo"])
    assert told["read"] == {
        "me": [int(token.partition(":")[0]), True],
        "chat": [int(chat), "channel", "Acme", "pigeons"],
        "member": ["administrator", True],
        "count": True,
    }
    assert told["refused"] == {
        "too long": ["BadRequest", "Message is too long"],
        "nothing": ["BadRequest", "Message text is empty"],
        "caption": ["BadRequest", "Message caption is too long"],
        "no picture": ["BadRequest", "Image_process_failed"],
        "unknown chat": ["BadRequest", "Chat not found"],
        "unknown message": ["BadRequest", "Message to delete not found"],
        "deleted": ["BadRequest", "Message to delete not found"],
        "wrong token": [
            "InvalidToken",
            "The token `123456789:AAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa` was rejected by the server.",
        ],
    }
    assert told["deleted"] is True
    posts = reversed(stage.simulator.posts("telegram", chat))
    shown = [(each["text"], len(each["media"])) for each in posts]
    assert shown == [("Look", 1), ("See", 1), ("Read", 1), ("Album", 2), ("Which?", 0)]
    assert {call.rpartition("/")[2] for call in stage.calls()} == set(METHODS)
