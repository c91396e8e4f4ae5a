"""Accounts of Discord at the simulator: a bot in a channel, or a webhook."""

import itertools
import secrets
from datetime import UTC, datetime, timedelta

from platforms.discord.adapter import Discord
from platforms.drafts import Credentials, Draft
from tests.conftest import Simulator
from tests.platforms.driver import Drive, image, media

TEXT, ANNOUNCEMENTS, FORUM = 0, 5, 15
_numbers = itertools.count(secrets.randbelow(10**15) * 1000)


def id_of(number: str) -> str:
    """The id of a bot in a channel of its own, by a number."""
    return f"{number}@7{number:0>18}"


def new_number() -> str:
    """A number that no other test has: accounts outlive a test."""
    return str(10**18 + next(_numbers) * 2)


def drive(simulator: Simulator, kind: int = TEXT) -> Drive:
    """A bot in a channel of this type, ready to publish."""
    return _drive(simulator, id_of(new_number()), kind)


def webhook(simulator: Simulator, kind: int = TEXT) -> Drive:
    """A webhook of a channel of this type, ready to publish."""
    return _drive(simulator, new_number(), kind)


def _drive(simulator: Simulator, number: str, kind: int) -> Drive:
    token = simulator.connect("discord", number, username="doves", extra={"type": kind})
    extra = {"kind": "forum"} if kind == FORUM and "@" in number else {}
    return Drive(Discord(), Credentials(number, "doves", token, extra=extra), simulator)


MAKERS = {
    "bot": lambda simulator: drive(simulator),
    "webhook": lambda simulator: webhook(simulator),
    "forum": lambda simulator: drive(simulator, FORUM),
}
CALLS = {"bot": "create_message", "webhook": "execute_webhook", "forum": "create_thread"}
CARRY_ON = Draft("Coo", settings={"crosspost": True})


def picture(width: int = 320, **fields: object):
    return media(image(width, format="JPEG"), content_type="image/jpeg", **fields)


def over() -> datetime:
    """A last send so long ago that a list proves what is absent."""
    return datetime.now(UTC) - timedelta(minutes=6)
