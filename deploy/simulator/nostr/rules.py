"""What relays and media servers refuse, by the published specification.

Source: https://github.com/nostr-protocol/nips, 01.md, 09.md, 10.md, 23.md, 42.md, 68.md, 92.md,
and BUD-11 of https://github.com/hzrd149/blossom (read 2026-12-01). How large and how new an event
may be is strfry's default.
"""

import base64
import hashlib
import json
import re
import time
from collections.abc import Mapping, Sequence
from typing import Any

from coincurve import PrivateKey, PublicKeyXOnly

from deploy.simulator.strict import Fits, list_of, matching, object_of, once, text

Event = dict[str, Any]
NOTE, DELETION, PICTURE, ARTICLE, AUTH, UPLOAD = 1, 5, 20, 30023, 22242, 24242
POSTS = (NOTE, PICTURE, ARTICLE)
MOST_BYTES = 65_536
PAST_SECONDS, FUTURE_SECONDS, AUTH_SECONDS = 94_608_000, 900, 600
PICTURES = ("apng", "avif", "gif", "jpeg", "png", "webp")
HEX = matching("[0-9a-f]{64}")


def whole(least: int, most: int) -> Fits:
    return lambda value: type(value) is int and least <= value <= most


EVENT = object_of(
    {
        "id": HEX,
        "pubkey": HEX,
        "created_at": whole(0, 2**40),
        "kind": whole(0, 65_535),
        "tags": list_of(list_of(text, least=1), most=2000),
        "content": text,
        "sig": matching("[0-9a-f]{128}"),
    },
    {},
)
FILTER = object_of(
    {},
    {
        "ids": list_of(HEX, least=1),
        "authors": list_of(HEX, least=1),
        "kinds": list_of(whole(0, 65_535), least=1),
        "limit": whole(0, 5000),
    },
)
#: What the value of a tag must be.
TAGS: dict[str, Fits] = {
    "e": HEX,
    "p": HEX,
    "q": matching("[0-9a-f]{64}|[0-9]{1,5}:[0-9a-f]{64}:.*"),
    "a": matching("[0-9]{1,5}:[0-9a-f]{64}:.*"),
    "k": matching("[0-9]{1,5}"),
    "t": lambda value: isinstance(value, str) and value == value.lower() and "#" not in value,
    "x": HEX,
    "m": matching("[a-z]+/[a-z0-9.+-]+"),
}
#: A picture within an article.
SHOWN = re.compile(r"!\[([^\]]*)\]\((\S+)\)")
MARKERS = ("", "root", "reply")


def parsed(message: str) -> list[Any]:
    """Return a message of a client; empty if it is none."""
    try:
        said = json.loads(message, object_pairs_hook=once)
    except ValueError:
        return []
    return said if isinstance(said, list) else []


def values(event: Mapping[str, Any], name: str) -> list[str]:
    return [tag[1] for tag in event["tags"] if tag[0] == name and len(tag) > 1]


def wrong(event: Any) -> str:
    """Return why an event is no valid one; empty if it is."""
    if not EVENT(event):
        return "invalid: this is no event"
    if len(json.dumps(event, ensure_ascii=False).encode(errors="replace")) > MOST_BYTES:
        return "invalid: event too large"
    if event["id"] != _id_of(event):
        return "invalid: the id is not the hash of the event"
    if not _is_signed(event):
        return "invalid: bad signature"
    age = time.time() - event["created_at"]
    if age > PAST_SECONDS or age < -FUTURE_SECONDS:
        return "invalid: event creation date is too far off from the current time"
    for name, *rest in event["tags"]:
        if name in TAGS and not (rest and TAGS[name](rest[0])):
            return f"invalid: unexpected size of a tag: {name}"
    return _wrong_content(event)


def _wrong_content(event: Event) -> str:
    kind, content = event["kind"], event["content"]
    files = [_facts(tag) for tag in event["tags"] if tag[0] == "imeta"]
    if any(len(each) < 2 or "url" not in each for each in files):
        return "invalid: imeta has a url and one more field"
    if kind == NOTE:
        if any(each["url"] not in content for each in files):
            return "invalid: imeta is about a url in the content"
        replies = [tag for tag in event["tags"] if tag[0] == "e"]
        if any(len(tag) > 3 and tag[3] not in MARKERS for tag in replies) or not content:
            return "invalid: a note has a content, and markers of NIP-10"
    if kind == PICTURE:
        types = {each.get("m", "").removeprefix("image/") for each in files}
        if not files or types - set(PICTURES) or not _has(event, "title"):
            return "invalid: a picture post has a title and pictures"
    if kind == ARTICLE and not (_has(event, "d") and _has(event, "title") and content):
        return "invalid: an article has a name, a title and a content"
    if kind == DELETION and not (values(event, "e") and values(event, "k")):
        return "invalid: a deletion request names events and their kinds"
    return ""


def _has(event: Event, name: str) -> bool:
    return len([tag for tag in event["tags"] if tag[0] == name and len(tag) == 2]) == 1


def _facts(tag: Sequence[str]) -> dict[str, str]:
    return dict(fact.partition(" ")[::2] for fact in tag[1:])


def files_of(event: Event) -> list[dict[str, str]]:
    """Return what the event says of each of its files."""
    return [_facts(tag) for tag in event["tags"] if tag[0] == "imeta"]


def text_of(event: Event) -> str:
    """Return the text as clients show it: with files in place of their addresses."""
    words = SHOWN.sub("", event["content"])
    for file in files_of(event):
        words = words.replace(file["url"], "")
    return words.strip() if files_of(event) else words


def signed(secret: str, kind: int, content: str, tags: list[list[str]]) -> Event:
    """Return an event of an account of the simulator, such as its profile."""
    key = PrivateKey(bytes.fromhex(secret))
    event: Event = {
        "pubkey": key.public_key.format()[1:].hex(),
        "created_at": int(time.time()) - 60,
        "kind": kind,
        "tags": tags,
        "content": content,
    }
    event["id"] = _id_of(event)
    return {**event, "sig": key.sign_schnorr(bytes.fromhex(event["id"])).hex()}


def granted(header: str, host: str, verb: str, digest: str) -> str:
    """Return whose grant to a media server this is; empty if it permits nothing here."""
    scheme, _, code = header.partition(" ")
    try:
        padded = code + "=" * (-len(code) % 4)
        event = json.loads(base64.urlsafe_b64decode(padded), object_pairs_hook=once)
    except ValueError:
        return ""
    if scheme != "Nostr" or "=" in code or wrong(event) or event["kind"] != UPLOAD:
        return ""
    ends = values(event, "expiration")
    is_open = bool(ends) and event["created_at"] <= time.time() < int(ends[0])
    servers = values(event, "server")
    is_here = not servers or host in servers
    fits = values(event, "t") == [verb] and digest in values(event, "x") and event["content"]
    return str(event["pubkey"]) if is_open and is_here and fits else ""


def _id_of(event: Mapping[str, Any]) -> str:
    said = [0, event["pubkey"], event["created_at"], event["kind"], event["tags"], event["content"]]
    written = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode(errors="replace")).hexdigest()


def _is_signed(event: Event) -> bool:
    try:
        author = PublicKeyXOnly(bytes.fromhex(event["pubkey"]))
        return author.verify(bytes.fromhex(event["sig"]), bytes.fromhex(event["id"]))
    except ValueError:
        return False


#: How a relay says what a status would say elsewhere.
WORDS = {400: "invalid", 401: "auth-required", 403: "restricted", 404: "pow", 429: "rate-limited"}


def as_words(status: int, said: str) -> str:
    return f"{WORDS.get(status, 'error')}: {said}"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def extension(content_type: str) -> str:
    return re.sub("[^a-z0-9]", "", content_type.partition("/")[2])


_CHARS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def code_of(event: Event) -> str:
    """Return the code by which people name an event (NIP-19): its id and its author, in bech32."""
    facts = bytes((0, 32)) + bytes.fromhex(event["id"]) + bytes((2, 32))
    data = facts + bytes.fromhex(event["pubkey"])
    bits = "".join(f"{byte:08b}" for byte in data)
    values = [int(bits[at : at + 5].ljust(5, "0"), 2) for at in range(0, len(bits), 5)]
    prefix = [ord(char) >> 5 for char in "nevent"] + [0] + [ord(char) & 31 for char in "nevent"]
    check = 1
    for value in [*prefix, *values, 0, 0, 0, 0, 0, 0]:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
        for at, generator in enumerate(_GENERATORS):
            check ^= generator if top >> at & 1 else 0
    values += [(check ^ 1) >> 5 * (5 - at) & 31 for at in range(6)]
    return "nevent1" + "".join(_CHARS[value] for value in values)
