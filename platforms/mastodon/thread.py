"""A post, or a thread of them: each part is a post that replies to the one before.

The checkpoint's `parts` are the ids of the public ones; the next one is in flight: `behind` is the
account's newest post before it, with its time by the server's clock, `first_sent_ms` the time of
its first send, `key` its key.

Source: https://docs.joinmastodon.org/methods/statuses/#create (read 2026-11-30). No server is
trusted to know the key: Pixelfed and snac take no notice of it, and Mastodon keeps it for an hour.
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from platforms import clock
from platforms.adapter import Call
from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown, PlatformError, Rejected
from platforms.mastodon import errors, limits, media
from platforms.mastodon.limits import ServerLimits
from platforms.mastodon.server import Server
from platforms.outcomes import Outcome, Processing, Published

#: The state of a part that was not sent yet.
NOT_SENT = {"first_sent_ms": None, "behind": None, "key": None, "sent_again": False}
#: A link to a post on the account's own server: its host, and the post's id.
POST = re.compile(
    r"https://([^/\s?#@]{1,253})/(?:@|users/|p/|notice/|statuses/)(?:[^\s?#]{0,300}/)?([\w-]{1,64})/?"
)
ELSEWHERE = (
    "The option {} is a link on {}, the account's own server, where posts of others have one too."
)
#: The options of every part, and those of the first one, with the network's names for them.
EVERY = {"visibility": "visibility", "spoilerText": "spoiler_text", "language": "language"}
FIRST = {"sensitive": "sensitive", "quotePolicy": "quote_approval_policy"}
VISIBLE = "public"
#: How long a poll is open if it does not say.
POLL_SECONDS = 86_400


def texts(draft: Draft) -> tuple[str, ...]:
    """Return the texts of all parts, the post's own first."""
    return draft.text, *draft.settings.get("thread", ())


def body(
    draft: Draft, public: Sequence[str], media_ids: Sequence[str], about: Mapping[str, str]
) -> dict[str, Any]:
    """Return the request that creates the part after those that are `public`."""
    settings = draft.settings
    made: dict[str, Any] = {"status": texts(draft)[len(public)], "visibility": VISIBLE}
    made |= {name: settings[ours] for ours, name in EVERY.items() if settings.get(ours)}
    if public:
        return {**made, "in_reply_to_id": public[-1]}
    made |= {name: settings[ours] for ours, name in FIRST.items() if settings.get(ours)}
    if media_ids:
        made["media_ids"] = list(media_ids)
    if settings.get("pollOptions"):
        made["poll"] = {
            "options": list(settings["pollOptions"]),
            "expires_in": settings.get("pollSeconds") or POLL_SECONDS,
            "multiple": bool(settings.get("pollMultiple")),
            "hide_totals": bool(settings.get("pollHideTotals")),
        }
    return {**made, **about}


async def publish(call: Call) -> Outcome:
    """Publish the parts that are not public yet. Raises PlatformError."""
    server = Server(call.account, call.http)
    public: list[str] = list(call.checkpoint.get("parts") or [])
    try:
        return await _publish(call, server, public)
    except PlatformError as error:
        say_what_is_public(error, call, public)
        raise


def published(call: Call, public: Sequence[str]) -> Published:
    """Return the thread, of which all parts are public; the checkpoint keeps their ids."""
    if len(public) > 1:
        call.checkpoint["parts"] = list(public)
    url, notes = call.checkpoint.get("url") or "", tuple(call.checkpoint.get("notes") or ())
    server = Server(call.account, call.http)
    return Published(public[0], url or f"{server.profile}/{quote(public[0], safe='')}", notes)


def link_of(post: Mapping[str, Any]) -> str:
    """Return the public link of a post as its server gives it; empty without one."""
    for name in ("url", "uri"):
        link = post.get(name)
        if isinstance(link, str) and len(link) <= 1000 and urlsplit(link).scheme == "https":
            return link
    return ""


def say_what_is_public(error: PlatformError, call: Call, public: Sequence[str]) -> None:
    """Add to an error of a later part which parts are public already."""
    if not public:
        return
    number, total = len(public) + 1, len(texts(call.draft))
    before = "Part 1 is" if number == 2 else f"Parts 1 to {number - 1} are"
    state = "may be" if isinstance(error, OutcomeUnknown) else "is not"
    where = published(call, public).url
    error.message = f"{before} public at {where}; part {number} of {total} {state}. {error.message}"
    error.args = (error.message,)


async def _publish(call: Call, server: Server, public: list[str]) -> Outcome:
    media_ids: list[str] = []
    if call.draft.media and not public:
        uploaded = await media.upload(call, server)
        if isinstance(uploaded, Processing):
            return uploaded
        media_ids = uploaded
    while len(public) < len(texts(call.draft)):
        if public and public != call.checkpoint.get("parts"):
            # Persist the public parts and clear the state of the part that was in flight.
            await call.checkpoint.save(parts=list(public), **NOT_SENT)
        public.append(await _send(call, server, public, media_ids))
    return published(call, public)


async def _send(call: Call, server: Server, public: list[str], media_ids: Sequence[str]) -> str:
    """Send the next part; return its id once the server has taken it."""
    checkpoint, about = call.checkpoint, {}
    if not public:
        about = await _referred(call, server)
    sent_before = checkpoint.get("first_sent_ms") is not None
    if not sent_before:
        checkpoint["behind"] = await _newest(server)
        checkpoint["key"] = secrets.token_hex(16)
        checkpoint["first_sent_ms"] = int(clock.unix_seconds() * 1000)
    made = body(call.draft, public, media_ids, about)
    try:
        answer = await server.create(made, checkpoint["key"])
    except OutcomeUnknown:
        raise
    except PlatformError as refusal:
        raise await _refused(refusal, call, sent_before=sent_before) from refusal
    post_id = answer.take("id")
    if not public:
        post = answer.json_object()
        checkpoint["url"], checkpoint["notes"] = link_of(post), _changed(made, post, server.host)
    return post_id


async def _refused(refusal: PlatformError, call: Call, *, sent_before: bool) -> PlatformError:
    """Return what a refusal means after the earlier tries to send this part."""
    checkpoint = call.checkpoint
    if refusal.platform_code == errors.MEDIA_GONE and sent_before:
        # The lost post may have the files: a lookup tells. That send is still without an answer.
        checkpoint.state = "sent"
        await checkpoint.save()
        return refusal.as_(OutcomeUnknown, "A post that is public may have the files already.")
    if not sent_before:
        # This send published nothing, so a lookup must not start at it.
        checkpoint.update(NOT_SENT)
    if refusal.platform_code == errors.MEDIA_GONE:
        checkpoint["media"] = {}
    await checkpoint.save()
    return refusal


async def _newest(server: Server) -> tuple[str, str]:
    """Return the id and the time of the account's newest post; empty ones if it has none."""
    posts = await server.posts(limit=1)
    return (str(posts[0]["id"]), str(posts[0].get("created_at"))) if posts else ("", "")


async def _referred(call: Call, server: Server) -> dict[str, str]:
    """Return the ids of posts that the first part refers to. Raises Rejected if one is missing."""
    settings = call.draft.settings
    if settings.get("quote") and not await _has_quotes(call, server):
        raise Rejected("The account's server has no quotes.", code="option_rejected")
    named = {"replyTo": "in_reply_to_id", "quote": "quoted_status_id"}
    return {
        field: await _post_at(settings[option], option, server)
        for option, field in named.items()
        if settings.get(option)
    }


async def _has_quotes(call: Call, server: Server) -> bool:
    known = ServerLimits.of(call.draft.server).has_quotes
    if known is None:
        told = await limits.read_server(server.host, call.http)
        known = ServerLimits.of(told).has_quotes
    return bool(known)


def id_on(host: str, link: str) -> str:
    """Return the id of a post in its link on a server; blank for a link on another one."""
    found = POST.fullmatch(link.partition("?")[0])
    return found[2] if found and found[1].lower() == host else ""


async def _post_at(link: str, option: str, server: Server) -> str:
    """Return the id of a post that the account's server shows. Raises Rejected."""
    post_id = id_on(server.host, link)
    if not post_id:
        raise Rejected(ELSEWHERE.format(option, server.host), code="option_rejected")
    if await server.post(post_id) is None:
        raise Rejected(f"{server.host} shows no post at {link}.", code="target_missing")
    return post_id


def _changed(sent: Mapping[str, Any], post: Mapping[str, Any], host: str) -> list[str]:
    """Return what a server has made of a post otherwise than it was asked to, for the customer."""
    notes = []
    shown = post.get("visibility")
    if isinstance(shown, str) and shown != sent["visibility"]:
        notes.append(f"{host} made the post {shown[:20]}.")
    files = post.get("media_attachments")
    if isinstance(files, list) and len(files) < len(sent.get("media_ids", ())):
        notes.append(f"{host} shows {len(files)} of {len(sent['media_ids'])} files.")
    if "poll" in sent and not post.get("poll"):
        notes.append(f"{host} made the post without its poll.")
    return notes
