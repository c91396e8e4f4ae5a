"""Accounts of Nostr at the simulator."""

import hashlib
import secrets
from functools import cache

from deploy.simulator.nostr.demo import MEDIA, RELAYS
from platforms.drafts import Credentials
from platforms.nostr import nip19
from platforms.nostr.adapter import Nostr
from platforms.nostr.events import Key
from tests.conftest import Simulator
from tests.platforms.driver import Drive

#: Facts of an account at one relay.
FACTS = {"relays": RELAYS[0], "media": MEDIA}
FIRST, SECOND, DIRECTORY = *RELAYS, "wss://purplepag.es"
_keys: dict[str, Key] = {}


@cache
def id_of(number: str) -> str:
    """The public key of an account, by a number."""
    key = Key(hashlib.sha256(f"nostr {number}".encode()).hexdigest())
    _keys[key.pubkey] = key
    return key.pubkey


def key_of(account_id: str) -> Key:
    return _keys[account_id]


def token_of(account_id: str) -> str:
    """The private key of an account that `id_of` made; an unknown one for any other."""
    known = _keys.get(account_id)
    return known.secret if known else secrets.token_hex(32)


def new_id() -> str:
    """A key that no other test has: accounts outlive a test."""
    return id_of(secrets.token_hex(8))


def drive(simulator: Simulator, *relays: str, media: str = MEDIA) -> Drive:
    """An account of its own, ready to publish."""
    account_id = new_id()
    extra = {"relays": " ".join(relays or (FIRST,)), "media": media}
    token = simulator.connect("nostr", account_id, extra=extra)
    known = Credentials(account_id, nip19.npub(account_id), token, extra=extra)
    return Drive(Nostr(), known, simulator)
