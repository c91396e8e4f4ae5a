"""The records of a post or a thread, all of which the account's server stores at once, or none.

Each post replies to the one before, which it names by its key and the identifier of its content:
both are known before anything is sent. Keys are time identifiers (TID).

Source: lexicons app.bsky.feed.post, threadgate, postgate, com.atproto.label.defs#selfLabels,
com.atproto.repo.applyWrites; https://atproto.com/specs/record-key (read 2026-11-30).
"""

import base64
import hashlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from platforms import clock
from platforms.bluesky import facets
from platforms.bluesky.pds import POSTS, uri
from platforms.drafts import Draft

THREADGATE, POSTGATE = "app.bsky.feed.threadgate", "app.bsky.feed.postgate"
CREATE = "com.atproto.repo.applyWrites#create"
#: CIDv1, codec dag-cbor, hash sha2-256 of 32 bytes.
_CID_PREFIX = b"\x01\x71\x12\x20"
#: A tag for links, whose bytes begin with the multibase prefix of raw bytes.
_LINK_TAG, _RAW = 42, b"\x00"
_TID_CHARS = "234567abcdefghijklmnopqrstuvwxyz"
#: Who may reply, by our words; an empty list is no person at all.
RULES: Mapping[str, Sequence[str]] = {
    "mentioned": ("mentionRule",),
    "following": ("followingRule",),
    "followers": ("followerRule",),
    "nobody": (),
}


@dataclass(frozen=True, slots=True)
class Referenced:
    """Hold what was looked up for the records."""

    #: Handle → DID of those that the texts mention.
    dids: Mapping[str, str] = field(default_factory=dict)
    #: The `uri` and `cid` of a quoted post.
    quoted: Mapping[str, str] | None = None
    #: `root` and `parent` of a post that this one replies to.
    reply: Mapping[str, Any] | None = None


def new_keys(count: int) -> list[str]:
    """Return keys for so many posts, in their order."""
    now, clock_id = int(clock.unix_seconds() * 1_000_000), secrets.randbelow(1024)
    return [_tid(now + number, clock_id) for number in range(count)]


def texts(draft: Draft) -> tuple[str, ...]:
    """Return the texts of all parts, the post's own first."""
    return draft.text, *draft.settings.get("thread", ())


def writes(
    draft: Draft,
    did: str,
    keys: Sequence[str],
    created_at: str,
    embed: dict[str, Any] | None,
    known: Referenced,
) -> list[dict[str, Any]]:
    """Return what is written: a post for each part, and the rules of the first one."""
    made = []
    root: dict[str, str] | None = None
    reply = known.reply
    for number, (text, key) in enumerate(zip(texts(draft), keys, strict=True)):
        record = _post(draft, text, _later(created_at, number), known.dids)
        if number == 0:
            record |= _first(draft, embed, known.quoted)
        if reply:
            record["reply"] = dict(reply)
        made.append(_create(POSTS, key, record))
        here = {"uri": uri(did, key), "cid": cid_of(record)}
        root = root or dict(reply["root"] if reply else here)
        reply = {"root": root, "parent": here}
    return [*made, *_gates(draft, did, keys[0], created_at)]


def timestamp() -> str:
    return _written(clock.now())


def _post(draft: Draft, text: str, created_at: str, dids: Mapping[str, str]) -> dict[str, Any]:
    record: dict[str, Any] = {"$type": POSTS, "text": text, "createdAt": created_at}
    if found := facets.facets(text, dids):
        record["facets"] = found
    if languages := draft.settings.get("languages"):
        record["langs"] = list(languages)
    return record


def _first(
    draft: Draft, embed: dict[str, Any] | None, quoted: Mapping[str, str] | None
) -> dict[str, Any]:
    """Return what only the first part holds."""
    found: dict[str, Any] = {}
    if quoted:
        record = {"$type": "app.bsky.embed.record", "record": dict(quoted)}
        both = {"$type": "app.bsky.embed.recordWithMedia", "record": record, "media": embed}
        embed = both if embed else record
    if embed:
        found["embed"] = embed
    if labels := draft.settings.get("labels"):
        values = [{"val": label} for label in labels]
        found["labels"] = {"$type": "com.atproto.label.defs#selfLabels", "values": values}
    return found


def _gates(draft: Draft, did: str, key: str, created_at: str) -> Iterator[dict[str, Any]]:
    about = {"post": uri(did, key), "createdAt": created_at}
    rules = RULES.get(draft.settings.get("replyControl") or "")
    if rules is not None:
        allow = [{"$type": f"{THREADGATE}#{rule}"} for rule in rules]
        yield _create(THREADGATE, key, {"$type": THREADGATE, **about, "allow": allow})
    if draft.settings.get("allowQuotes") is False:
        disabled = [{"$type": f"{POSTGATE}#disableRule"}]
        yield _create(POSTGATE, key, {"$type": POSTGATE, **about, "embeddingRules": disabled})


def _create(collection: str, key: str, record: dict[str, Any]) -> dict[str, Any]:
    return {"$type": CREATE, "collection": collection, "rkey": key, "value": record}


def _tid(microseconds: int, clock_id: int) -> str:
    value = microseconds << 10 | clock_id
    return "".join(_TID_CHARS[value >> shift & 31] for shift in range(60, -1, -5))


def _later(created_at: str, number: int) -> str:
    """Return the time of a later part, so that feeds keep the order."""
    return _written(datetime.fromisoformat(created_at) + timedelta(milliseconds=number))


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def cid_of(record: dict[str, Any]) -> str:
    """Return the identifier that a server gives a record: CIDv1 of its DAG-CBOR, in base32.

    Keys of a map are sorted by length, then by bytes. Records hold no floats.
    Source: https://atproto.com/specs/data-model, https://ipld.io/specs/codecs/dag-cbor/spec/ (read
    2026-11-30).
    """
    digest = hashlib.sha256(b"".join(_encoded(record))).digest()
    return "b" + base64.b32encode(_CID_PREFIX + digest).decode().rstrip("=").lower()


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
            yield _head(6, _LINK_TAG) + _head(2, len(content)) + content
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
