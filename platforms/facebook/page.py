"""A Page at the Graph API: its host, its token, and refusals that come under a 200.

Source: Graph API, "Secure Graph API Calls" and "Handle Errors" (read 2026-11-24).
"""

from collections.abc import Mapping
from typing import Any

from platforms.checkpoint import Checkpoint
from platforms.drafts import Credentials
from platforms.errors import Unauthorized, Unavailable
from platforms.http.client import Answer, Client

GRAPH = "https://graph.facebook.com"
#: Where the pieces of a video go.
VIDEO_GRAPH = "https://graph-video.facebook.com"
WEBSITE = "https://www.facebook.com"
#: An object that is not there, or that this token may not see.
UNSEEN = "100/33"


class Page:
    """What one publish or look-up of a Page speaks through. Everything raises PlatformError."""

    def __init__(self, account: Credentials, http: Client, checkpoint: Checkpoint) -> None:
        self.id = account.platform_account_id
        self.http = http
        self._version = http.versions.graph
        self.checkpoint = checkpoint
        self._bearer = account.bearer
        self.upload_authorization = f"OAuth {account.token}"
        # Only whoever connects accounts knows the app's secret; the proof was made there.
        proof = account.extra.get("appsecret_proof", "")
        self._proof = {"appsecret_proof": proof} if proof else {}
        http.hide(proof)

    async def read(self, path: str, **params: str) -> Mapping[str, Any]:
        """The JSON object at a path."""
        answer = await self.http.get(
            f"{GRAPH}/{self._version}/{path}",
            headers=self._bearer,
            params={**self._proof, **params},
        )
        self._refuse(answer)
        body = answer.json()
        if not isinstance(body, dict):
            answer.unreadable("its answer is not an object")
        return body

    async def write(
        self,
        path: str,
        *,
        host: str = GRAPH,
        headers: Mapping[str, str] | None = None,
        irreversible: bool = False,
        **body: Any,
    ) -> Answer:
        """The answer to a POST, `json` or `content`; an id in it counts for more than an error.

        No `fields` are asked for: reading them back may fail although the work is done.
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
            # A read may be too early for an object; a write to it means that it is not ours.
            raise error.as_(
                Unauthorized,
                "Facebook says that this account may not write there; reconnect it.",
                code="permission_missing",
            ) from error
        self._refuse(answer)
        return answer

    def _refuse(self, answer: Answer) -> None:
        body = answer.json_object()
        if answer.status < 300 and isinstance(body.get("error"), dict) and not body.get("id"):
            raise self.http.refused(answer)


def succeeded(answer: Answer) -> None:
    """Raises, as an answer that cannot be read, unless it says `{"success": true}`."""
    if answer.take("success") != "True":
        answer.unreadable("did not say that it succeeded")


def address(permalink: object, otherwise: str) -> str:
    """An absolute URL: Facebook gives those of videos without its host, or none yet."""
    link = str(permalink or "")
    return f"{WEBSITE}{link}" if link.startswith("/") else link or otherwise
