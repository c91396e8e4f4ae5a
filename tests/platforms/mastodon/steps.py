"""Steps at Mastodon for the flows of all networks."""

from tests.conftest import Simulator
from tests.platforms.mastodon.account import USUAL, drive, id_of
from tests.platforms.mastodon.test_login import signed_in

#: The account that drafts refer to, and its only post.
DOVE, POST = id_of("1000001"), "110000000000000007"
_LINK = f"https://{USUAL}/@dora/{POST}"
ABOUT = {"quote": _LINK, "replyTo": _LINK}
POLL = {"pollOptions": ["Yes", "No"], "pollSeconds": 600, "pollMultiple": True}


def prepare(simulator: Simulator) -> None:
    """Make the post that drafts refer to."""
    if not simulator.posts("mastodon", DOVE):
        token = simulator.connect("mastodon", DOVE, username=f"dora@{USUAL}")
        simulator.set("mastodon", "next_id", POST, DOVE)
        simulator.http.post(
            f"/{USUAL}/api/v1/statuses",
            json={"status": "Coo"},
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "coo"},
        ).raise_for_status()


def sign_in(simulator: Simulator) -> None:
    """Connect an account by a token that its owner made."""
    signed_in(simulator, instance=USUAL, access_token=drive(simulator).account.token)
