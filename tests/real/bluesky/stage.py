"""Where a case is played: one side, a person with an account there, and what both said."""

import asyncio
import base64
import json
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

import httpx

from platforms.bluesky import errors, records
from platforms.bluesky.adapter import Bluesky
from platforms.bluesky.login import BlueskyLogin
from platforms.bluesky.pds import POSTS
from platforms.drafts import Credentials, Draft
from platforms.errors import PlatformError
from platforms.http.client import Answer, Client
from platforms.http.transport import Transport
from platforms.oauth import App, Profile, Tokens
from platforms.outcomes import Absent, Published
from tests.acceptance.stack import NO_TLS
from tests.platforms.driver import Drive
from tests.real.bluesky.server import HOST, Person
from tests.real.bluesky.sides import Side
from tests.real.gateway import Gateway

APPLY, UPLOAD = "com.atproto.repo.applyWrites", "com.atproto.repo.uploadBlob"
LOGIN, NO_APP = BlueskyLogin(), App("", "")
DAY_SECONDS = 86400
Seen = dict[str, Any]


class Stage:
    def __init__(self, side: Side, gateway: Gateway) -> None:
        self.side, self.gateway = side, gateway
        self._http = httpx.Client(base_url=gateway.url, trust_env=False, verify=NO_TLS, timeout=60)

    @cached_property
    def person(self) -> Person:
        return self.side.person()

    @cached_property
    def profile(self) -> Profile:
        return self.sign_in(self.person.handle, self.person.password)

    @cached_property
    def token(self) -> str:
        return self.profile.tokens.access

    @cached_property
    def drive(self) -> Drive:
        """Return the adapter, with the account as the login left it."""
        profile, tokens = self.profile, self.profile.tokens
        account = Credentials(
            profile.platform_account_id, profile.username, tokens.access, tokens.refresh,
            extra=profile.extra,
        )  # fmt: skip
        drive = Drive(Bluesky(), account, self.side.simulator)
        drive.gateway = self.gateway.url
        return drive

    # The login

    def sign_in(self, handle: str, password: str) -> Profile:
        answers = {"handle": handle, "app_password": password}
        [profile] = self.run(lambda http: LOGIN.sign_in(answers, http))
        return profile

    def refresh(self, tokens: Tokens, **extra: str) -> Tokens:
        known = {**self.profile.extra, **extra}
        account = Credentials(
            self.person.did, self.person.handle, tokens.access, tokens.refresh, known
        )
        return self.run(lambda http: LOGIN.refresh(NO_APP, account, http))

    def run(self, work: Callable[[Client], Any]) -> Any:
        async def run() -> Any:
            transport = Transport(gateway=self.gateway.url, timeout_seconds=30)
            try:
                return await work(Client(transport, explain=LOGIN.explain))
            finally:
                await transport.close()

        return asyncio.run(run())

    # The adapter

    def publish(self, draft: Draft) -> Seen:
        """Return what publishing ended with."""
        return self._outcome(lambda: self.drive.finish(draft))

    def find(self, draft: Draft) -> Seen:
        return self._outcome(lambda: self.drive.find(draft))

    def public(self) -> list[dict[str, Any]]:
        """Return what the public sees of the account."""
        return self.side.posts(self.person)

    def written(self) -> list[dict[str, Any]]:
        """Return the records that the adapter wrote last."""
        body = json.loads(self.gateway.bodies[f"/{HOST}/xrpc/{APPLY}"])
        return [each["value"] for each in body["writes"]]

    def _outcome(self, work: Callable[[], object]) -> Seen:
        seen = refused(work)
        return {**seen, "state": self.drive.state}

    # Plain calls

    def post(
        self,
        name: str,
        body: object = None,
        *,
        token: str | None = None,
        fields: Iterable[str] = (),
        **options: Any,
    ) -> Seen:
        """Return what the server answers to a call, with these fields of its answer."""
        if body is not None:
            options["json"] = body
        return self._call("POST", name, token, fields, options)

    def get(
        self, name: str, *, token: str | None = None, fields: Iterable[str] = (), **query: str
    ) -> Seen:
        return self._call("GET", name, token, fields, {"params": query})

    def blob(self, content: bytes, content_type: str = "image/jpeg") -> dict[str, Any]:
        """Store a file and return its reference."""
        kind = {"Content-Type": content_type}
        seen = self.post(UPLOAD, content=content, headers=kind, fields=["blob"])
        assert "blob" in seen, seen
        found: dict[str, Any] = seen["blob"]
        return found

    def write(self, *records_: Mapping[str, Any], **changes: Any) -> Seen:
        """Return what the server answers to posts with these records, in one batch."""
        keys = records.new_keys(len(records_))
        writes = [create(record, key) for record, key in zip(records_, keys, strict=True)]
        return self.apply(writes, **changes)

    def apply(self, writes: list[dict[str, Any]], token: str | None = None) -> Seen:
        body = {"repo": self.person.did, "writes": writes}
        return self.post(APPLY, body, token=token, fields=["results"])

    def _call(
        self,
        method: str,
        name: str,
        token: str | None,
        fields: Iterable[str],
        options: dict[str, Any],
    ) -> Seen:
        token = self.token if token is None else token
        given = {"Authorization": f"Bearer {token}"} if token else {}
        headers = {**given, **options.pop("headers", {})}
        return read(self.send(method, name, headers=headers, **options), fields)

    def send(self, method: str, name: str, **options: Any) -> httpx.Response:
        return self._http.request(method, f"/{HOST}/xrpc/{name}", **options)

    def close(self) -> None:
        self._http.close()


def create(record: Mapping[str, Any], rkey: str, collection: str = POSTS) -> dict[str, Any]:
    """Return one write of a batch."""
    value = {"$type": collection, **record}
    return {"$type": records.CREATE, "collection": collection, "rkey": rkey, "value": value}


def post(text: str = "Coo", **fields: Any) -> dict[str, Any]:
    """Return the record of a post."""
    return {"text": text, "createdAt": records.timestamp(), **fields}


def read(answer: httpx.Response, fields: Iterable[str] = ()) -> Seen:
    """Return status, error words, what our adapter takes from them, and fields of the answer."""
    seen: Seen = {"status": answer.status_code}
    try:
        body = answer.json()
    except ValueError:
        return {**seen, "body": answer.text[:80]}
    seen |= {name: body[name] for name in ("error", "message", *fields) if name in body}
    if answer.status_code >= 400:
        known = Answer(answer.status_code, answer.headers, answer.content)
        seen["understood"] = _error(errors.explain(known))
    if answer.status_code == 429:
        wait = int(answer.headers.get("ratelimit-reset", "0")) - time.time()
        seen["says when it ends"] = 0 < wait <= DAY_SECONDS
    return seen


def refused(work: Callable[[], object]) -> Seen:
    """Return what a call of the adapter ended with."""
    try:
        result = work()
    except PlatformError as error:
        return {"raised": _error(error), "status": error.http_status, "said": error.platform_code}
    match result:
        case Published():
            return {"published": result.url, "notes": list(result.notes)}
        case Absent():
            return {"absent": True, "proven": result.proven}
    return {"result": result if isinstance(result, str | bool) else type(result).__name__}


def claims(token: str, now: float) -> dict[str, Any]:
    """Return what a session's token says of itself, its end by how far it is."""
    body = token.split(".")[1]
    found = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    lasts = round((found["exp"] - now) / 60)
    return {"scope": found["scope"], "sub": found["sub"], "lasts minutes": lasts}


def _error(error: PlatformError) -> str:
    return f"{type(error).__name__} {error.code}"
