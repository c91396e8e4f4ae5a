"""Nostr: three relays over websockets, and a media server (Blossom).

An account's id is its public key in hexadecimal, its token its private key; its `extra` may have
`relays` and `media`, which it has published as its lists. Calls: publish, delete and query of
relays; upload of the media server. A fault's status is told in a relay's words.

Settings of an account or of all: `away`, the relays (hosts, of all accounts) that open no
websocket; `refusals`, what a relay refuses an account's posts with, by host; `challenges` (false),
whether relays want to know who posts; `denies_duplicates` (false), whether a repeat reads as
refused; `names_refused` (true), whether a refusal names its event; `keeps_deleted` (false), whether
deletion requests are ignored.
"""

import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from deploy.simulator.network import Dropped, Network, TruncatedResponse, call
from deploy.simulator.nostr import rules
from deploy.simulator.nostr.demo import DEMO, MEDIA, RELAYS
from deploy.simulator.nostr.rules import Event
from deploy.simulator.state.records import Account

HOSTS = (*(url.removeprefix("wss://") for url in RELAYS), "purplepag.es")
MEDIA_HOST = MEDIA.removeprefix("https://")
ANYONE = Account("nostr", "", "Anyone", "anyone", "", {})


class Messages(Response):
    """What a relay says, as messages."""

    def __init__(self, *messages: list[Any]) -> None:
        super().__init__(json.dumps(messages))
        self.messages = messages


@dataclass
class Talk:
    """One connection to a relay, and the message that is being answered."""

    host: str
    challenge: str
    pubkey: str = ""
    event: Event = field(default_factory=dict)
    #: The name of a question, and what it asks for.
    question: str = ""
    filters: Sequence[Mapping[str, Any]] = ()
    authenticated: set[str] = field(default_factory=set)


class NostrNetwork(Network):
    key = "nostr"
    name, colour = "Nostr", "#7a2f8f"
    demo = DEMO

    def hosts(self) -> Mapping[str, Sequence[BaseRoute]]:
        relays: dict[str, list[BaseRoute]] = {
            host: [WebSocketRoute("/", self.relay)] for host in HOSTS
        }
        return {**relays, MEDIA_HOST: [Route("/upload", self.upload, methods=["PUT"])]}

    def account(self, request: Request | Talk) -> Account | None:
        if isinstance(request, Talk):
            known = self.store.account(self.key, request.pubkey)
            return known or (ANYONE if request.filters else None)
        digest = request.headers.get("x-sha-256", "")
        header = request.headers.get("authorization", "")
        return self.store.account(self.key, rules.granted(header, MEDIA_HOST, "upload", digest))

    def unauthorized(self) -> Response:
        return self.error(401)

    def rate_limited(self, reset_seconds: int) -> Response:
        answer = self.error(429)
        answer.headers["retry-after"] = str(reset_seconds)
        return answer

    def error(self, status: int) -> Response:
        return Response("simulated", status, headers={"x-reason": "simulated"})

    # The relays

    async def relay(self, socket: WebSocket) -> None:
        host = socket.url.path.split("/")[1]
        if host in self.setting("", "away", []):
            await socket.send_denial_response(Response(status_code=503))
            return
        await socket.accept()
        talk = Talk(host, secrets.token_hex(8))
        if self.setting("", "challenges", False):
            await socket.send_json(["AUTH", talk.challenge])
        try:
            while True:
                await self._answer(await socket.receive_text(), talk, socket)
        except WebSocketDisconnect:
            return

    async def _answer(self, message: str, talk: Talk, socket: WebSocket) -> None:
        match rules.parsed(message):
            case ["EVENT", dict(event)]:
                answer = await self._take(event, talk)
                about = ["OK", event.get("id", ""), False]
            case ["REQ", str(name), dict(wanted)] if 0 < len(name) <= 64:
                talk.question, talk.filters = name, [wanted]
                talk.pubkey = next(iter(wanted.get("authors") or ()), "")
                is_right = rules.FILTER(wanted)
                answer = await self.query(talk) if is_right else Response("unknown filter", 400)
                about = ["CLOSED", name]
            case ["AUTH", dict(event)]:
                answer, about = self._authenticated(event, talk), []
            case ["CLOSE", str()]:
                return
            case _:
                answer, about = Messages(["NOTICE", "invalid: unknown message"]), []
        if isinstance(answer, Messages):
            for each in answer.messages:
                await socket.send_json(each)
            return
        words = bytes(answer.body).decode()
        if isinstance(answer, TruncatedResponse):
            await socket.send_text(words[: len(words) // 2])
            raise Dropped
        if answer.status_code == 200:
            await socket.send_text(words)
        else:
            await socket.send_json([*about, rules.as_words(answer.status_code, words)])

    async def _take(self, event: Event, talk: Talk) -> Response:
        if why := rules.wrong(event):
            return Messages(["OK", str(event.get("id", "")), False, why])
        talk.event, talk.pubkey, talk.filters = event, event["pubkey"], ()
        return await (self.delete if event["kind"] == rules.DELETION else self.publish)(talk)

    def _authenticated(self, event: Event, talk: Talk) -> Messages:
        why = rules.wrong(event)
        fits = (
            not why
            and event["kind"] == rules.AUTH
            and abs(time.time() - event["created_at"]) < rules.AUTH_SECONDS
            and rules.values(event, "challenge") == [talk.challenge]
            and any(f"//{talk.host}" in url for url in rules.values(event, "relay"))
        )
        if fits:
            talk.authenticated.add(event["pubkey"])
        return Messages(
            ["OK", str(event.get("id", "")), fits, "" if fits else why or "restricted: no"]
        )

    @call("publish")
    async def publish(self, talk: Talk, account: Account) -> Response:
        event, event_id = talk.event, talk.event["id"]
        if refusal := self.setting(account.id, "refusals", {}).get(talk.host):
            is_named = self.setting(account.id, "names_refused", True)
            return Messages(["OK", event_id if is_named else "", False, refusal])
        if self.setting("", "challenges", False) and account.id not in talk.authenticated:
            return Messages(["OK", event_id, False, "auth-required: who are you?"])
        if event["kind"] not in rules.POSTS:
            return Messages(["OK", event_id, False, "blocked: kind is not taken"])
        if self._at(talk.host, event_id):
            is_taken = not self.setting(account.id, "denies_duplicates", False)
            return Messages(["OK", event_id, is_taken, "duplicate: already have this event"])
        self.store.put(self.key, "event", f"{talk.host}:{event_id}", account.id, {"event": event})
        if self.store.post(self.key, event_id) is None:
            self._show(event, account)
        return Messages(["OK", event_id, True, ""])

    def _show(self, event: Event, account: Account) -> None:
        """Put a post on the wall."""
        files = rules.files_of(event)
        blobs = [self.store.get(self.key, "blob", _digest(each["url"])) for each in files]
        self.store.publish(
            self.key,
            event["id"],
            account.id,
            text=rules.text_of(event),
            media=tuple(blob["file"] for blob in blobs if blob),
            url=f"https://njump.me/{rules.code_of(event)}",
            extra={
                "event": event,
                "alt": [each.get("alt", "") for each in files],
                "title": next(iter(rules.values(event, "title")), ""),
                "reply": next(iter(rules.values(event, "e")), None),
            },
        )

    @call("delete")
    async def delete(self, talk: Talk, account: Account) -> Response:
        for event_id in rules.values(talk.event, "e"):
            known = self._at(talk.host, event_id)
            if known and known["pubkey"] == account.id and not self._keeps(account):
                place = f"{talk.host}:{event_id}"
                self.store.put(self.key, "event", place, account.id, {"event": None})
                if not any(self._at(host, event_id) for host in HOSTS):
                    self.store.delete_post(self.key, event_id)
        return Messages(["OK", talk.event["id"], True, ""])

    def _keeps(self, account: Account) -> bool:
        return bool(self.setting(account.id, "keeps_deleted", False))

    @call("query")
    async def query(self, talk: Talk, account: Account) -> Response:
        [wanted] = talk.filters
        if wanted.keys() - {"ids", "authors", "kinds"} or not wanted.keys() - {"authors"}:
            return Response("filter contains unknown elements", 400)
        if "ids" in wanted:
            found = [self._at(talk.host, event_id) for event_id in wanted["ids"]]
        else:
            found = [_list(account, kind) for kind in wanted["kinds"]] if account.id else []
        shown = [
            event
            for event in found
            if event and event["pubkey"] in wanted.get("authors", [event["pubkey"]])
        ]
        events = [["EVENT", talk.question, event] for event in shown]
        return Messages(*events, ["EOSE", talk.question])

    def _at(self, host: str, event_id: str) -> Event | None:
        """Return an event as a relay has it; None if it has not, or if it was removed."""
        found = self.store.get(self.key, "event", f"{host}:{event_id}") or {}
        event: Event | None = found.get("event")
        return event if event and self.store.post(self.key, event_id) else None

    # The media server

    @call("upload")
    async def upload(self, request: Request, account: Account) -> Response:
        kind, content = request.headers.get("content-type", ""), await request.body()
        digest = request.headers["x-sha-256"]
        if rules.sha256(content) != digest:
            return Response("", 409, headers={"x-reason": "The hash is another file's"})
        if not kind.startswith(("image/", "video/")):
            return Response("", 415, headers={"x-reason": "No such files here"})
        known = self.store.get(self.key, "blob", digest)
        if known is None:
            blob = {"file": self.store.write_file(content, kind)}
            self.store.put(self.key, "blob", digest, account.id, blob)
        told = {
            "url": f"{MEDIA}/{digest}.{rules.extension(kind)}",
            "sha256": digest,
            "size": len(content),
            "type": kind,
            "uploaded": int(time.time()),
        }
        return JSONResponse(told, 200 if known else 201)


def _digest(url: str) -> str:
    return url.rpartition("/")[2].partition(".")[0]


def _list(account: Account, kind: int) -> Event | None:
    """Return what an account has published of itself; None if nothing of this kind."""
    relays = [["r", url] for url in account.extra.get("relays", "").split()]
    servers = [["server", account.extra["media"]]] if account.extra.get("media") else []
    profile = json.dumps({"name": account.username, "display_name": account.name})
    lists = {0: (profile, []), 10002: ("", relays), 10063: ("", servers)}
    content, tags = lists.get(kind, ("", []))
    return rules.signed(account.token, kind, content, tags) if content or tags else None
