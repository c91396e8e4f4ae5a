"""The identifier of a record, by code of the simulator's own.

Source: https://ipld.io/specs/codecs/dag-cbor/spec/ and https://atproto.com/specs/data-model (read
2026-12-03).
"""

import base64
import hashlib
from typing import Any

#: CIDv1, DAG-CBOR, SHA-256 of 32 bytes.
PREFIX = bytes([1, 0x71, 0x12, 32])
LINK_TAG = b"\xd8\x2a"


def cid_of(record: Any) -> str:
    digest = hashlib.sha256(encoded(record)).digest()
    return "b" + base64.b32encode(PREFIX + digest).decode().lower().rstrip("=")


def encoded(value: Any) -> bytes:
    """Return a value in DAG-CBOR; a link is an object of `$link`."""
    match value:
        case None | bool():
            return {None: b"\xf6", True: b"\xf5", False: b"\xf4"}[value]
        case int():
            return _head(0, value) if value >= 0 else _head(1, -1 - value)
        case str():
            return _head(3, len(value.encode())) + value.encode()
        case {"$link": str(link), **rest} if not rest:
            cid = b"\0" + base64.b32decode(link[1:].upper() + "=" * (-(len(link) - 1) % 8))
            return LINK_TAG + _head(2, len(cid)) + cid
        case dict():
            pairs = sorted((encoded(name), encoded(each)) for name, each in value.items())
            return _head(5, len(pairs)) + b"".join(name + each for name, each in pairs)
        case _:
            return _head(4, len(value)) + b"".join(map(encoded, value))


def _head(kind: int, count: int) -> bytes:
    if count < 24:
        return bytes([kind << 5 | count])
    size = next(size for size in (1, 2, 4, 8) if count < 1 << (8 * size))
    return bytes([kind << 5 | 23 + size.bit_length()]) + count.to_bytes(size)
