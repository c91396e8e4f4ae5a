"""The records that a server of Bluesky's protocol takes, and their limits.

Stricter than the lexicons where an adapter of ours can be wrong: unions are closed, languages are
known, and a facet covers exactly what it stands for.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from deploy.simulator.strict import Fits, list_of, matching, object_of, one_of, text
from platforms.text import graphemes

POST, THREADGATE, POSTGATE = (
    f"app.bsky.feed.{name}" for name in ("post", "threadgate", "postgate")
)
CREATE = "com.atproto.repo.applyWrites#create"
IMAGE_BYTES, VIDEO_BYTES, THUMB_BYTES = 2_000_000, 100_000_000, 1_000_000
TID = re.compile("[234567a-j][234567a-z]{12}")
TIME = matching(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
CID = matching("baf[a-z2-7]{56}")
URL = matching(r"https?://[^\s]{3,2000}")
LANGUAGE = one_of("en", "de", "fr", "pt-BR", "ja")
LABEL = one_of("!no-unauthenticated", "graphic-media", "nudity", "porn", "sexual")
#: Finds a file of the account by its CID: its `type` and `size`.
FindFile = Callable[[str], Mapping[str, Any] | None]


def count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def positive(value: Any) -> bool:
    return count(value) and value > 0


def const(known: str) -> Fits:
    return lambda value: value == known


SHAPE = object_of({"width": positive, "height": positive}, {})
REFERENCE = object_of({"uri": matching(r"at://did:[^/]+/[a-zA-Z.]+/[a-z2-7]{13}"), "cid": CID}, {})
LINK, MENTION, TAG = (f"app.bsky.richtext.facet#{name}" for name in ("link", "mention", "tag"))


class Rules:
    """The rules of one account's records. `find_file` knows what it has uploaded."""

    def __init__(self, did: str, find_file: FindFile) -> None:
        self.did, self._find_file = did, find_file
        self.files: list[str] = []

    def problem(self, collection: str, rkey: str, record: Any) -> str:
        """Return what is wrong with a record, in the words of a server; empty if nothing is."""
        kinds = {POST: self._post, THREADGATE: self._threadgate, POSTGATE: self._postgate}
        if collection not in kinds or not TID.fullmatch(rkey):
            return "Invalid collection or record key"
        if not isinstance(record, dict) or record.get("$type") != collection:
            return f'Invalid $type: expected "{collection}"'
        return kinds[collection](record, rkey)

    def _post(self, record: dict[str, Any], rkey: str) -> str:
        words = record.get("text")
        if not isinstance(words, str):
            return "Record/text must be a string"
        if graphemes(words) > 300:
            too_big = f"grapheme too big (maximum 300, got {graphemes(words)})"
            return f"Invalid {POST} record: {too_big} at $.writes[0].record.text"
        if len(words.encode()) > 3000:
            return f"Invalid {POST} record: string too big (maximum 3000)"
        fits = object_of(
            {"$type": text, "text": text, "createdAt": TIME},
            {
                "facets": list_of(lambda facet: self._facet(facet, words.encode()), 1),
                "langs": list_of(LANGUAGE, 1, 3),
                "embed": self._embed,
                "labels": object_of(
                    {
                        "$type": const("com.atproto.label.defs#selfLabels"),
                        "values": list_of(object_of({"val": LABEL}, {}), 1, 10),
                    },
                    {},
                ),
                "reply": object_of({"root": REFERENCE, "parent": REFERENCE}, {}),
            },
        )
        if fits(record):
            return ""
        embed = record.get("embed")
        return "Record/embed is invalid" if embed and not self._embed(embed) else "Invalid record"

    def _facet(self, facet: Any, words: bytes) -> bool:
        index = object_of({"byteStart": count, "byteEnd": count}, {})
        if not object_of({"index": index, "features": list_of(self._feature, 1, 1)}, {})(facet):
            return False
        start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        feature = facet["features"][0]
        try:
            shown = words[start:end].decode()
        except UnicodeDecodeError:
            return False
        stands_for = {LINK: feature.get("uri"), TAG: f"#{feature.get('tag')}", MENTION: shown}
        return bool(start < end <= len(words) and shown == stands_for[feature["$type"]])

    def _feature(self, feature: Any) -> bool:
        kinds = (
            {"$type": const(LINK), "uri": URL},
            {"$type": const(TAG), "tag": matching(r".{1,64}")},
            {"$type": const(MENTION), "did": matching(r"did:plc:[a-z2-7]{24}")},
        )
        return any(object_of(kind, {})(feature) for kind in kinds)

    def _embed(self, embed: Any) -> bool:
        kind = embed.get("$type") if isinstance(embed, dict) else None
        if kind == "app.bsky.embed.recordWithMedia":
            quoted = {"$type": const("app.bsky.embed.record"), "record": REFERENCE}
            record = object_of(quoted, {})
            return object_of({"$type": text, "record": record, "media": self._embed}, {})(embed)
        kinds: dict[str | None, tuple[dict[str, Fits], dict[str, Fits]]] = {
            "app.bsky.embed.images": ({"images": list_of(self._image, 1, 4)}, {}),
            "app.bsky.embed.gallery": ({"items": list_of(self._gallery_image, 1, 20)}, {}),
            "app.bsky.embed.video": (
                {"video": self._blob("video/mp4", VIDEO_BYTES)},
                {"alt": text, "aspectRatio": SHAPE},
            ),
            "app.bsky.embed.record": ({"record": REFERENCE}, {}),
            "app.bsky.embed.external": ({"external": self._external}, {}),
        }
        if kind not in kinds:
            return False
        needed, optional = kinds[kind]
        return object_of({"$type": text, **needed}, optional)(embed)

    def _image(self, image: Any) -> bool:
        needed = {"image": self._blob("image/", IMAGE_BYTES), "alt": text}
        return object_of(needed, {"aspectRatio": SHAPE})(image)

    def _gallery_image(self, image: Any) -> bool:
        needed = {"image": self._blob("image/", IMAGE_BYTES), "alt": text, "aspectRatio": SHAPE}
        kind = const("app.bsky.embed.gallery#image")
        return object_of({"$type": kind, **needed}, {})(image)

    def _external(self, external: Any) -> bool:
        thumb = {"thumb": self._blob("image/", THUMB_BYTES)}
        return object_of({"uri": URL, "title": text, "description": text}, thumb)(external)

    def _blob(self, kind: str, most: int) -> Fits:
        def fits(blob: Any) -> bool:
            reference = object_of({"$link": text}, {})
            shape = {"$type": const("blob"), "ref": reference, "mimeType": text, "size": count}
            if not object_of(shape, {})(blob):
                return False
            found = self._find_file(blob["ref"]["$link"])
            if found is None or (found["type"], found["size"]) != (blob["mimeType"], blob["size"]):
                return False
            self.files.append(str(found["file"]))
            return bool(blob["mimeType"].startswith(kind) and blob["size"] <= most)

        return fits

    def _threadgate(self, record: dict[str, Any], rkey: str) -> str:
        rule = one_of(
            *(f"{THREADGATE}#{name}Rule" for name in ("mention", "following", "follower"))
        )
        allow = {"allow": list_of(object_of({"$type": rule}, {}), 0, 5)}
        return self._gate(record, rkey, allow)

    def _postgate(self, record: dict[str, Any], rkey: str) -> str:
        rule = object_of({"$type": const(f"{POSTGATE}#disableRule")}, {})
        return self._gate(record, rkey, {"embeddingRules": list_of(rule, 1, 5)})

    def _gate(self, record: dict[str, Any], rkey: str, rules: dict[str, Fits]) -> str:
        about = const(f"at://{self.did}/{POST}/{rkey}")
        needed = {"$type": text, "post": about, "createdAt": TIME}
        return "" if object_of(needed, rules)(record) else "Invalid record"


def writes(value: Any) -> bool:
    """Return whether this is a list of records to create."""
    write = {"$type": const(CREATE), "collection": text, "value": lambda _: True}
    return list_of(object_of(write, {"rkey": matching(TID.pattern)}), 1, 200)(value)
