"""Calls to an account's own server (PDS), at the address that its DID document names.

Source: https://atproto.com/specs/xrpc and https://docs.bsky.app/docs/advanced-guides/api-directory
(read 2026-11-30). Reads of the app (`app.bsky.*`) go through the same server, which forwards them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from platforms.bluesky.proof import dpop
from platforms.drafts import Credentials
from platforms.errors import PlatformError
from platforms.http.client import Answer, Client
from platforms.http.failures import Body

POSTS, PROFILES = "app.bsky.feed.post", "app.bsky.actor.profile"
#: The service that the server forwards reads of the app to.
APP_VIEW = {"atproto-proxy": "did:web:api.bsky.app#bsky_appview"}
NOT_FOUND = "RecordNotFound"


class Pds:
    """The calls that an account's token authorizes."""

    def __init__(self, account: Credentials, http: Client) -> None:
        self.did = account.platform_account_id
        self.url = account.extra.get("pds", "")
        self._account, self._http = account, http

    async def read(self, method: str, *accept: int, **params: str) -> Answer:
        return await self._call("GET", method, params=params, accept=accept)

    async def read_app(self, method: str, name: str, values: Sequence[str]) -> Answer:
        """Return the app's answer to a read that takes a parameter several times."""
        query = urlencode([(name, value) for value in values])
        return await self._call("GET", f"{method}?{query}", headers=APP_VIEW)

    async def call(
        self, method: str, body: Mapping[str, Any], *, irreversible: bool = False
    ) -> Answer:
        return await self._call("POST", method, json=body, irreversible=irreversible)

    async def send_file(
        self, content_type: str, size: int, content: Callable[[], Body]
    ) -> dict[str, Any]:
        """Store a file and return its reference, for a record to hold. `content` opens it."""
        headers = {"Content-Type": content_type, "Content-Length": str(size)}
        answer = await self._call(
            "POST", "com.atproto.repo.uploadBlob", headers=headers, content=content
        )
        return blob_in(answer)

    async def shown(self) -> Mapping[str, Any]:
        """Return the account as the app shows it; empty if it does not yet."""
        try:
            answer = await self.read_app("app.bsky.actor.getProfile", "actor", [self.did])
        except PlatformError:
            return {}
        return answer.json_object()

    async def record(self, rkey: str, collection: str = POSTS) -> dict[str, Any] | None:
        """Return a record's `uri`, `cid` and `value`; None if the server says that it is not there.

        Records are public: no token is needed, so that one that has ended keeps no answer back.
        Source: lexicon com.atproto.repo.getRecord, error RecordNotFound (read 2026-11-30).
        """
        answer = await self._http.get(
            f"{self.url}/xrpc/com.atproto.repo.getRecord",
            params={"repo": self.did, "collection": collection, "rkey": rkey},
            accept=(400,),
            is_foreign=True,
        )
        if answer.status == 400:
            if answer.error_body().get("error") == NOT_FOUND:
                return None
            raise self._http.refused(answer)
        answer.take("uri")
        return answer.json_object()

    async def _call(self, verb: str, method: str, **options: Any) -> Answer:
        url = f"{self.url}/xrpc/{method}"
        return await dpop.call(self._http, self._account, verb, url, **options)


def blob_in(answer: Answer) -> dict[str, Any]:
    """Return the reference to a stored file. Raises Unavailable if the answer has none."""
    blob = answer.json_object().get("blob")
    if not isinstance(blob, dict) or "ref" not in blob:
        answer.unreadable("it names no file")
    return blob


def address(did: str, rkey: str) -> str:
    """Return the link of a post. The DID stays when the handle changes."""
    return f"https://bsky.app/profile/{quote(did, safe=':')}/post/{rkey}"


def uri(did: str, rkey: str, collection: str = POSTS) -> str:
    return f"at://{did}/{collection}/{rkey}"
