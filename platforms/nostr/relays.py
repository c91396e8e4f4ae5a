"""What is said to relays, to all of an account at once, and what each of them answers.

Source: https://github.com/nostr-protocol/nips/blob/master/01.md and 42.md (read 2026-12-01). A
relay that wants to know who asks sends a challenge, which is answered once it refuses without.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from platforms import clock
from platforms.drafts import Credentials
from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unavailable,
)
from platforms.http.client import Answer, Client
from platforms.http.foreign.stated import read_json
from platforms.nostr import errors
from platforms.nostr.events import AUTHENTICATION, Event, Key, is_genuine

MOST = 10
URL = re.compile(
    r"wss://[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[0-9]{1,5})?(/[!-~]{0,200})?", re.I
)
#: Names in a filter: fields of the events that it lets through.
FIELDS = {"ids": "id", "authors": "pubkey", "kinds": "kind"}
#: More than are ever asked for.
MOST_EVENTS = 500
#: The name of our only question on a connection.
QUESTION = "dovecote"
AUTH_REQUIRED, DUPLICATE = "auth-required:", "duplicate:"
UNREADABLE = "{} gave an answer that cannot be read."


def urls_in(text: str) -> list[str]:
    """Return the relays that a text names, each once. Raises Rejected (`address_refused`)."""
    found = dict.fromkeys(each.rstrip("/") for each in re.split(r"[\s,]+", text) if each)
    if wrong := [each for each in found if not URL.fullmatch(each)]:
        raise Rejected(
            f"Relays are addresses such as wss://relay.example.com, not {wrong[0][:100]}.",
            code="address_refused",
        )
    if len(found) > MOST:
        raise Rejected(f"An account posts to up to {MOST} relays.", code="address_refused")
    return list(found)


def of_account(account: Credentials) -> list[str]:
    return account.extra.get("relays", "").split()


@dataclass
class Reply:
    """What one relay answered: ids of events that it has taken, or events that it has."""

    relay: str
    taken: set[str] = field(default_factory=set)
    found: dict[str, Event] = field(default_factory=dict)
    #: Why the rest was not taken, or why nothing is known.
    error: PlatformError | None = None


def failure(replies: Sequence[Reply]) -> PlatformError | None:
    """Return why some relays did not do what they were asked; None if all did."""
    failed = [reply.error for reply in replies if reply.error]
    return errors.together(failed) if failed else None


class Relays:
    """The relays of an account, and the key that answers their challenges."""

    def __init__(self, urls: Sequence[str], key: Key, http: Client) -> None:
        self.urls, self._key, self._http = urls, key, http

    async def ask(self, wanted: Mapping[str, Any]) -> list[Reply]:
        """Return the events of our key that fit a filter, as each relay has them."""
        asked = {**wanted, "authors": [self._key.pubkey]}
        return await self.ask_any(asked)

    async def ask_any(self, wanted: Mapping[str, Any]) -> list[Reply]:
        """Likewise, events of any author. A refusal says nothing of them: it is Unavailable."""
        replies = await self.hear(wanted)
        for reply in replies:
            if reply.error and not isinstance(reply.error, RateLimited | Unavailable):
                reply.error = reply.error.as_(Unavailable)
        return replies

    async def hear(self, wanted: Mapping[str, Any]) -> list[Reply]:
        """Return what relays answer to a filter. One that failed is Unavailable."""
        question = ["REQ", QUESTION, dict(wanted)]
        heard = await self._talk([question], irreversible=False)
        return [self._found(url, answer, wanted) for url, answer in heard.items()]

    async def send(self, events: Sequence[Event], *, irreversible: bool) -> list[Reply]:
        """Send events one after the other to each relay, until it refuses one."""
        said = [["EVENT", event] for event in events]
        heard = await self._talk(said, irreversible=irreversible)
        ids = [event["id"] for event in events]
        replies = [self._taken(url, answer, ids) for url, answer in heard.items()]
        for reply in replies:
            if isinstance(reply.error, OutcomeUnknown) and not irreversible:
                reply.error = reply.error.as_(Unavailable)
        return replies

    async def _talk(
        self, messages: list[list[Any]], *, irreversible: bool
    ) -> dict[str, Answer | PlatformError]:
        def hearing(address: str) -> _Hearing:
            return _Hearing(f"wss{address.removeprefix('https')}", self._key, messages)

        addresses = [_address(url) for url in self.urls]
        heard = await self._http.converse(
            addresses, messages[0], hearing, irreversible=irreversible
        )
        return dict(zip(self.urls, heard, strict=True))

    def _found(self, url: str, answer: Answer | PlatformError, wanted: Mapping[str, Any]) -> Reply:
        if isinstance(answer, PlatformError):
            return Reply(url, error=_named(answer, url))
        reply = Reply(url)
        for said in _messages(answer):
            match said:
                case ["EVENT", str(), dict(event)] if _fits(event, wanted):
                    # A signature costs as much as a thousand lines of text.
                    if len(reply.found) < MOST_EVENTS and is_genuine(event):
                        reply.found[event["id"]] = event
                case ["EOSE", str()]:
                    return reply
                case ["CLOSED", str(), str(words)]:
                    reply.error = self._refused(url, words, answer)
                    if isinstance(reply.error, OutcomeUnknown):
                        reply.error = reply.error.as_(Unavailable)
                    return reply
        reply.error = Unavailable(UNREADABLE.format(url), body=answer.text)
        return reply

    def _taken(self, url: str, answer: Answer | PlatformError, ids: Sequence[str]) -> Reply:
        if isinstance(answer, PlatformError):
            return Reply(url, error=_named(answer, url))
        reply = Reply(url)
        for said in _messages(answer):
            match said:
                case ["OK", str(event_id), bool(is_taken), str(words)] if any(
                    _names(event_id, each, is_taken=is_taken) for each in ids
                ):
                    reply.error = None
                    if is_taken or words.startswith(DUPLICATE):
                        reply.taken.add(event_id)
                    else:
                        reply.error = self._refused(url, words, answer)
        if reply.error is None and len(reply.taken) < len(ids):
            reply.error = OutcomeUnknown(UNREADABLE.format(url), body=answer.text)
        return reply

    def _refused(self, url: str, words: str, answer: Answer) -> PlatformError:
        error = errors.refusal(url, words)
        error.body = answer.text
        return self._http.redacted(error)


class _Hearing:
    """Hears one relay, and decides what to say to it next."""

    def __init__(self, url: str, key: Key, messages: Sequence[list[Any]]) -> None:
        self._url, self._key = url, key
        self._left = list(messages)
        self._challenge = ""
        self._auth_id = ""

    def __call__(self, text: str) -> Sequence[str] | None:
        match _read(text):
            case ["AUTH", str(challenge)]:
                self._challenge = challenge
            case ["OK", str(event_id), bool(is_taken), str()] if event_id == self._auth_id:
                return [json.dumps(self._left[0])] if is_taken else None
            case ["OK", str(event_id), bool(is_taken), str(words)] if self._is_about(
                event_id, is_taken=is_taken
            ):
                return self._next(words, is_taken=is_taken or words.startswith(DUPLICATE))
            case ["CLOSED", str(), str(words)]:
                return self._next(words, is_taken=False)
            case ["EOSE", *_] | None:
                return None
        return ()

    def _is_about(self, event_id: str, *, is_taken: bool) -> bool:
        said = self._left[0]
        return said[0] == "EVENT" and _names(event_id, said[1]["id"], is_taken=is_taken)

    def _next(self, words: str, *, is_taken: bool) -> Sequence[str] | None:
        if is_taken:
            self._left.pop(0)
            return [json.dumps(self._left[0])] if self._left else None
        if not words.startswith(AUTH_REQUIRED) or not self._challenge or self._auth_id:
            return None
        tags = [["relay", self._url], ["challenge", self._challenge]]
        proof = self._key.signed(AUTHENTICATION, "", tags, int(clock.unix_seconds()))
        self._auth_id = proof["id"]
        return [json.dumps(["AUTH", proof])]


def _fits(event: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Return whether an event is what was asked for: a relay may send others, of other authors."""
    return all(event.get(FIELDS[name]) in wanted[name] for name in FIELDS if name in wanted)


def _address(url: str) -> str:
    """Return where a relay's handshake goes, which is HTTP."""
    rest = url[len("wss://") :]
    return f"https://{rest}" if "/" in rest else f"https://{rest}/"


def _names(said: str, event_id: str, *, is_taken: bool) -> bool:
    """Return whether an answer is about an event: one is in flight, and only refusals are nameless.

    nostr-relay 1.14 names no event that it refuses (run 2026-12-01).
    """
    return said == event_id or (not said and not is_taken)


def _messages(answer: Answer) -> list[list[Any] | None]:
    """Return what a relay said; nothing if it cannot be read."""
    try:
        texts = answer.json()
    except PlatformError:
        return []
    return [_read(text) for text in texts if isinstance(text, str)]


def _read(text: str) -> list[Any] | None:
    """Return a relay's message; None if it is none."""
    try:
        message = read_json(text)
    except ValueError:
        return None
    return message if isinstance(message, list) and message else None


def _named(error: PlatformError, url: str) -> PlatformError:
    """Say in an error which relay it is about."""
    error.message = f"{url}: {error.message}"
    error.args = (error.message,)
    return error
