"""Connect Pages: a person logs in, and each of their Pages has its own token.

A Page token from a long-lived user token does not expire and is never refreshed. It becomes invalid
when the person changes the password, leaves the Page or removes the app.
Source: "Manually Build a Login Flow", "Long-Lived Access Tokens", "Secure Graph API Calls",
"Debug Token" (read 2026-11-24).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from platforms import clock, oauth
from platforms.drafts import Credentials
from platforms.errors import PlatformError, Unauthorized, Unavailable
from platforms.facebook.page import GRAPH, WEBSITE
from platforms.http.client import Answer, Client
from platforms.meta import errors
from platforms.meta.oauth import proof
from platforms.oauth import App, Profile, Tokens
from platforms.refusals import Meaning

FIELDS = "id,name,username,access_token,picture{url}"
#: The Page task that publishing needs.
TASK = "CREATE_CONTENT"

APP = Meaning(Unavailable, "Facebook does not accept this installation's app.", code="app_refused")
USED = Meaning(Unauthorized, "Facebook no longer accepts this authorization.")
MEANINGS: errors.Meanings = {
    # A redirect address that is not the registered one, an unknown app, a wrong proof.
    **{(code, None): APP for code in (3, 101, 191)},
    (100, 36008): APP,
    # A code that was used, that is too old, or that is none.
    **{(100, subcode): USED for subcode in (36007, 36009)},
}
#: Faults of the app's registration that share their code with other things.
APP_WORDS = ("client secret", "appsecret_proof", "redirect_uri")
CODE_WORDS = ("verification code", "authorization code")


class FacebookOAuth(oauth.OAuth):
    """`extra` of a profile keeps `appsecret_proof`: the adapter does not know the app's secret."""

    scopes = ("pages_show_list", "pages_read_engagement", "pages_manage_posts")
    #: For first comments, for seeing them, for videos, and for Pages of a business portfolio.
    optional_scopes = (
        "pages_manage_engagement",
        "pages_read_user_content",
        "publish_video",
        "business_management",
    )

    def authorize_url(self, app: App, redirect_uri: str, state: str, verifier: str) -> str:
        query = {
            "client_id": app.client_id,
            "redirect_uri": redirect_uri,
            "state": state,
            "response_type": "code",
            "scope": ",".join((*self.scopes, *self.optional_scopes)),
        }
        return f"{WEBSITE}/{app.versions.graph}/dialog/oauth?{urlencode(query)}"

    async def exchange(
        self, app: App, code: str, redirect_uri: str, verifier: str, http: Client
    ) -> Tokens:
        """A user token of about 60 days, with what was really granted."""
        http.hide(code, app.client_secret)
        secrets = {"client_id": app.client_id, "client_secret": app.client_secret}
        answer = await http.post(
            _address("oauth/access_token", http),
            data={**secrets, "redirect_uri": redirect_uri, "code": code},
        )
        short = answer.take("access_token")
        http.hide(short)
        long = {"grant_type": "fb_exchange_token", **secrets, "fb_exchange_token": short}
        answer = await http.get(_address("oauth/access_token", http), params=long)
        tokens = _tokens(answer)
        http.hide(tokens.access)
        return replace(tokens, scopes=await _granted(app, tokens.access, http))

    async def profiles(self, app: App, tokens: Tokens, http: Client) -> Sequence[Profile]:
        """The Pages that the person may create content for."""
        http.hide(tokens.access, app.client_secret)
        pages = await _pages(app, tokens.access, http)
        if not pages:
            pages = await _portfolio_pages(app, tokens.access, http)
        return [
            _profile(app, page, tokens, http)
            for page in pages
            if page.get("access_token") and TASK in page.get("tasks", (TASK,))
        ]

    def can_refresh(self, account: Credentials) -> bool:
        return False

    def explain(self, answer: Answer) -> PlatformError:
        said = answer.error_body().get("error")
        words = str(said.get("message", "")).lower() if isinstance(said, dict) else ""
        own = dict(MEANINGS)
        if isinstance(said, dict) and answer.status < 500:
            code = errors.number(said.get("code"))
            subcode = errors.number(said.get("error_subcode"))
            for marks, meaning in ((CODE_WORDS, USED), (APP_WORDS, APP)):
                if any(mark in words for mark in marks):
                    # The later one wins: a code whose redirect_uri differs is the app's fault.
                    own |= {(code, None): meaning, (code, subcode): meaning}
        return errors.explain("Facebook", answer, own)


def _address(path: str, http: Client) -> str:
    return f"{GRAPH}/{http.versions.graph}/{path}"


async def _read(app: App, token: str, path: str, http: Client, params: Mapping[str, str]) -> Answer:
    signed = {**params, "appsecret_proof": proof(app, token)}
    headers = {"Authorization": f"Bearer {token}"}
    return await http.get(_address(path, http), headers=headers, params=signed)


async def _granted(app: App, token: str, http: Client) -> tuple[str, ...]:
    answer = await _read(app, token, "me/permissions", http, {})
    return tuple(
        str(entry["permission"])
        for entry in _entries(answer)
        if entry.get("status") == "granted" and entry.get("permission")
    )


async def _pages(app: App, token: str, http: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    params = {"fields": f"{FIELDS},tasks", "limit": "100"}
    while True:
        answer = await _read(app, token, "me/accounts", http, params)
        found += _entries(answer)
        paging = answer.json().get("paging") or {}
        after = (paging.get("cursors") or {}).get("after")
        # The address under `next` holds the token: the cursor beside it leads to the same page.
        if not paging.get("next") or not after or after == params.get("after"):
            return found
        params["after"] = after


async def _portfolio_pages(app: App, token: str, http: Client) -> list[dict[str, Any]]:
    """Pages of a business portfolio, which the list leaves out although they were granted."""
    answer = await http.get(
        _address("debug_token", http),
        params={
            "input_token": token,
            "access_token": f"{app.client_id}|{app.client_secret}",
        },
    )
    data = answer.json().get("data")
    scopes = data.get("granular_scopes") if isinstance(data, dict) else None
    wanted = [
        str(page_id)
        for entry in scopes or ()
        if entry.get("scope") in ("pages_show_list", "pages_manage_posts")
        for page_id in entry.get("target_ids") or ()
    ]
    found = []
    for page_id in dict.fromkeys(wanted):
        answer = await _read(app, token, page_id, http, {"fields": FIELDS})
        found.append({"id": answer.take("id"), **answer.json()})
    return found


def _profile(app: App, page: Mapping[str, Any], tokens: Tokens, http: Client) -> Profile:
    access = str(page["access_token"])
    http.hide(access)
    picture = (page.get("picture") or {}).get("data") or {}
    return Profile(
        platform_account_id=str(page["id"]),
        name=str(page.get("name") or page["id"]),
        username=str(page.get("username") or page.get("name") or page["id"]),
        tokens=Tokens(access=access, scopes=tokens.scopes),
        avatar_url=str(picture.get("url") or ""),
        kind="page",
        extra={"appsecret_proof": proof(app, access)},
    )


def _tokens(answer: Answer) -> Tokens:
    lifetime = answer.json().get("expires_in")
    until = clock.now() + timedelta(seconds=float(lifetime)) if lifetime else None
    return Tokens(access=answer.take("access_token"), expires_at=until)


def _entries(answer: Answer) -> list[dict[str, Any]]:
    body = answer.json()
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, list):
        answer.unreadable("its answer held no list")
    return [entry for entry in data if isinstance(entry, dict)]
