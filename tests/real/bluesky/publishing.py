"""Cases that the adapter plays: every kind of post, repeats, lost answers, lookups, deletions."""

import dataclasses
from collections.abc import Callable

from platforms.bluesky.media import embed as media_embed
from platforms.bluesky.pds import POSTS
from platforms.bluesky.records import (
    POSTGATE,
    THREADGATE,
    Referenced,
    new_keys,
    timestamp,
    writes,
)
from platforms.drafts import Draft, Media
from tests.platforms.driver import image, media
from tests.real.bluesky.stage import APPLY, UPLOAD, Seen, Stage, refused
from tests.real.gateway import Cut

Play = Callable[[Stage], Seen]
HELLO = Draft("Coo")
THREAD = Draft("One", settings={"thread": ["Two", "Three"]})
#: One visible character of 25 bytes.
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
IMAGE_BYTES = 2_000_000
TEXTS = {
    "a text": "Coo",
    "a link with a card, a tag, an unknown handle": (
        "Read https://example.com/dovecote, #doves and @unknown.test!"
    ),
    "300 letters": "a" * 300,
    "3,000 bytes of families": FAMILY * 120,
    "line breaks and spaces of all kinds": "\nCoo\u00a0coo\r\n\n \t\u2003coo\u200b",
    "right to left, and composed letters": "\u202eyob\u202c \u05d0\u05d1 \ufb01 A\u030a \u01c5",
}
SETTINGS = {
    "a thread of three": {"thread": ["Two", "Three"]},
    "a thread of 25": {"thread": [f"Part {number}" for number in range(2, 26)]},
    "languages": {"languages": ["en", "pt-BR", "ja"]},
    "every label": {"labels": ["!no-unauthenticated", "graphic-media", "nudity", "porn", "sexual"]},
    "no replies, no quotes": {"replyControl": "nobody", "allowQuotes": False},
    "replies of those mentioned": {"replyControl": "mentioned"},
    "replies of those followed": {"replyControl": "following"},
    "replies of followers": {"replyControl": "followers"},
    "a card of a link of its own": {"link": "https://example.com/dovecote"},
    "a card of a page that is away": {"link": "https://no-such.example/page"},
}
CUTS: tuple[Cut, ...] = ("before", "after", "middle")


def pictures(count: int, size: int = 0, kind: str = "JPEG") -> tuple[Media, ...]:
    """Return images that differ, of so many bytes if it is given."""
    content = image(320, 200, kind)
    shape = {"content_type": f"image/{kind.lower()}", "width": 320, "height": 200}
    return tuple(
        media((content + bytes([n])).ljust(size, b"\0"), alt_text=f"Dove {n}", **shape)
        for n in range(count)
    )


def publishes(draft: Draft) -> Play:
    """Publish a draft, and read what became of it."""

    def play(stage: Stage) -> Seen:
        stage.drive.adapter.check(draft)
        before = len(stage.gateway.carried)
        ended = stage.publish(draft)
        calls = stage.gateway.carried[before:]
        keys = stage.drive.checkpoint["rkeys"]
        kept = [_kept(stage, key) for key in keys]
        gates = [_kept(stage, keys[0], gate) for gate in (THREADGATE, POSTGATE)]
        unread = [path for record in stage.written() for path in stage.side.unread(record)]
        seen = {"ended": ended, "calls": calls, "kept": kept, "gates": gates, "unread": unread}
        return {**seen, **_after(stage, draft)}

    return play


def refuses(draft: Draft) -> Play:
    """Publish what the adapter's own check would not let through."""

    def play(stage: Stage) -> Seen:
        return {"ended": stage.publish(draft), **_after(stage, draft)}

    return play


def repeats(draft: Draft) -> Play:
    """Publish a draft twice from one checkpoint, as after a mistaken lookup."""

    def play(stage: Stage) -> Seen:
        first, again = stage.publish(draft), stage.publish(draft)
        return {"first": first, "again": again, **_after(stage, draft)}

    return play


def loses(draft: Draft, call: str, where: Cut) -> Play:
    """Lose one answer, look the post up, and publish again from the checkpoint."""

    def play(stage: Stage) -> Seen:
        _ = stage.drive  # signs in
        stage.gateway.lose(call, where)
        lost, found = stage.publish(draft), stage.find(draft)
        again = stage.publish(draft)
        return {"lost": lost, "found at first": found, "again": again, **_after(stage, draft)}

    return play


def mentions(stage: Stage) -> Seen:
    """Mention an account that the server knows."""
    return publishes(Draft(f"Hello @{stage.person.handle}."))(stage)


def refers(draft: Draft, *names: str) -> Play:
    """Write a draft that quotes or answers a post, as the adapter does once the app has shown it.

    The app is no part of the server, so what it would show is taken from the server's own answer.
    """

    def play(stage: Stage) -> Seen:
        stage.publish(HELLO)
        shown = _kept(stage, stage.drive.checkpoint["rkeys"][0])
        post = {"uri": shown["uri"], "cid": shown["cid"]}
        known = {"quoted": post, "reply": {"root": post, "parent": post}}
        referenced = Referenced(**{name: known[name] for name in names})
        blobs = {item.key: stage.blob(b"".join(item.open())) for item in draft.media}
        [key], at = new_keys(1), timestamp()
        embed = media_embed(draft.media, blobs)
        made = writes(draft, stage.person.did, [key], at, embed, referenced)
        unread = [path for each in made for path in stage.side.unread(each["value"])]
        answer = stage.apply(made)
        return {"answer": answer, "kept": _kept(stage, key), "unread": unread}

    return play


def deletes(stage: Stage) -> Seen:
    stage.publish(HELLO)
    [key] = stage.drive.checkpoint["rkeys"]
    seen = {
        "own": refused(lambda: stage.drive.shows_as_own(key)),
        "deleted": refused(lambda: stage.drive.delete(key)),
        "again": refused(lambda: stage.drive.delete(key)),
        "own no more": refused(lambda: stage.drive.shows_as_own(key)),
    }
    # The key of what was deleted is free again: a lookup must come before it is used.
    return {**seen, **_after(stage, HELLO), "published": stage.publish(HELLO)}


def deletes_a_part(stage: Stage) -> Seen:
    stage.publish(THREAD)
    second = stage.drive.checkpoint["parts"][1]
    deleted = refused(lambda: stage.drive.delete(second))
    return {"deleted": deleted, **_after(stage, THREAD)}


def loses_a_deletion(stage: Stage) -> Seen:
    stage.publish(HELLO)
    [key] = stage.drive.checkpoint["rkeys"]
    stage.gateway.lose("deleteRecord", "after")
    lost, again = (refused(lambda: stage.drive.delete(key)) for _ in range(2))
    return {"lost": lost, "again": again, "public": stage.public()}


def loses_a_lookup(stage: Stage) -> Seen:
    stage.publish(HELLO)
    stage.gateway.lose("getRecord", "middle")
    return {"lost": stage.find(HELLO), **_after(stage, HELLO)}


def looks_up_without_a_session(stage: Stage) -> Seen:
    """Find what was lost after the session has ended: records are public."""
    stage.publish(HELLO)
    _use(stage, "ended")
    return _after(stage, HELLO)


def looks_up_at_a_deactivated_account(stage: Stage) -> Seen:
    stage.publish(HELLO)
    stage.side.deactivate(stage.person)
    return {"found": stage.find(HELLO), "again": stage.publish(HELLO)}


def publishes_with_a_session_that_ended(stage: Stage) -> Seen:
    """Publish with an old token, and go on from the checkpoint with the right one."""

    _use(stage, stage.side.expired(stage.person, stage.token))
    ended = stage.publish(HELLO)
    new = stage.sign_in(stage.person.handle, stage.person.password).tokens.access
    _use(stage, new)
    return {"ended": ended, "new": stage.publish(HELLO), **_after(stage, HELLO)}


def _use(stage: Stage, token: str) -> None:
    stage.drive.account = dataclasses.replace(stage.drive.account, token=token)


def _kept(stage: Stage, key: str, collection: str = POSTS) -> Seen:
    """Read a record as the server keeps it, with its own identifier of it."""
    fields = ("uri", "cid", "value")
    query = {"repo": stage.person.did, "collection": collection, "rkey": key}
    return stage.get("com.atproto.repo.getRecord", token="", fields=fields, **query)


def _after(stage: Stage, draft: Draft) -> Seen:
    return {"found": stage.find(draft), "public": stage.public()}


CASES: dict[str, Play] = {
    **{f"publish {name}": publishes(Draft(text)) for name, text in TEXTS.items()},
    **{f"publish {name}": publishes(Draft("One", (), kind)) for name, kind in SETTINGS.items()},
    "publish a mention": mentions,
    "publish an image": publishes(Draft("", pictures(1))),
    "publish a PNG": publishes(Draft("Look", pictures(1, kind="PNG"))),
    "publish a WebP": publishes(Draft("Look", pictures(1, kind="WEBP"))),
    "publish four images": publishes(Draft("Look", pictures(4))),
    "publish a gallery of five": publishes(Draft("Look", pictures(5))),
    "publish a gallery of ten": publishes(Draft("Look", pictures(10))),
    "publish a quote": refers(Draft("Look"), "quoted"),
    "publish a quote with an image": refers(Draft("Look", pictures(1)), "quoted"),
    "publish a reply": refers(Draft("Look"), "reply"),
    "publish a reply with a quote": refers(Draft("Look"), "quoted", "reply"),
    "publish an image of 2,000,000 bytes": publishes(Draft("Look", pictures(1, IMAGE_BYTES))),
    "publish an image of one byte more": refuses(Draft("Look", pictures(1, IMAGE_BYTES + 1))),
    "publish 301 letters": refuses(Draft("a" * 301)),
    "publish 3,025 bytes": refuses(Draft(FAMILY * 121)),
    "publish an unknown language": refuses(Draft("Coo", settings={"languages": ["?"]})),
    "publish a thread with a part too long": refuses(
        Draft("One", settings={"thread": ["Two", "a" * 301, "Four"]})
    ),
    "repeat a text": repeats(HELLO),
    "repeat a thread": repeats(THREAD),
    "repeat an image": repeats(Draft("Look", pictures(1))),
    **{f"lose a text {where}": loses(HELLO, APPLY, where) for where in CUTS},
    **{f"lose a thread {where}": loses(THREAD, APPLY, where) for where in CUTS},
    **{
        f"lose an upload {where}": loses(Draft("Look", pictures(2)), UPLOAD, where)
        for where in CUTS
    },
    "lose a lookup": loses_a_lookup,
    "lose a deletion": loses_a_deletion,
    "look up without a session": looks_up_without_a_session,
    "look up at a deactivated account": looks_up_at_a_deactivated_account,
    "publish with a session that ended": publishes_with_a_session_that_ended,
    "delete a post": deletes,
    "delete a part of a thread": deletes_a_part,
}
