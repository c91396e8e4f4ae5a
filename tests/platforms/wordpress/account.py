"""Accounts of WordPress at the simulator."""

import secrets

from deploy.simulator.wordpress.demo import HOST
from deploy.simulator.wordpress.site import PLAIN
from platforms.drafts import Credentials
from platforms.wordpress.adapter import WordPress
from tests.conftest import Simulator
from tests.platforms.driver import Drive

#: The root of the API of a site without pretty links.
PLAIN_ROOT = f"https://{PLAIN}/index.php?rest_route=/"


def id_of(number: str, host: str = HOST) -> str:
    """The id of an account, by a number."""
    return f"{number}@{host}"


def new_id(host: str = HOST) -> str:
    """An id that no other test has: accounts outlive a test."""
    return id_of(str(secrets.randbelow(10**15) + 1), host)


def drive(simulator: Simulator, host: str = HOST) -> Drive:
    """An account of its own, ready to publish."""
    number = new_id(host)
    token = simulator.connect("wordpress", number, username="dora")
    extra = {"rest": PLAIN_ROOT} if host == PLAIN else {}
    return Drive(WordPress(), Credentials(number, "dora", token, extra=extra), simulator)
