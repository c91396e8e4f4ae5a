"""Codes for keys and events as people copy them: npub, nsec, note, nprofile, nevent, naddr.

Source: https://github.com/nostr-protocol/nips/blob/master/19.md and
https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki (read 2026-12-01).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

CHARS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
CHECKSUM_CHARS, KEY_BYTES, MOST_CHARS = 6, 32, 5000
#: Types of the facts in a code that has several.
SPECIAL, AUTHOR, KIND = 0, 2, 3


@dataclass(frozen=True, slots=True)
class Entity:
    """What a code names. `value` is a key or an event's id in hexadecimal, or an identifier."""

    prefix: str
    value: str
    author: str = ""
    kind: int | None = None

    @property
    def is_profile(self) -> bool:
        return self.prefix in ("npub", "nprofile")

    @property
    def is_event(self) -> bool:
        return self.prefix in ("note", "nevent")


def encode(prefix: str, data: bytes) -> str:
    values = list(_regrouped(data, 8, 5))
    check = _polymod((*_expanded(prefix), *values, *[0] * CHECKSUM_CHARS)) ^ 1
    values += [check >> 5 * (CHECKSUM_CHARS - 1 - at) & 31 for at in range(CHECKSUM_CHARS)]
    return f"{prefix}1{''.join(CHARS[value] for value in values)}"


def decode(code: str) -> tuple[str, bytes]:
    """Return the prefix of a code and its bytes. Raises ValueError if it is none."""
    prefix, mark, rest = code.rpartition("1")
    if not mark or len(code) > MOST_CHARS or set(rest) - set(CHARS):
        raise ValueError("This is no code of Nostr.")
    values = [CHARS.index(char) for char in rest]
    if len(values) < CHECKSUM_CHARS or _polymod((*_expanded(prefix), *values)) != 1:
        raise ValueError("This code of Nostr has a wrong letter.")
    bits = len(values[:-CHECKSUM_CHARS]) * 5
    return prefix, bytes(_regrouped(values[:-CHECKSUM_CHARS], 5, 8))[: bits // 8]


def read(code: str) -> Entity | None:
    """Return what a code names; None if it names nothing that is known."""
    try:
        prefix, data = decode(code)
        return _entity(prefix, data)
    except (ValueError, IndexError):
        return None


def npub(pubkey: str) -> str:
    return encode("npub", bytes.fromhex(pubkey))


def nevent(event_id: str, author: str = "") -> str:
    parts = [(SPECIAL, event_id), *([(AUTHOR, author)] if author else [])]
    return encode("nevent", b"".join(bytes((kind, 32)) + bytes.fromhex(it) for kind, it in parts))


def _entity(prefix: str, data: bytes) -> Entity | None:
    if prefix in ("npub", "note"):
        return Entity(prefix, data.hex()) if len(data) == KEY_BYTES else None
    if prefix not in ("nprofile", "nevent", "naddr"):
        return None
    facts = dict(reversed(list(_facts(data))))
    special, author = facts[SPECIAL], facts.get(AUTHOR, b"")
    kind = int.from_bytes(facts[KIND]) if KIND in facts else None
    if prefix == "naddr":
        is_whole = len(author) == KEY_BYTES and kind is not None
        return Entity(prefix, special.decode(), author.hex(), kind) if is_whole else None
    if len(special) != KEY_BYTES or len(author) not in (0, KEY_BYTES):
        return None
    return Entity(prefix, special.hex(), author.hex(), kind)


def _facts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (type, value). Raises IndexError if one is cut."""
    at = 0
    while at < len(data):
        end = at + 2 + data[at + 1]
        if end > len(data):
            raise IndexError
        yield data[at], data[at + 2 : end]
        at = end


def _regrouped(values: Iterable[int], have: int, want: int) -> Iterator[int]:
    """Yield the bits of `values` in groups of another size; the last one is filled with zeros."""
    kept = count = 0
    for value in values:
        kept, count = (kept << have | value) & 0xFFF, count + have
        while count >= want:
            count -= want
            yield kept >> count & (1 << want) - 1
    if count:
        yield kept << (want - count) & (1 << want) - 1


def _expanded(prefix: str) -> tuple[int, ...]:
    return *(ord(char) >> 5 for char in prefix), 0, *(ord(char) & 31 for char in prefix)


def _polymod(values: Iterable[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for at, generator in enumerate(GENERATORS):
            check ^= generator if top >> at & 1 else 0
    return check
