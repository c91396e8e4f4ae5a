"""Accounts of Bluesky at the simulator."""

import secrets
from typing import Any

from platforms.bluesky.adapter import Bluesky
from platforms.drafts import Credentials
from tests.conftest import Simulator
from tests.platforms.driver import Drive

#: Facts of an account on Bluesky's own server.
SERVER = {"pds": "https://bsky.social"}
PASSWORD = "abcd-efgh-ijkl-mnop"
DIGITS = str.maketrans("0123456789", "bcdefghijk")
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


def did(number: int) -> str:
    """The DID of an account, by a number."""
    return f"did:plc:{'a' * 20}{LETTERS[number // 32]}{LETTERS[number % 32]}aa"


def did_of(number: str) -> str:
    """The DID that stands for a number of digits."""
    return f"did:plc:{number.translate(DIGITS):a<24}"


def new_did() -> str:
    """A DID that no other test has: accounts outlive a test."""
    return f"did:plc:{''.join(secrets.choice(LETTERS) for _ in range(24))}"


def drive(simulator: Simulator, handle: str = "", **extra: str) -> Drive:
    """An account of its own, ready to publish."""
    number, facts = new_did(), {**SERVER, "password": PASSWORD, **extra}
    handle = handle or f"{number[-12:]}.bsky.social"
    token = simulator.connect("bluesky", number, username=handle, extra=facts)
    return Drive(Bluesky(), Credentials(number, handle, token, extra=facts), simulator)


def record(drive: Drive, at: int = 0) -> dict[str, Any]:
    """Return what the server keeps of public posts, newest first."""
    found: dict[str, Any] = drive.public()[at]["extra"]["record"]
    return found
