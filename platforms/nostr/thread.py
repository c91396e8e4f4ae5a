"""Publish the events of a draft, and find out what became of them.

They are signed once. The checkpoint's `signed` has them before anything is sent: `events`, and
`draft`, the hash of the draft that they say. As the id of an event is the hash of its content,
sending it again can never make a second post. `doubtful` are the relays that may have them. What
one relay has taken is public.

Source: https://github.com/nostr-protocol/nips/blob/master/01.md (read 2026-12-01).
"""

import hashlib
import json
import secrets
from collections.abc import Sequence
from datetime import datetime

from platforms import clock
from platforms.adapter import Call
from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown, PlatformError, Rejected, Unauthorized
from platforms.nostr import media, nip19, post, relays, text
from platforms.nostr.events import NOTE, Event, Key
from platforms.nostr.relays import Relays, Reply
from platforms.outcomes import Absent, Finding, Outcome, PartiallyPublished, Published

NO_RELAYS = "The account has no relays; reconnect it with some."


async def publish(call: Call) -> Outcome:
    """Publish all parts, at all relays at once. Raises PlatformError."""
    key, urls = Key.of(call.account), relays.of_account(call.account)
    if not urls:
        raise Unauthorized(NO_RELAYS)
    known = Relays(urls, key, call.http)
    events = await _signed(call, key, known)
    call.checkpoint["doubtful"] = urls
    replies = await known.send(events, irreversible=True)
    public = _public(events, replies)
    if len(public) < len(events):
        raise _failed(call, events, public, replies)
    call.checkpoint.answered()
    return _published(call, events, _notes(replies))


async def find(call: Call, sent_at: datetime) -> Finding:
    """Ask all relays that may have the events. Raises PlatformError unless all of them answer."""
    events = call.checkpoint["signed"]["events"]
    urls = relays.of_account(call.account)
    doubtful = call.checkpoint.get("doubtful") or urls
    asked = Relays(list(dict.fromkeys((*urls, *doubtful))), Key.of(call.account), call.http)
    replies = await asked.ask({"ids": [event["id"] for event in events]})
    public = {event_id for reply in replies for event_id in reply.found}
    if all(event["id"] in public for event in events):
        return _published(call, events)
    if failure := relays.failure([reply for reply in replies if reply.relay in doubtful]):
        raise failure
    return PartiallyPublished(events[0]["id"]) if events[0]["id"] in public else Absent()


async def _signed(call: Call, key: Key, known: Relays) -> list[Event]:
    """Return the events of the draft: those of an earlier try, if they say the same."""
    said = _fingerprint(call.draft)
    before = call.checkpoint.get("signed") or {}
    if before.get("draft") == said:
        return list(before["events"])
    files = await media.upload(call, key)
    identifier = call.draft.settings.get("identifier") or call.checkpoint.get("identifier")
    about = post.About(
        files, await _parent(call, known), known.urls[0], identifier or secrets.token_hex(8)
    )
    events = post.events(call.draft, key, int(clock.unix_seconds()), about)
    # An article keeps its name if it is edited between two tries: the later one replaces it.
    call.checkpoint["identifier"] = about.identifier
    call.checkpoint["signed"] = {"draft": said, "events": events}
    return events


async def _parent(call: Call, known: Relays) -> Event | None:
    """Return the post to reply to. Raises Rejected if no relay of the account shows it."""
    link = call.draft.settings.get("replyTo")
    if not link:
        return None
    named = nip19.read(text.code_of(link))
    if named is None or not named.is_event:
        raise Rejected(f"{link} names no post to reply to.", code="target_missing")
    replies = await known.ask_any({"ids": [named.value]})
    found = next((each.found[named.value] for each in replies if named.value in each.found), None)
    if found is None:
        if failure := relays.failure(replies):
            raise failure
        raise Rejected(f"No relay of the account shows {link}.", code="target_missing")
    if found["kind"] != NOTE:
        raise Rejected("Only a note can be replied to by a note.", code="option_rejected")
    return found


def _public(events: Sequence[Event], replies: Sequence[Reply]) -> list[Event]:
    taken = {event_id for reply in replies for event_id in reply.taken}
    return [event for event in events if event["id"] in taken]


def _failed(
    call: Call, events: Sequence[Event], public: Sequence[Event], replies: Sequence[Reply]
) -> PlatformError:
    """Return why not all parts are public, and note which relays may have more of them."""
    unknown = [reply.relay for reply in replies if isinstance(reply.error, OutcomeUnknown)]
    call.checkpoint["doubtful"] = unknown
    error = relays.failure(replies) or OutcomeUnknown("No relay gave an answer.")
    if isinstance(error, OutcomeUnknown):
        # Another relay's refusal has settled nothing.
        call.checkpoint.state = "sent"
    else:
        call.checkpoint.answered()
    if public:
        error.message = (
            f"{len(public)} of {len(events)} parts are public at {post.address(events[0])}. "
            f"{error.message}"
        )
        error.args = (error.message,)
    return error


def _notes(replies: Sequence[Reply]) -> tuple[str, ...]:
    """Return what relays did not take, for the customer."""
    failed = [reply.error.message for reply in replies if reply.error]
    if not failed:
        return ()
    count = f"{len(replies) - len(failed)} of {len(replies)} relays"
    return (f"{count} took all of the post.", *failed)


def _published(call: Call, events: Sequence[Event], notes: tuple[str, ...] = ()) -> Published:
    ids = [event["id"] for event in events]
    if len(ids) > 1:
        call.checkpoint["parts"] = ids
    return Published(ids[0], post.address(events[0]), notes)


def _fingerprint(draft: Draft) -> str:
    """Return a hash of what the draft says."""
    files = [[item.key, item.alt_text] for item in draft.media]
    said = [draft.text, files, dict(draft.settings), draft.post_type]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
