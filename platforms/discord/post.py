"""Publish a message, and find out what became of it.

A bot chooses a nonce before it sends anything, so that a repeat within some minutes returns the
first message. How long Discord remembers a nonce is not documented: it helps, and proves nothing. A
webhook has neither nonces nor a list: what became of a lost answer, it cannot ask.

The checkpoint's `nonce` names the message and its files, `behind` is the newest message before the
first send, `guild` and `channel` are where it is, `is_forum` whether it is a thread; `public` is
the message's id once it is known to be public, and only its crossposting is left.

Source: https://docs.discord.com/developers/resources/message#create-message and #crosspost-message,
https://docs.discord.com/developers/resources/channel#start-thread-in-forum-or-media-channel (read
2026-11-30).
"""

import secrets
from datetime import datetime
from typing import Any

from platforms.adapter import Call
from platforms.discord import lookup, message
from platforms.discord.place import ANNOUNCEMENTS, ID, About, Place, link
from platforms.drafts import Draft
from platforms.errors import PlatformError, Rejected, Unavailable
from platforms.http.client import Answer
from platforms.http.foreign.stated import as_count
from platforms.outcomes import Finding, Outcome, Published, Undeterminable
from platforms.text import is_blank

#: A message's flag: it was sent to the channels that follow.
CROSSPOSTED = 1 << 0
THREAD_NAME_CHARS = 100
OPTIONS_OF_FORUMS = ("threadName", "threadTags")
NO_CROSSPOST = "Only a bot can crosspost, and only in an announcement channel."
LOST = "The answer to the post was lost, and a lookup found the post."


async def publish(call: Call) -> Outcome:
    """Publish, and crosspost if that was asked for. Raises PlatformError."""
    place, kept, draft = Place(call.account, call.http), call.checkpoint, call.draft
    if kept.get("public"):
        url = link(kept["guild"], kept["channel"], kept["public"])
        return Published(kept["public"], url, await _crosspost(place, kept["public"]))
    about = await place.look()
    own = _of_place(draft, about, is_webhook=place.is_webhook)
    if not kept.get("nonce"):
        kept.update(nonce=secrets.token_hex(8), behind=about.newest, guild=about.guild)
        kept.update(channel=about.channel, is_forum=about.is_forum)
    names = message.file_names(draft, kept["nonce"])
    made = message.body(draft, names)
    if about.is_forum:
        made = {**own, "message": made}
    elif place.is_webhook:
        made |= own
    else:
        made |= {"nonce": kept["nonce"], "enforce_nonce": True}
    request = message.form(made, draft.media, names)
    answer = await place.send(request, as_thread=about.is_forum)
    post_id, channel = _made(answer), about.channel
    if place.is_webhook:
        channel = answer.take("channel_id")
    url = link(about.guild, post_id if about.is_forum else channel, post_id)
    if not draft.settings.get("crosspost"):
        return Published(post_id, url)
    await kept.save(public=post_id)
    return Published(post_id, url, await _crosspost(place, post_id))


async def find(call: Call, sent_at: datetime) -> Finding:
    """Return what became of the message. Raises PlatformError."""
    place, kept = Place(call.account, call.http), call.checkpoint
    guild, channel = kept.get("guild") or "@me", kept.get("channel") or place.channel
    if place.is_webhook:
        return Undeterminable(link(guild, channel))
    post_id = kept.get("public")
    if not post_id:
        seen = await lookup.look(call, place)
        post_id = await lookup.chosen(call, seen)
    if not post_id:
        return await lookup.unseen(call, seen, link(guild, channel), sent_at)
    url = link(guild, post_id if kept.get("is_forum") else channel, post_id)
    return Published(post_id, url, await _missed(call.draft, place, post_id))


def _of_place(draft: Draft, about: About, *, is_webhook: bool) -> dict[str, Any]:
    """Return what a forum's thread is given. Raises Rejected for what the channel does not have."""
    settings, is_forum = draft.settings, None if is_webhook else about.is_forum
    if settings.get("crosspost") and about.type != ANNOUNCEMENTS:
        raise Rejected(NO_CROSSPOST, code="option_rejected")
    if why := unfit(draft, is_webhook=is_webhook, is_forum=is_forum):
        raise Rejected(why, code="option_rejected")
    if is_forum is False:
        return {}
    name = settings.get("threadName") or (_first_line(draft.text) if is_forum else "")
    tags = [_tag(each, about) for each in settings.get("threadTags") or ()]
    named = {"thread_name" if is_webhook else "name": name} if name else {}
    return {**named, **({"applied_tags": tags} if tags else {})}


def depends_on_forum(draft: Draft) -> bool:
    """Return whether `unfit` answers otherwise for a forum than for another channel."""
    names = ("crosspost", *OPTIONS_OF_FORUMS)
    return is_blank(draft.text) or any(map(draft.settings.get, names))


def unfit(draft: Draft, *, is_webhook: bool, is_forum: bool | None) -> str:
    """Return why a place takes no such draft, blank if it may; None: a channel of unknown type."""
    settings = draft.settings
    if settings.get("crosspost") and (is_webhook or is_forum):
        return NO_CROSSPOST
    given = next((name for name in OPTIONS_OF_FORUMS if settings.get(name)), "")
    if given and is_forum is False:
        return f"The channel is no forum, which alone takes the option {given}."
    if is_forum and not settings.get("threadName") and is_blank(draft.text):
        return "The channel is a forum: a post without a text needs the option threadName."
    return ""


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0].strip()[:THREAD_NAME_CHARS]


def _tag(name: str, about: About) -> str:
    """Return the id of a forum's tag. A webhook is not told their names."""
    found = about.tags.get(name.strip().casefold()) or (name if ID.fullmatch(name) else "")
    if not found:
        known = ", ".join(about.tags) or "none that Dovecote is told of"
        raise Rejected(f"The forum has no tag {name!r}; it has {known}.", code="option_rejected")
    return found


def _made(answer: Answer) -> str:
    """Return the id of the message or thread. Raises OutcomeUnknown without one."""
    post_id = answer.take("id")
    if not ID.fullmatch(post_id):
        answer.unreadable("its answer held no id")
    return post_id


async def _crosspost(place: Place, post_id: str) -> tuple[str, ...]:
    """Crosspost a message; return a note if that failed. A lost answer is asked for once more."""
    try:
        try:
            await place.crosspost(post_id)
        except Unavailable:
            await place.crosspost(post_id)
    except PlatformError as error:
        return (_not_crossposted(error.message),)
    return ()


async def _missed(draft: Draft, place: Place, post_id: str) -> tuple[str, ...]:
    """Return a note if a message that a lookup found was not crossposted: it publishes nothing."""
    if not draft.settings.get("crosspost"):
        return ()
    found = await place.message(post_id) or {}
    flags = as_count(found.get("flags")) or 0
    return () if flags & CROSSPOSTED else (_not_crossposted(LOST),)


def _not_crossposted(why: str) -> str:
    return f"It was not sent to the channels that follow; publish it in Discord. {why}"
