"""Publish a post or a thread, and find out what became of it.

Its keys are in the checkpoint before anything is sent. So one read tells whether it is public, and
a second send of the same key is refused: it can never appear twice.

Source: lexicons com.atproto.repo.applyWrites and getRecord (read 2026-11-30). The reference server
0.5.35 answers a key that exists with 500 and stores nothing, and one batch entirely or not at all
(run 2026-11-28).
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from platforms.adapter import Call
from platforms.bluesky import card, errors, facets, identity, media, records
from platforms.bluesky.pds import Pds, address, uri
from platforms.bluesky.records import Referenced
from platforms.errors import PlatformError, Rejected, Unavailable
from platforms.outcomes import Absent, Finding, Outcome, Processing, Published

APPLY = "com.atproto.repo.applyWrites"
#: A link to a post, or its URI: who, and which.
POST = re.compile(
    r"(?:https://bsky\.app/profile/|at://)([^/\s]+)/(?:post|app\.bsky\.feed\.post)/([a-z0-9.~_:-]{1,512})",
    re.IGNORECASE,
)
#: The further mentions of a thread stay plain text.
MOST_MENTIONS = 50


async def publish(call: Call) -> Outcome:
    """Publish all parts at once. Raises PlatformError."""
    checkpoint, pds = call.checkpoint, Pds(call.account, call.http)
    # An edit may have changed the number of parts; those that were sent before keep their keys.
    kept = (checkpoint.get("rkeys") or [])[: len(records.texts(call.draft))]
    checkpoint["rkeys"] = kept + records.new_keys(len(records.texts(call.draft)) - len(kept))
    blobs = await media.upload(call, pds)
    if isinstance(blobs, Processing):
        return blobs
    embed = media.embed(call.draft.media, blobs) or await card.embed(call, pds)
    known = await _looked_up(call, pds)
    keys = checkpoint["rkeys"]
    # Feeds are sorted by this time: a late try must not seem old.
    written = records.writes(call.draft, pds.did, keys, records.timestamp(), embed, known)
    try:
        answer = await pds.call(APPLY, {"repo": pds.did, "writes": written}, irreversible=True)
    except Unavailable as refusal:
        if refusal.platform_code == errors.BLOB_MISSING:
            await media.forget(checkpoint)
        raise
    except Rejected as refusal:
        if errors.BAD_KEY not in refusal.message:
            raise
        await checkpoint.save(rkeys=None)
        raise refusal.as_(Unavailable, "Bluesky refused the key of the post.") from refusal
    if answer.take("results", 0, "uri") != uri(pds.did, keys[0]):
        answer.unreadable("it names another post")
    return _published(call, keys)


async def find(call: Call, sent_at: datetime) -> Finding:
    keys = call.checkpoint["rkeys"]
    if await Pds(call.account, call.http).record(keys[0]) is None:
        return Absent()
    return _published(call, keys)


def public_parts(checkpoint: Mapping[str, Any]) -> list[str]:
    return list(checkpoint.get("parts", ()))


def _published(call: Call, keys: list[str]) -> Published:
    if len(keys) > 1:
        call.checkpoint["parts"] = list(keys)
    url = address(call.account.platform_account_id, keys[0])
    return Published(keys[0], url, tuple(call.checkpoint.get("notes", ())))


async def _looked_up(call: Call, pds: Pds) -> Referenced:
    """Ask for what the records refer to. Raises Rejected if a post to refer to is missing."""
    settings = call.draft.settings
    named = [handle for text in records.texts(call.draft) for handle in facets.handles(text)]
    named = list(dict.fromkeys(named))[:MOST_MENTIONS]
    found = {handle: await _did_of(handle, pds) for handle in named}
    dids = {handle: did for handle, did in found.items() if did}
    if plain := [f"@{handle}" for handle in named if handle not in dids]:
        call.checkpoint["notes"] = [
            f"Not linked, because Bluesky does not know them: {', '.join(plain)}."
        ]
    quoted = await _post_at(settings["quote"], pds) if settings.get("quote") else None
    answered = await _post_at(settings["replyTo"], pds) if settings.get("replyTo") else None
    return Referenced(dids, _reference(quoted) if quoted else None, _reply(answered))


def _reply(answered: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if answered is None:
        return None
    above = answered.get("record")
    thread = above.get("reply") if isinstance(above, dict) else None
    root = thread.get("root") if isinstance(thread, dict) else None
    here = _reference(answered)
    return {"root": _reference(root) if isinstance(root, dict) else here, "parent": here}


def _reference(post: Mapping[str, Any]) -> dict[str, str]:
    return {"uri": str(post["uri"]), "cid": str(post["cid"])}


async def _post_at(link: str, pds: Pds) -> dict[str, Any]:
    """Return what the app shows of a post. Raises Rejected (`target_missing`)."""
    missing = Rejected(f"Bluesky shows no post at {link}.", code="target_missing")
    found = POST.match(link)
    if found is None:
        raise missing
    who = found[1].lower()
    did = who if who.startswith("did:") else await _did_of(who, pds)
    if not did:
        raise missing
    answer = await pds.read_app("app.bsky.feed.getPosts", "uris", [uri(did, found[2])])
    for post in answer.take_list("posts"):
        if isinstance(post, dict) and post.get("uri") and post.get("cid"):
            return post
    raise missing


async def _did_of(handle: str, pds: Pds) -> str:
    """Return the DID of a handle; empty if the server knows none, or cannot tell now."""
    try:
        answer = await pds.read("com.atproto.identity.resolveHandle", 400, handle=handle)
    except PlatformError as failure:
        if isinstance(failure, Unavailable):
            return ""
        raise
    did = str(answer.json_object().get("did") or "") if answer.status == 200 else ""
    return did if identity.DID.fullmatch(did) else ""
