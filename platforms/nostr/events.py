"""Events: made, signed and checked. The id of an event is the hash of all that it says.

Source: https://github.com/nostr-protocol/nips/blob/master/01.md (read 2026-12-01): signatures are
BIP 340's, on secp256k1.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from coincurve import PrivateKey, PublicKeyXOnly

from platforms.drafts import Credentials
from platforms.errors import Unauthorized
from platforms.http.foreign.stated import as_moment
from platforms.nostr import nip19

NOTE, DELETION, PICTURE, ARTICLE = 1, 5, 20, 30023
PROFILE, RELAYS, MEDIA_SERVERS = 0, 10002, 10063
AUTHENTICATION, UPLOAD = 22242, 24242
HEX = re.compile(r"[0-9a-f]{64}")
Event = dict[str, Any]
Tags = Sequence[Sequence[str]]
#: What programs write differently in JSON is no part of a text: their ids would differ.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


class Key:
    """The private key of an account. Raises ValueError for a text that is none."""

    def __init__(self, secret: str) -> None:
        if secret.startswith("nsec1"):
            prefix, data = nip19.decode(secret)
            secret = data.hex() if prefix == "nsec" else ""
        if not HEX.fullmatch(secret):
            raise ValueError("This is no private key.")
        self._key = PrivateKey(bytes.fromhex(secret))
        self.secret = secret
        self.pubkey = self._key.public_key.format()[1:].hex()

    @classmethod
    def of(cls, account: Credentials) -> "Key":
        """Return the account's key. Raises Unauthorized if another one or none is stored."""
        try:
            key = cls(account.token)
        except ValueError:
            key = None
        if key is None or key.pubkey != account.platform_account_id:
            raise Unauthorized("The stored key is not the account's; reconnect the account.")
        return key

    def signed(self, kind: int, content: str, tags: Tags, created_at: int) -> Event:
        event = {
            "pubkey": self.pubkey,
            "created_at": created_at,
            "kind": kind,
            "tags": [[clean(value) for value in tag] for tag in tags],
            "content": clean(content),
        }
        event_id = _id_of(event)
        signature = self._key.sign_schnorr(bytes.fromhex(event_id)).hex()
        return {"id": event_id, **event, "sig": signature}


def clean(text: str) -> str:
    return CONTROL.sub("", text)


def is_genuine(event: Any, pubkey: str = "") -> bool:
    """Return whether an event is whole and signed by its author, by this one if one is given."""
    try:
        if pubkey and event["pubkey"] != pubkey:
            return False
        if as_moment(event["created_at"]) is None or not isinstance(event["kind"], int):
            return False
        author = PublicKeyXOnly(bytes.fromhex(event["pubkey"]))
        is_same = event["id"] == _id_of(event)
        return is_same and author.verify(bytes.fromhex(event["sig"]), bytes.fromhex(event["id"]))
    except (ValueError, TypeError, KeyError):
        return False


def tag_values(event: Mapping[str, Any], name: str) -> list[list[str]]:
    """Return what stands in an event's tags of a name, each without the name."""
    return [
        [str(value) for value in tag[1:]]
        for tag in event.get("tags", ())
        if isinstance(tag, list) and len(tag) > 1 and tag[0] == name
    ]


def _id_of(event: Mapping[str, Any]) -> str:
    names = ("pubkey", "created_at", "kind", "tags", "content")
    said = [0, *(event[name] for name in names)]
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
