"""Calls of the Graph API for a Page: its host, its token, and refusals under a 200.

Source: Graph API, "Secure Graph API Calls" and "Handle Errors" (read 2026-11-24).
"""

from collections.abc import Mapping
from typing import Any

from platforms.checkpoint import Checkpoint
from platforms.drafts import Credentials
from platforms.errors import Unauthorized, Unavailable
from platforms.http.client import Answer, Client
from platforms.meta.graph import GRAPH_VERSION

GRAPH = "https://graph.facebook.com"
#: The host for the pieces of a video.
VIDEO_GRAPH = "https://graph-video.facebook.com"
WEBSITE = "https://www.facebook.com"
#: The code for an object that does not exist, or that this token may not see.
UNSEEN = "100/33"


class PageClient:
    """Graph client for one publish or lookup of a Page. All calls raise PlatformError."""

    def __init__(self, account: Credentials, http: Client, checkpoint: Checkpoint) -> None:
        self.id = account.platform_account_id
        self.http = http
        self._version = GRAPH_VERSION.chosen(http.versions)
        self.checkpoint = checkpoint
        self._bearer = account.bearer
        self.upload_authorization = f"OAuth {account.token}"
        # Made when the account was connected, where the app's secret is known.
        proof = account.extra.get("appsecret_proof", "")
        self._proof = {"appsecret_proof": proof} if proof else {}
        http.hide(proof)

    async def read(self, path: str, **params: str) -> Mapping[str, Any]:
        """Return the JSON object at a path."""
        answer = await self.ask(path, **params)
        body = answer.json()
        if not isinstance(body, dict):
            answer.unreadable("its answer is not an object")
        return body

    async def ask(self, path: str, **params: str) -> Answer:
        """Return the answer to a GET of a path."""
        answer = await self.http.get(
            f"{GRAPH}/{self._version}/{path}",
            headers=self._bearer,
            params={**self._proof, **params},
        )
        self._refuse(answer)
        return answer

    async def write(
        self,
        path: str,
        *,
        host: str = GRAPH,
        headers: Mapping[str, str] | None = None,
        irreversible: bool = False,
        **body: Any,
    ) -> Answer:
        """Return the answer to a POST of `json` or `content`. An id in it overrules an error.

        Asks for no `fields`: reading them back may fail although the call worked.
        """
        try:
            answer = await self.http.post(
                f"{host}/{self._version}/{path}",
                headers={**self._bearer, **(headers or {})},
                params=self._proof or None,
                irreversible=irreversible,
                **body,
            )
        except Unavailable as error:
            if error.platform_code != UNSEEN:
                raise
            # For a read, the object may be too new. For a write, it is not ours.
            raise error.as_(
                Unauthorized,
                "Facebook says that this account may not write there; reconnect it.",
                code="permission_missing",
            ) from error
        self._refuse(answer)
        return answer

    async def remove(self, path: str) -> None:
        """Delete the object at a path."""
        answer = await self.http.request(
            "DELETE",
            f"{GRAPH}/{self._version}/{path}",
            headers=self._bearer,
            params=self._proof or None,
        )
        self._refuse(answer)
        succeeded(answer)

    def _refuse(self, answer: Answer) -> None:
        body = answer.json_object()
        if answer.status < 300 and isinstance(body.get("error"), dict) and not body.get("id"):
            raise self.http.refused(answer)


def succeeded(answer: Answer) -> None:
    """Raise as for an unreadable answer, unless it says `{"success": true}`."""
    if answer.take("success") != "True":
        answer.unreadable("did not say that it succeeded")


def address(permalink: object, otherwise: str) -> str:
    """Return an absolute URL: Facebook gives those of videos without the host, or not yet."""
    link = str(permalink or "")
    return f"{WEBSITE}{link}" if link.startswith("/") else link or otherwise
