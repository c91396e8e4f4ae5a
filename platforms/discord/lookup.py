"""Find a bot's message whose answer was lost, in the list of its channel.

It is recognised by its nonce, where the list gives it, or else by its text, embeds, poll and the
names of its files. The list begins with what was the newest message before the first send, and
proves that a message was never made if it is whole, five minutes after the last send, and each
message of the bot in it is another one. It is then sent once more, with the same nonce.

In a forum, the same is asked of the bot's threads, also of those that rest already.

Source: https://docs.discord.com/developers/resources/message#get-channel-messages and
https://docs.discord.com/developers/resources/guild#list-active-guild-threads (read 2026-11-30):
without the permission to read old messages, a list is empty.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from platforms.adapter import Call
from platforms.discord import message
from platforms.discord.place import PAGE, Place, link
from platforms.drafts import Draft
from platforms.metrics import objects_in
from platforms.outcomes import Absent, Finding, Undeterminable, is_settled
from platforms.text import nfc

ABSENT_AFTER = timedelta(minutes=5)
#: The most pages that are read, and the most threads that are opened.
PAGES, THREADS = 50, 10
#: The type of what a bot says itself; others announce pins, threads, results of polls.
SAID = 0


@dataclass(slots=True)
class Seen:
    """What a channel shows since a message was first sent: links by ids, the oldest first."""

    matches: dict[str, str] = field(default_factory=dict)
    #: Those of the bot's messages that are not certainly another one.
    doubtful: dict[str, str] = field(default_factory=dict)
    is_whole: bool = False


async def look(call: Call, place: Place) -> Seen:
    """Read the list since the first send. Raises PlatformError."""
    is_forum = call.checkpoint.get("is_forum")
    return await (_threads(call, place) if is_forum else _messages(call, place))


async def chosen(call: Call, seen: Seen) -> str:
    """Return the earliest of the matches that no other destination has; empty without one."""
    theirs = await call.checkpoint.others(seen.matches)
    return next((post_id for post_id in seen.matches if post_id not in theirs), "")


async def unseen(call: Call, seen: Seen, where: str, sent_at: datetime) -> Finding:
    """Return the finding if the list does not show the message."""
    theirs = await call.checkpoint.others(seen.doubtful)
    is_proof = seen.is_whole and seen.doubtful.keys() <= set(theirs)
    if not is_proof or not is_settled(sent_at, ABSENT_AFTER):
        return Absent(proven=False)
    if call.checkpoint.get("sent_again"):
        return Undeterminable(where)
    call.checkpoint["sent_again"] = True
    return Absent()


async def _messages(call: Call, place: Place) -> Seen:
    seen, after = Seen(), call.checkpoint["behind"]
    for number in range(PAGES):
        page = sorted(await place.messages(after), key=_number)
        for each in page:
            _add(seen, each, call, place)
        if len(page) < PAGE:
            # An empty list may be all that the bot is shown.
            seen.is_whole = bool(page or number) or await place.shows_history()
            break
        after = str(page[-1]["id"])
    return seen


async def _threads(call: Call, place: Place) -> Seen:
    seen, kept = Seen(), call.checkpoint
    own, is_all = await place.threads(kept["guild"], kept["behind"])
    for thread in sorted(own, key=_number)[:THREADS]:
        first = await place.first_message(str(thread["id"]))
        # Of a thread without its first message nothing is known.
        _add(seen, first or _unknown(thread, place), call, place, is_thread=True)
    seen.is_whole = is_all and len(own) <= THREADS
    return seen


def _add(
    seen: Seen, each: Mapping[str, Any], call: Call, place: Place, *, is_thread: bool = False
) -> None:
    author, post_id = each.get("author"), str(each["id"])
    is_own = isinstance(author, dict) and str(author.get("id")) == place.own_id
    if not is_own or each.get("type", SAID) != SAID:
        return
    nonce, ours = each.get("nonce"), call.checkpoint["nonce"]
    channel = post_id if is_thread else place.channel
    url = link(call.checkpoint["guild"], channel, post_id)
    if str(nonce) == ours or (nonce is None and _is_alike(call.draft, ours, each)):
        seen.matches[post_id] = url
    elif nonce is None:
        seen.doubtful[post_id] = url


def _is_alike(draft: Draft, nonce: str, each: Mapping[str, Any]) -> bool:
    """Return whether a listed message says what the draft does."""
    made = message.body(draft, ())
    poll = each.get("poll")
    question = poll.get("question") if isinstance(poll, dict) else None
    sent = [made.get("content", ""), *_titles(made.get("embeds", ()))]
    shown = [str(each.get("content") or ""), *_titles(objects_in(each.get("embeds")))]
    if "poll" in made:
        sent.append(made["poll"]["question"]["text"])
        shown.append(str(question.get("text")) if isinstance(question, dict) else "")
    files = [file.get("filename") for file in objects_in(each.get("attachments"))]
    return files == message.file_names(draft, nonce) and [*map(_print, sent)] == [
        *map(_print, shown[: len(sent)])
    ]


def _titles(embeds: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the words of embeds. Discord adds others, of a text's links, behind them."""
    return [f"{each.get('title', '')} {each.get('description', '')}" for each in embeds]


def _print(words: str) -> str:
    """Return what Discord leaves of a text: it trims, and strips some characters."""
    return "".join(filter(str.isalnum, nfc(words))) or "".join(words.split())


def _number(each: Mapping[str, Any]) -> int:
    return int(each["id"])


def _unknown(thread: Mapping[str, Any], place: Place) -> dict[str, Any]:
    return {"id": thread["id"], "author": {"id": place.own_id}, "content": ""}
