"""Cases of single records: what a server takes at the edge of its rules, and what it refuses."""

from collections.abc import Callable, Mapping
from typing import Any

from platforms.bluesky import records
from platforms.bluesky.pds import uri
from platforms.bluesky.records import THREADGATE
from tests.platforms.driver import image, video
from tests.real.bluesky.stage import Seen, Stage, post

Play = Callable[[Stage], Seen]
LINK, TAG, MENTION = (f"app.bsky.richtext.facet#{name}" for name in ("link", "tag", "mention"))
NOWHERE = "https://example.com"
KEY = "3aaaaaaaaaaaa"
CID = "bafyreidfayvfuwqa7qlnopdjiqrxzs6blmoeu4rujcjtnci5beludirz2a"
JPEG = image(64, 64, "JPEG")


def facet(start: int, end: int, kind: str = TAG, **feature: str) -> dict[str, Any]:
    given = feature or {"tag": "Coo"}
    index = {"byteStart": start, "byteEnd": end}
    return {"facets": [{"index": index, "features": [{"$type": kind, **given}]}]}


def labels(*values: str) -> dict[str, Any]:
    found = [{"val": value} for value in values]
    return {"labels": {"$type": "com.atproto.label.defs#selfLabels", "values": found}}


#: Posts by what is odd about them.
POSTED: Mapping[str, Mapping[str, Any]] = {
    "300 letters": post("a" * 300),
    "301 letters": post("a" * 301),
    "3,000 bytes": post("\u05d0" * 200 + "a" * 100 + "\u0301" * 1250),
    "3,001 bytes": post("\u05d0" * 200 + "a" * 101 + "\u0301" * 1250),
    "no text": {"createdAt": records.timestamp()},
    "an empty text": post(""),
    "a number as text": post() | {"text": 7},
    "no time": {"text": "Coo"},
    "a time without a zone": post() | {"createdAt": "2026-11-30T12:00:00.000"},
    "a time in words": post() | {"createdAt": "yesterday"},
    "another type": post() | {"$type": THREADGATE},
    "a tag": post("#Coo", **facet(0, 4)),
    "a tag of 64 letters": post(f"#{'a' * 64}", **facet(0, 65, tag="a" * 64)),
    "a tag of 65 letters": post(f"#{'a' * 65}", **facet(0, 66, tag="a" * 65)),
    "a tag that the text does not show": post("#Coo", **facet(0, 4, tag="dove")),
    "a field that no app reads": post(dove="Coo"),
    "a facet before the text": post("#Coo", **facet(-1, 4)),
    "a facet of an unknown kind": post("#Coo", **facet(0, 4, "app.bsky.richtext.facet#dove")),
    "a mention of no DID": post("@dove", **facet(0, 5, MENTION, did="dove")),
    "a link that is none": post("dove", **facet(0, 4, LINK, uri="dove")),
    "a facet without features": post("#Coo", facets=[{"index": {"byteStart": 0, "byteEnd": 4}}]),
    "three languages": post(langs=["en", "de", "fr"]),
    "four languages": post(langs=["en", "de", "fr", "ja"]),
    "what is no language": post(langs=["?"]),
    "ten labels": post(**labels(*["nudity"] * 10)),
    "eleven labels": post(**labels(*["nudity"] * 11)),
    "a label of 129 letters": post(**labels("a" * 129)),
    "an embed of an unknown kind": post(embed={"$type": "app.bsky.embed.dove"}),
    "an embed without images": post(embed={"$type": "app.bsky.embed.images"}),
    "a reply without a parent": post(reply={"root": {"uri": uri("did:web:a", KEY), "cid": CID}}),
    "a quote without its content": post(
        embed={"$type": "app.bsky.embed.record", "record": {"uri": uri("did:web:a", KEY)}}
    ),
    "a card without a title": post(
        embed={"$type": "app.bsky.embed.external", "external": {"uri": NOWHERE}}
    ),
}


def writes(record: Mapping[str, Any]) -> Play:
    return lambda stage: stage.write(record) | {"public": stage.public()}


def with_images(count: int, kind: str = "images", **changes: Any) -> Play:
    """Post so many images, whose references have these changes."""

    def play(stage: Stage) -> Seen:
        blobs = [stage.blob(JPEG + bytes([number])) | changes for number in range(count)]
        images = [{"image": blob, "alt": ""} for blob in blobs]
        if kind == "images":
            return stage.write(post(embed={"$type": "app.bsky.embed.images", "images": images}))
        item = {"$type": "app.bsky.embed.gallery#image", "aspectRatio": {"width": 1, "height": 1}}
        items = [{**item, **each} for each in images]
        return stage.write(post(embed={"$type": "app.bsky.embed.gallery", "items": items}))

    return play


def with_file(embed: Callable[[Any], dict[str, Any]], content: bytes, kind: str) -> Play:
    return lambda stage: stage.write(post(embed=embed(stage.blob(content, kind))))


def clip(blob: Any) -> dict[str, Any]:
    return {"$type": "app.bsky.embed.video", "video": blob, "alt": "A dove"}


def card(thumb: Any) -> dict[str, Any]:
    shown = {"uri": NOWHERE, "title": "Doves", "description": "", "thumb": thumb}
    return {"$type": "app.bsky.embed.external", "external": shown}


def picture(blob: Any) -> dict[str, Any]:
    return {"$type": "app.bsky.embed.images", "images": [{"image": blob, "alt": ""}]}


def with_no_file(stage: Stage) -> Seen:
    """Post a file that the server never had."""
    blob = stage.blob(JPEG)
    blob["ref"] = {"$link": "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"}
    return stage.write(post(embed=picture(blob)))


def anothers_file(stage: Stage) -> Seen:
    """Post a file that another account has stored."""
    blob = stage.blob(JPEG + b"another")
    other = Stage(stage.side, stage.gateway)
    try:
        return other.write(post(embed=picture(blob)))
    finally:
        other.close()


CASES: dict[str, Play] = {
    **{f"post {name}": writes(record) for name, record in POSTED.items()},
    "post four images": with_images(4),
    "post five images": with_images(5),
    "post a gallery of 20": with_images(20, "gallery"),
    "post a gallery of 21": with_images(21, "gallery"),
    "post an image of another size": with_images(1, size=7),
    "post an image of another type": with_images(1, mimeType="image/png"),
    "post an image of a type that is none": with_images(1, mimeType="text/plain"),
    "post a file that is no image": with_file(picture, video(), "video/mp4"),
    "post a video": with_file(clip, video(), "video/mp4"),
    "post an image as a video": with_file(clip, JPEG, "image/jpeg"),
    "post a card with a picture": with_file(card, JPEG.ljust(1_000_000, b"\0"), "image/jpeg"),
    "post a card with a large picture": with_file(card, JPEG.ljust(1_000_001, b"\0"), "image/jpeg"),
    "post a file that is not there": with_no_file,
    "post another's file": anothers_file,
}
