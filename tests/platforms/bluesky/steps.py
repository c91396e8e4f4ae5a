"""Steps at Bluesky for the flows of all networks."""

from tests.conftest import Simulator
from tests.platforms.bluesky.account import PASSWORD, SERVER, did_of
from tests.platforms.bluesky.test_login import Person

#: The account that drafts mention and refer to, and a post of it.
PIGEON = did_of("1")
_LINK = f"https://bsky.app/profile/{PIGEON}/post/3kaaaaaaaaaaa"
ABOUT = {"quote": _LINK, "replyTo": _LINK}
_RECORD = {
    "$type": "app.bsky.feed.post",
    "text": "Coo",
    "createdAt": "2026-11-30T12:00:00.000Z",
}


def prepare(simulator: Simulator) -> None:
    """Make the account that drafts mention, and its post."""
    facts = {**SERVER, "password": PASSWORD}
    if not simulator.posts("bluesky", PIGEON):
        token = simulator.connect("bluesky", PIGEON, username="pigeons.example", extra=facts)
        write = {
            "$type": "com.atproto.repo.applyWrites#create",
            "collection": _RECORD["$type"],
            "rkey": _LINK.rpartition("/")[2],
            "value": _RECORD,
        }
        simulator.http.post(
            "/bsky.social/xrpc/com.atproto.repo.applyWrites",
            json={"repo": PIGEON, "writes": [write]},
            headers={"Authorization": f"Bearer {token}"},
        ).raise_for_status()


def sign_in(simulator: Simulator) -> None:
    """Connect an account by its app password, and renew its session."""
    person = Person(simulator)
    profile = person.sign_in()
    person.refresh(profile)
