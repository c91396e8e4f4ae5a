"""Cases of calls: keys, batches, sessions, gates and reads that a server takes or refuses."""

from collections.abc import Callable
from typing import Any

from platforms.bluesky import records
from platforms.bluesky.pds import POSTS, uri
from platforms.bluesky.records import POSTGATE, THREADGATE
from tests.real.bluesky.records_of_posts import JPEG, KEY
from tests.real.bluesky.stage import APPLY, UPLOAD, Seen, Stage, create, post

Play = Callable[[Stage], Seen]
GET, DELETE = "com.atproto.repo.getRecord", "com.atproto.repo.deleteRecord"


def uploads(stage: Stage) -> Seen:
    return {
        "a JPEG": stage.post(UPLOAD, **_file(JPEG, "image/jpeg"), fields=["blob"]),
        "the same again": stage.post(UPLOAD, **_file(JPEG, "image/jpeg"), fields=["blob"]),
        "without a session": stage.post(UPLOAD, **_file(JPEG, "image/jpeg"), token=""),
        "without a type": stage.post(UPLOAD, content=JPEG),
    }


def uploads_a_lie(stage: Stage) -> Seen:
    """Store a file whose type is not the one that is said."""
    return {
        "stored": stage.post(UPLOAD, **_file(JPEG, "image/png"), fields=["blob"]),
    }


def keys(stage: Stage) -> Seen:
    """Write keys and collections that are none."""
    odd = {"a word": "dove", "a dot": ".", "a slash": "a/b", "too long": "3" * 513}
    seen = {name: stage.apply([create(post(), key)]) for name, key in odd.items()}
    unknown = create({"text": "Coo"}, KEY, "app.bsky.feed.dove")
    nothing = create({"text": "Coo"}, KEY, "dove")
    return {
        **seen,
        "no record key": stage.apply([{**create(post(), KEY), "rkey": ""}]),
        "an unknown collection": stage.apply([unknown]),
        "no collection": stage.apply([nothing]),
    }


def batches(stage: Stage) -> Seen:
    """Write batches of which one record is refused."""
    first, second = records.new_keys(2)
    right, wrong = create(post("One"), first), create(post("a" * 301), second)
    seen = {
        "one is too long": stage.apply([right, wrong]),
        "nothing": stage.apply([]),
        "one twice": stage.apply([right, right]),
        "of 201": stage.apply([create(post(), key) for key in records.new_keys(201)]),
    }
    stage.apply([right])
    other = create(post("Two"), second)
    return {
        **seen,
        "the same": stage.apply([right]),
        "one exists": stage.apply([other, right]),
        "public": stage.public(),
    }


def calls(stage: Stage) -> Seen:
    """Write without the right to, or nothing."""
    right = {"repo": stage.person.did, "writes": [create(post(), KEY)]}
    other = stage.side.person()
    return {
        "without a session": stage.post(APPLY, right, token=""),
        "with what is no token": stage.post(APPLY, right, token="nonsense"),
        "with a token to renew": stage.post(APPLY, right, token=stage.profile.tokens.refresh),
        "to another": stage.post(APPLY, {**right, "repo": other.did}),
        "to no one": stage.post(APPLY, {**right, "repo": "did:plc:" + "a" * 24}),
        "of no one": stage.post(APPLY, {"writes": right["writes"]}),
        "of nothing": stage.post(APPLY, {"repo": stage.person.did}),
        "no JSON": stage.post(APPLY, content=b"{", headers={"Content-Type": "application/json"}),
        "a form": stage.post(APPLY, data={"repo": stage.person.did}),
        "an unknown call": stage.post("com.atproto.repo.dove", {}),
        "with an old token": _with_an_old_token(stage, right),
        "public": stage.public(),
    }


def _with_an_old_token(stage: Stage, body: object) -> Seen:
    old = stage.side.expired(stage.person, stage.token)
    return stage.post(APPLY, body, token=old)


def gates(stage: Stage) -> Seen:
    """Write who may reply and quote, by rules that exist and others."""
    [key] = records.new_keys(1)
    about = {"post": uri(stage.person.did, key), "createdAt": records.timestamp()}
    rule = {"$type": f"{THREADGATE}#doveRule"}
    disabled = {"$type": f"{POSTGATE}#disableRule"}
    return {
        "unknown": stage.apply([create({**about, "allow": []}, key, THREADGATE)]),
        "six rules": stage.apply(
            [
                create(
                    {**about, "allow": [{"$type": f"{THREADGATE}#mentionRule"}] * 6},
                    key,
                    THREADGATE,
                )
            ]
        ),
        "an unknown rule": stage.apply([create({**about, "allow": [rule]}, key, THREADGATE)]),
        "no post": stage.apply([create({"createdAt": about["createdAt"]}, key, THREADGATE)]),
        "no quotes": stage.apply([create({**about, "embeddingRules": [disabled]}, key, POSTGATE)]),
    }


def reads(stage: Stage) -> Seen:
    """Look up what is not there, in every form."""
    did = stage.person.did
    asked = {
        "a record": {"repo": did, "collection": POSTS, "rkey": KEY},
        "by its handle": {"repo": stage.person.handle, "collection": POSTS, "rkey": KEY},
        "an unknown collection": {"repo": did, "collection": "app.bsky.feed.dove", "rkey": KEY},
        "no collection": {"repo": did, "collection": "dove", "rkey": KEY},
        "no key": {"repo": did, "collection": POSTS},
        "a key that is none": {"repo": did, "collection": POSTS, "rkey": "a/b"},
        "of no one": {"repo": "did:plc:" + "a" * 24, "collection": POSTS, "rkey": KEY},
    }
    return {name: stage.get(GET, token="", **query) for name, query in asked.items()}


def deletions(stage: Stage) -> Seen:
    did, right = stage.person.did, {"repo": stage.person.did, "collection": POSTS}
    other = stage.side.person()
    return {
        "nothing": stage.post(DELETE, {**right, "rkey": KEY}),
        "without a key": stage.post(DELETE, right),
        "without a session": stage.post(DELETE, {**right, "rkey": KEY}, token=""),
        "of another": stage.post(DELETE, {**right, "repo": other.did, "rkey": KEY}),
        "no collection": stage.post(DELETE, {"repo": did, "collection": "dove", "rkey": KEY}),
    }


def _file(content: bytes, kind: str) -> dict[str, Any]:
    return {"content": content, "headers": {"Content-Type": kind}}


CASES: dict[str, Play] = {
    "uploads": uploads,
    "upload another type than said": uploads_a_lie,
    "keys": keys,
    "batches": batches,
    "calls": calls,
    "gates": gates,
    "reads": reads,
    "deletions": deletions,
}
