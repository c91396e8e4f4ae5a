"""The identifier of a record's content (CID), which a reply names before the server has it.

Source: https://atproto.com/specs/data-model and https://ipld.io/specs/codecs/dag-cbor/spec/ (read
2026-11-30): CIDv1 of DAG-CBOR by SHA-256, in base32. Keys of a map are sorted by length, then by
bytes. Records hold no floats.
"""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

#: CIDv1, codec dag-cbor, hash sha2-256 of 32 bytes.
_PREFIX = b"\x01\x71\x12\x20"
#: A tag for links, whose bytes begin with the multibase prefix of raw bytes.
_LINK, _RAW = 42, b"\x00"


def of_record(record: dict[str, Any]) -> str:
    digest = hashlib.sha256(b"".join(_encoded(record))).digest()
    return "b" + base64.b32encode(_PREFIX + digest).decode().rstrip("=").lower()


def _encoded(value: Any) -> Iterator[bytes]:
    match value:
        case None:
            yield b"\xf6"
        case bool():
            yield b"\xf5" if value else b"\xf4"
        case int() if value >= 0:
            yield _head(0, value)
        case str():
            text = value.encode()
            yield _head(3, len(text)) + text
        case list() | tuple():
            yield _head(4, len(value))
            for each in value:
                yield from _encoded(each)
        case {"$link": str() as link}:
            content = _RAW + _link_bytes(link)
            yield _head(6, _LINK) + _head(2, len(content)) + content
        case dict():
            yield _head(5, len(value))
            for key in sorted(value, key=lambda name: (len(name.encode()), name.encode())):
                yield from _encoded(key)
                yield from _encoded(value[key])
        case _:
            raise TypeError(f"A record holds no {type(value).__name__}.")


def _link_bytes(link: str) -> bytes:
    body = link[1:].upper()
    return base64.b32decode(body + "=" * (-len(body) % 8))


def _head(kind: int, size: int) -> bytes:
    """Return a type and a length or number, in as few bytes as it needs."""
    if size < 24:
        return bytes([kind << 5 | size])
    for extra, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if size < 1 << 8 * width:
            return bytes([kind << 5 | extra]) + size.to_bytes(width)
    raise ValueError(size)
