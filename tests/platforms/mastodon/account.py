"""Accounts of Mastodon at the simulator."""

import secrets

from deploy.simulator.mastodon.demo import HOST
from platforms.drafts import Credentials
from platforms.mastodon.adapter import Mastodon
from tests.conftest import Simulator
from tests.platforms.driver import Drive

#: Servers: as Mastodon's own, one with longer texts, and one of an old release.
USUAL, LONG, OLD = "mastodon.social", HOST, "old.pigeons.example"


def id_of(number: str, host: str = USUAL) -> str:
    """The id of an account, by a number."""
    return f"{number}@{host}"


def new_id(host: str = USUAL) -> str:
    """An id that no other test has: accounts outlive a test."""
    return id_of(str(secrets.randbelow(10**17) + 1), host)


def drive(simulator: Simulator, host: str = USUAL, **extra: object) -> Drive:
    """An account of its own, ready to publish."""
    number = new_id(host)
    name = f"dove{number.partition('@')[0]}@{host}"
    token = simulator.connect("mastodon", number, username=name, extra=extra)
    return Drive(Mastodon(), Credentials(number, name, token), simulator)
