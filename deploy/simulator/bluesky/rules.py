"""Check what a server takes as records: posts, and who may reply to and quote them.

Source: lexicons app.bsky.feed.post, threadgate, postgate, app.bsky.embed.*,
app.bsky.richtext.facet, com.atproto.label.defs#selfLabels, com.atproto.repo.applyWrites (npm
@atproto/pds 0.5.35, read 2026-11-30).
"""

from collections.abc import Mapping
from typing import Any

from deploy.simulator.bluesky.lexicon import (
    Check,
    Invalid,
    Maybe,
    an_object,
    array,
    blob,
    integer,
    literal,
    string,
    union,
)

POST, THREADGATE, POSTGATE = (
    f"app.bsky.feed.{name}" for name in ("post", "threadgate", "postgate")
)
CREATE = "com.atproto.repo.applyWrites#create"
MOST_WRITES = 200
IMAGE_BYTES, VIDEO_BYTES, THUMB_BYTES = 2_000_000, 100_000_000, 1_000_000
LABELS = ("!no-unauthenticated", "graphic-media", "nudity", "porn", "sexual")
LINK, MENTION, TAG = (f"app.bsky.richtext.facet#{name}" for name in ("link", "mention", "tag"))


def _posts_alone(value: Any, path: str) -> None:
    string(form="NSID")(value, path)
    literal(POST)(value, path)


KEY = string(most_bytes=512, form="record key")
TID = string(form="TID string")
WRITE: dict[str, Check | Maybe] = {
    "collection": string(form="NSID"),
    "rkey": Maybe(KEY),
    "value": lambda *_: None,
}
WRITES = an_object(
    {
        "repo": string(form="AT identifier"),
        "writes": array(union({CREATE: an_object(WRITE, CREATE)})),
    }
)
#: What names a record, of the queries and bodies that do.
NAMED: dict[str, Check | Maybe] = {
    "repo": string(form="AT identifier"),
    "collection": string(form="NSID"),
    "rkey": KEY,
}
READ = an_object(NAMED)
DELETE = an_object({**NAMED, "collection": _posts_alone, "rkey": TID})
SHAPE = an_object({"width": integer(1), "height": integer(1)}, "app.bsky.embed.defs#aspectRatio")
REFERENCE = an_object(
    {"uri": string(form="at-uri"), "cid": string(form="CID string")}, "com.atproto.repo.strongRef"
)
FEATURE = union(
    {
        MENTION: an_object({"did": string(form="DID")}, MENTION),
        LINK: an_object({"uri": string(form="uri")}, LINK),
        TAG: an_object({"tag": string(most_bytes=640, most_graphemes=64)}, TAG),
    }
)
FACET = an_object(
    {
        "index": an_object(
            {"byteStart": integer(), "byteEnd": integer()}, "app.bsky.richtext.facet#byteSlice"
        ),
        "features": array(FEATURE, 1, 1),
    },
    "app.bsky.richtext.facet",
)


def _label(value: Any, path: str) -> None:
    string(most_bytes=128)(value, path)
    literal(*LABELS)(value, path)


SELF_LABELS = "com.atproto.label.defs#selfLabels"
LABELLED = union(
    {SELF_LABELS: an_object({"values": array(an_object({"val": _label}), 10, 1)}, SELF_LABELS)}
)


class Rules:
    """The rules of one account's records. `files` are the references of those that were checked."""

    def __init__(self, did: str) -> None:
        self.did = did
        self.files: list[Mapping[str, Any]] = []
        kinds = {POST: self._post(), THREADGATE: self._threadgate(), POSTGATE: self._postgate()}
        self._kinds: Mapping[str, Check] = kinds

    def problem(self, collection: str, rkey: str, record: Any, path: str) -> str:
        """Return what is wrong with a record, in the words of a server; empty if nothing is."""
        if collection not in self._kinds:
            return f"The simulator takes no {collection}"
        kind = record.get("$type") if isinstance(record, dict) else None
        if kind != collection:
            return f"Invalid $type: expected {collection}, got {kind}"
        try:
            TID(rkey, "$")
        except Invalid as problem:
            return f"Invalid record key for {collection}: {problem}"
        try:
            self._kinds[collection](record, path)
            self._about(record, rkey, path)
        except Invalid as problem:
            return f"Invalid {collection} record: {problem}"
        return ""

    def _about(self, record: Mapping[str, Any], rkey: str, path: str) -> None:
        """Refuse what servers take and apps cannot use: rules of another post, wrong places."""
        if record["$type"] != POST:
            literal(f"at://{self.did}/{POST}/{rkey}")(record["post"], f"{path}.post")
            return
        words = record["text"].encode()
        for number, facet in enumerate(record.get("facets", ())):
            start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
            feature = facet["features"][0]
            shown = words[start:end].decode(errors="replace")
            stands_for = {
                LINK: (feature.get("uri"),),
                TAG: _tagged(feature.get("tag", ""), shown),
                MENTION: (shown,),
            }
            fits = start < end <= len(words) and "\ufffd" not in shown
            if not fits or shown not in stands_for[feature["$type"]]:
                raise Invalid("The simulator takes no such place", f"{path}.facets[{number}].index")

    def _post(self) -> Check:
        ends = {"root": REFERENCE, "parent": REFERENCE}
        return an_object(
            {
                "text": string(most_bytes=3000, most_graphemes=300),
                "facets": Maybe(array(FACET, least=1)),
                "reply": Maybe(an_object(ends, f"{POST}#replyRef")),
                "embed": Maybe(self._embed()),
                "langs": Maybe(array(string(form="language"), 3, 1)),
                "labels": Maybe(LABELLED),
                "createdAt": string(form="datetime"),
            },
            POST,
        )

    def _embed(self) -> Check:
        alt, note = string(), self.files.append
        image = {"image": blob("image/*", IMAGE_BYTES, note), "alt": alt}
        shaped = an_object({**image, "aspectRatio": Maybe(SHAPE)}, _embeds("images#image"))
        item = "app.bsky.embed.gallery#image"
        items = union({item: an_object({**image, "aspectRatio": SHAPE}, item)})
        card: dict[str, Check | Maybe] = {"uri": string(form="uri"), "title": alt}
        card |= {"description": alt, "thumb": Maybe(blob("image/*", THUMB_BYTES, note))}
        clip: dict[str, Check | Maybe] = {
            "video": blob("video/mp4", VIDEO_BYTES, note),
            "alt": Maybe(alt),
        }
        media = {
            _embeds("images"): an_object({"images": array(shaped, 4, 1)}, "images"),
            _embeds("video"): an_object({**clip, "aspectRatio": Maybe(SHAPE)}, "video"),
            _embeds("gallery"): an_object({"items": array(items, 20, 1)}, "gallery"),
            _embeds("external"): an_object({"external": an_object(card)}, "external"),
        }
        record = an_object({"record": REFERENCE}, "record")
        quoted = union({_embeds("record"): record})
        both = an_object({"record": quoted, "media": union(media)}, "both")
        return union({**media, _embeds("record"): record, _embeds("recordWithMedia"): both})

    def _threadgate(self) -> Check:
        names = [f"{THREADGATE}#{name}Rule" for name in ("mention", "following", "follower")]
        rules = union({name: an_object({}, name) for name in names})
        return self._gate({"allow": array(rules, 5)})

    def _postgate(self) -> Check:
        name = f"{POSTGATE}#disableRule"
        return self._gate({"embeddingRules": array(union({name: an_object({}, name)}), 5, 1)})

    def _gate(self, rules: Mapping[str, Check]) -> Check:
        fields = {"post": string(form="at-uri"), **rules, "createdAt": string(form="datetime")}
        return an_object(fields, "gate")


def _tagged(tag: str, shown: str) -> tuple[str, ...]:
    """Return the words that a tag stands for; a stock's is in capitals, however it is written."""
    if tag.startswith("$"):
        return (shown,) if shown.upper() == tag else ()
    return (f"#{tag}", f"\uff03{tag}")


def _embeds(name: str) -> str:
    return f"app.bsky.embed.{name}"
