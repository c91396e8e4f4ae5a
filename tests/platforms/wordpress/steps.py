"""Steps at WordPress for the flows of all networks."""

from tests.conftest import Simulator
from tests.platforms.wordpress.account import drive
from tests.platforms.wordpress.test_login import signed_in

TOLD = {
    "title": "Doves",
    "excerpt": "Of doves",
    "slug": "doves",
    "categories": ["News & more"],
    "tags": ["doves", "lofts"],
    "format": "aside",
    "textFormat": "markdown",
}


def sign_in(simulator: Simulator) -> None:
    """Connect an account by an application password."""
    signed_in(simulator, drive(simulator).account.token)
