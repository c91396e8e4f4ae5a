"""Calls to an account's own site, at the root of its REST API, which the login has found.

An account is known here as its user's id there, an @, and the site's address without `https://`.

Source: https://developer.wordpress.org/rest-api/reference/posts/, /media/, /tags/ and
https://developer.wordpress.org/rest-api/using-the-rest-api/global-parameters/ (`_fields`) (read
2026-11-30). Run against WordPress 6.8.12 on 2026-11-30: of two drafts with one slug the second gets
another, a list with `status=any` shows an account its own drafts, and names of terms are stored
with `&amp;`.
"""

import base64
import html
from collections.abc import Mapping, Sequence
from typing import Any

from platforms.drafts import Credentials
from platforms.errors import PlatformError, Rejected, Unauthorized
from platforms.http.client import Answer, Client
from platforms.wordpress.errors import GONE, NOT_ALLOWED, said_code

POSTS, FILES = "wp/v2/posts", "wp/v2/media"
NOT_FOUND, EXISTS = 404, 400
ID_DIGITS = 20
#: Of a post or a file, all that is read of it.
POST_FIELDS, FILE_FIELDS = "id,status,slug,link,author", "id,source_url"
#: The options, and what WordPress calls one of such terms.
TERMS = {"categories": "category", "tags": "tag"}


def basic(username: str, password: str) -> dict[str, str]:
    """Return the header that authorizes a call with an application password."""
    both = base64.b64encode(f"{username}:{password}".encode()).decode()
    return {"Authorization": f"Basic {both}"}


class Site:
    """The calls that an account's application password authorizes."""

    def __init__(self, account: Credentials, http: Client) -> None:
        self.user_id, _, self.place = account.platform_account_id.partition("@")
        self._root = account.extra.get("rest") or f"https://{self.place}/wp-json/"
        self._headers, self._http = basic(account.username, account.token), http

    async def get(self, path: str, *accept: int, **query: str) -> Answer:
        return await self._call("GET", path, accept, query)

    async def send(
        self, path: str, body: Mapping[str, Any], *accept: int, irreversible: bool = False
    ) -> Answer:
        query = {"_fields": POST_FIELDS} if path.startswith(POSTS) else {}
        return await self._call("POST", path, accept, query, json=body, irreversible=irreversible)

    async def send_file(self, form: Mapping[str, Any]) -> dict[str, Any]:
        """Upload a file. Raises PlatformError; Rejected where the account may not."""
        try:
            answer = await self._call("POST", FILES, (), {"_fields": FILE_FIELDS}, **form)
        except Unauthorized as refusal:
            if refusal.platform_code != NOT_ALLOWED or refusal.code != "permission_missing":
                raise
            why = "The site's user may not upload files; it needs the role of an author."
            raise refusal.as_(Rejected, why, code=refusal.code) from refusal
        return {"id": number_of(answer), "url": answer.take("source_url")}

    async def delete(self, post_id: str, *accept: int, **query: str) -> Answer:
        return await self._call("DELETE", f"{POSTS}/{post_id}", accept, query)

    async def post(self, post_id: str) -> dict[str, Any] | None:
        """Return a post that the account may see; None if the site says that there is none."""
        if not (post_id.isascii() and post_id.isdigit()):
            return None
        answer = await self.get(f"{POSTS}/{post_id}", NOT_FOUND, _fields=POST_FIELDS)
        if answer.status == NOT_FOUND:
            if said_code(answer) == GONE:
                return None
            raise self._http.refused(answer)
        answer.take("id"), answer.take("status")
        return answer.json_object()

    async def draft(self, slug: str) -> str:
        """Return the id of the draft with this slug; empty if there is none."""
        answer = await self.get(POSTS, slug=slug, status="any", _fields=POST_FIELDS)
        return next((str(each["id"]) for each in _listed(answer)), "")

    async def file(self, slug: str) -> dict[str, Any] | None:
        """Return the uploaded file with this slug."""
        answer = await self.get(FILES, slug=slug, _fields=FILE_FIELDS)
        found = [each for each in _listed(answer) if isinstance(each.get("source_url"), str)]
        return {"id": int(found[0]["id"]), "url": found[0]["source_url"]} if found else None

    async def check_terms(self, kind: str, numbers: Sequence[int]) -> None:
        """Raise Rejected for a number that is no category or tag: the site would ignore it."""
        if not numbers:
            return
        asked = {"include": ",".join(map(str, numbers)), "per_page": "100", "_fields": "id,name"}
        known = {each["id"] for each in _listed(await self.get(f"wp/v2/{kind}", **asked))}
        if missing := [number for number in numbers if number not in known]:
            why = f"The site has no {TERMS[kind]} {missing[0]}."
            raise Rejected(why, code="option_rejected")

    async def term(self, kind: str, name: str) -> int:
        """Return the id of a category or tag, made if there is none and the account may.

        Raises PlatformError; Rejected (`option_rejected`) where it may not.
        """
        path, words = f"wp/v2/{kind}", html.escape(" ".join(name.split()), quote=False)
        listed = _listed(await self.get(path, search=words, per_page="100", _fields="id,name"))
        for each in listed:
            if _same(str(each.get("name")), words):
                return int(each["id"])
        try:
            answer = await self.send(path, {"name": name}, EXISTS)
        except Unauthorized as refusal:
            raise _no_term(refusal, kind, name) from refusal
        if answer.status == EXISTS:
            if said_code(answer) != "term_exists":
                raise self._http.refused(answer)
            return number_of(answer, "data", "term_id")
        return number_of(answer)

    async def _call(
        self,
        method: str,
        path: str,
        accept: tuple[int, ...],
        query: Mapping[str, str],
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> Answer:
        return await self._http.request(
            method,
            self._root + path,
            headers={**self._headers, **(headers or {})},
            params=query,
            accept=accept,
            is_foreign=True,
            **options,
        )


def number_of(answer: Answer, *path: str) -> int:
    """Return the id in an answer. Raises PlatformError without one."""
    found = answer.take(*(path or ("id",)))
    if not (found.isascii() and found.isdigit() and len(found) <= ID_DIGITS):
        answer.unreadable("its answer held no id")
    return int(found)


def _no_term(refusal: Unauthorized, kind: str, name: str) -> PlatformError:
    if refusal.platform_code != NOT_ALLOWED or refusal.code != "permission_missing":
        return refusal
    why = f"The site has no {TERMS[kind]} {name!r}, and its user may not create one."
    return refusal.as_(Rejected, why, code="option_rejected")


def _same(one: str, other: str) -> bool:
    """Return whether two names of terms are the same to WordPress."""
    return html.unescape(one).casefold() == html.unescape(other).casefold()


def _listed(answer: Answer) -> list[dict[str, Any]]:
    """Return a list of objects with ids. Raises PlatformError if it is none."""
    found = answer.json()
    if not isinstance(found, list) or not all(
        isinstance(each, dict) and isinstance(each.get("id"), int) for each in found
    ):
        answer.unreadable("its list could not be read")
    return list(found)
