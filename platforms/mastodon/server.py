"""Calls to an account's own server, whose host the account's id names.

Ids are a server's own: the account is known here as its id there, an @, and the server's host.
Source: https://docs.joinmastodon.org/client/authorized/ (read 2026-11-30).
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from platforms.drafts import Credentials
from platforms.http.client import Answer, Client

NOT_FOUND = 404
#: The ids of posts, in all forms that are known: numbers, ULIDs, FlakeIds, digests.
ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
#: The posts of a page of a list, so that posts of many thousand letters can be read; and the most
#: that servers give at once.
PAGE, MOST_PAGE = 10, 40


def host_of(platform_account_id: str) -> str:
    """Return the host of an account's server; empty if its id names none."""
    _, at, host = platform_account_id.rpartition("@")
    return host if at else ""


class Server:
    """The calls that an account's token authorizes."""

    def __init__(self, account: Credentials, http: Client) -> None:
        self.account_id, _, self.host = account.platform_account_id.rpartition("@")
        self._url = f"https://{self.host}/api/"
        self._headers, self._http = account.bearer, http
        #: Where a person looks.
        self.profile = f"https://{self.host}/@{account.username.partition('@')[0]}"

    async def get(self, path: str, *accept: int) -> Answer:
        return await self._http.get(
            self._url + path, headers=self._headers, accept=accept, is_foreign=True
        )

    async def create(self, body: Mapping[str, Any], key: str) -> Answer:
        """Publish. The key keeps some servers from doing it twice, and others do not look at it."""
        return await self._http.post(
            f"{self._url}v1/statuses",
            headers={**self._headers, "Idempotency-Key": key},
            json=body,
            irreversible=True,
            is_foreign=True,
        )

    async def send_file(self, path: str, form: Mapping[str, Any], *accept: int) -> Answer:
        return await self._http.post(
            self._url + path,
            headers={**self._headers, **form["headers"]},
            content=form["content"],
            accept=accept,
            is_foreign=True,
        )

    async def delete(self, post_id: str) -> Answer:
        return await self._http.request(
            "DELETE",
            f"{self._url}v1/statuses/{quote(post_id, safe='')}",
            headers=self._headers,
            accept=(NOT_FOUND,),
            is_foreign=True,
        )

    async def post(self, post_id: str) -> dict[str, Any] | None:
        """Return a post that the account may see; None if the server says that there is none."""
        if not ID.fullmatch(post_id):
            return None
        answer = await self.get(f"v1/statuses/{quote(post_id, safe='')}", NOT_FOUND)
        if answer.status == NOT_FOUND:
            if not answer.json_object():
                # snac's 404 holds no JSON, nor does a firewall's: ask whether the server answers.
                (await self.get("v1/accounts/verify_credentials", NOT_FOUND)).take("id")
            return None
        answer.take("id")
        return answer.json_object()

    async def posts(self, limit: int = PAGE, before: str = "") -> list[dict[str, Any]]:
        """Return the account's own posts, newest first, all if there are fewer than `limit`."""
        query = {"limit": str(limit), **({"max_id": before} if before else {})}
        owner = quote(self.account_id, safe="")
        answer = await self.get(f"v1/accounts/{owner}/statuses?{urlencode(query)}")
        found = answer.json()
        is_whole = isinstance(found, list) and all(
            isinstance(each, dict) and isinstance(each.get("id"), str) for each in found
        )
        if not is_whole:
            answer.unreadable("its list could not be read")
        return list(found)
