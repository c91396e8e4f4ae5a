"""What the server does with calls that our adapter does not make, and that its design relies on.

A key is never used twice, whichever call writes: `platforms/bluesky/thread.py` chooses it before it
sends anything.
"""

from collections.abc import Callable

from platforms.bluesky import records
from platforms.bluesky.pds import POSTS
from platforms.bluesky.records import POSTGATE
from platforms.drafts import Draft
from tests.real.bluesky.records_of_posts import JPEG
from tests.real.bluesky.sides import Real
from tests.real.bluesky.stage import UPLOAD, Seen, Stage, post, refused

RULES = f"{POSTGATE}.embeddingRules"
PUT, CREATE = "com.atproto.repo.putRecord", "com.atproto.repo.createRecord"


def a_key_is_created_once(stage: Stage) -> Seen:
    [key] = records.new_keys(1)
    body = {"repo": stage.person.did, "collection": POSTS, "rkey": key}
    answers = [stage.post(CREATE, {**body, "record": post(text)}) for text in ("One", "Two")]
    return _told(stage, answers)


def a_key_is_put_once(stage: Stage) -> Seen:
    """Write with a `swapRecord` of null: only if there is nothing."""
    [key] = records.new_keys(1)
    body = {"repo": stage.person.did, "collection": POSTS, "rkey": key, "swapRecord": None}
    one = post("One")
    answers = [stage.post(PUT, {**body, "record": each}) for each in (one, one, post("Two"))]
    return _told(stage, answers)


def a_field_that_no_app_reads_is_named(stage: Stage) -> Seen:
    """Ask as the cases of publishing do of all that is written: the server keeps such a field."""
    rule = {"$type": f"{POSTGATE}#dove"}
    record = {"$type": POSTGATE, "quotepostRules": [], "embeddingRules": [rule]}
    return {"unread": sorted(stage.side.unread(record))}


def a_blocked_account_is_told_from_others(stage: Stage) -> Seen:
    """Publish on an account that the server's moderators have blocked."""
    _ = stage.drive
    assert isinstance(stage.side, Real)
    stage.side.server.take_down(stage.person)
    return {
        "publish": stage.publish(Draft("Coo"))["raised"],
        "renew": refused(lambda: stage.refresh(stage.profile.tokens)).get("raised"),
        "find": stage.find(Draft("Coo"))["raised"],
    }


def a_large_file_is_refused_as_one(stage: Stage) -> Seen:
    """Send more than the five megabytes that servers take if they are not set otherwise."""
    kind = {"Content-Type": "image/jpeg"}
    content = JPEG.ljust(5 * 1024 * 1024 + 1, b"\0")
    answer = stage.post(UPLOAD, content=content, headers=kind)
    return {"status": answer["status"], "understood": answer.get("understood")}


def _told(stage: Stage, answers: list[Seen]) -> Seen:
    told = [(each["status"], each.get("error", "")) for each in answers]
    return {"told": told, "public": [each["text"] for each in stage.public()]}


#: Fact → how it is asked, and what is true.
FACTS: dict[str, tuple[Callable[[Stage], Seen], Seen]] = {
    "a key is created once": (
        a_key_is_created_once,
        {"told": [(200, ""), (500, "InternalServerError")], "public": ["One"]},
    ),
    "a key is put once": (
        a_key_is_put_once,
        {"told": [(200, ""), (200, ""), (400, "InvalidSwap")], "public": ["One"]},
    ),
    "a field that no app reads is named": (
        a_field_that_no_app_reads_is_named,
        {
            "unread": [
                f"{POSTGATE}.embeddingRules[0]: {POSTGATE}#dove",
                f"{POSTGATE}.quotepostRules",
            ]
        },
    ),
    "a blocked account is told from others": (
        a_blocked_account_is_told_from_others,
        {
            "publish": "Unauthorized account_restricted",
            # These say no more than of an account that has moved.
            "renew": "Unauthorized account_needs_reconnection",
            "find": "Unauthorized account_needs_reconnection",
        },
    ),
    "a large file is refused as one": (
        a_large_file_is_refused_as_one,
        {"status": 413, "understood": "Rejected media_rejected"},
    ),
}
