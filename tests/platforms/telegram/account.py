"""Channels and groups of bots at the simulator."""

import secrets

from platforms.drafts import Credentials
from platforms.telegram.adapter import Telegram
from tests.conftest import Simulator
from tests.platforms.driver import Drive

#: Ids of channels and supergroups begin so; those of small groups do not.
CHANNEL = "-100"


def id_of(number: str) -> str:
    """The id of a channel, by a number."""
    return f"{CHANNEL}{int(number) % 10**10 + 10**10}"


def new_id(prefix: str = CHANNEL) -> str:
    """An id that no other test has: accounts outlive a test. With `-` alone it is a group's."""
    return f"{prefix}{2 * 10**10 + secrets.randbelow(10**10)}"


def new_token() -> str:
    """A token as BotFather makes them."""
    return f"{10**9 + secrets.randbelow(10**9)}:AA{secrets.token_hex(16)}x"


def drive(simulator: Simulator, chat: str = "", **extra: object) -> Drive:
    """A channel of its own, or the chat with this id, ready to be posted to."""
    number = chat or new_id()
    fields = {"username": "pigeons", "token": new_token(), "extra": extra}
    token = simulator.connect("telegram", number, **fields)
    name = "" if extra.get("private") else "pigeons"
    return Drive(Telegram(), Credentials(number, name, token), simulator)
