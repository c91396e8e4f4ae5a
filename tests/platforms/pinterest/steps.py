"""Accounts and posts of Pinterest, for the flows of all networks and for its own tests."""

import itertools
import secrets
from datetime import UTC, datetime, timedelta

from platforms.drafts import Credentials, Draft
from platforms.pinterest.adapter import Pinterest
from tests.conftest import Simulator
from tests.platforms.driver import Drive, media, video
from tests.platforms.samples import JPEG, PHOTO

_numbers = itertools.count(secrets.randbelow(10**11) * 1000)

CLIP = media(video(4), kind="video")
PNG = media(alt_text="A loft")
SAID = {"title": "Of doves", "link": "https://example.com/doves"}
IMAGE = Draft("Coo", (PHOTO,), SAID)
CAROUSEL = Draft("Coo", (PHOTO, PNG))
MOVING = Draft("Coo", (CLIP,), {**SAID, "coverSeconds": 1})
COVERED = Draft("Coo", (CLIP, JPEG), {"useImageAsCover": True})
IN_SECTION = Draft("Coo", (JPEG,), {"sectionId": "5001"})


def new_number() -> str:
    """A number that no other test has: accounts outlive a test."""
    return str(10**17 + next(_numbers))


def drive(simulator: Simulator, **extra: object) -> Drive:
    """A board of a person of its own, ready to publish."""
    number = new_number()
    token = simulator.connect("pinterest", number, username="doves", extra=extra)
    return Drive(Pinterest(), Credentials(number, "doves", token), simulator)


def over() -> datetime:
    """A last send so long ago that a list proves what is absent."""
    return datetime.now(UTC) - timedelta(minutes=6)
