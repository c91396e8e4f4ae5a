"""Facebook Login, by which a person connects Pages or the Instagram accounts linked to them.

A Page token from a long-lived user token does not expire and is never refreshed. It becomes invalid
when the person changes the password, leaves the Page or removes the app.
Source: Facebook Login, "Manually Build a Login Flow", "Long-Lived Access Tokens", "Debug Token";
Graph API, "Secure Graph API Calls" (read 2026-11-24).
"""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from platforms.drafts import Credentials
from platforms.errors import Unavailable
from platforms.http.client import Answer, Client
from platforms.meta.graph import GRAPH_VERSION
from platforms.meta.listing import following
from platforms.meta.oauth import MetaLogin, proof
from platforms.oauth import App, Tokens, expiry

GRAPH = "https://graph.facebook.com"
WEBSITE = "https://www.facebook.com"


class PageLogin(MetaLogin):
    name = "Facebook"

    def consent_address(self, app: App) -> str:
        return f"{WEBSITE}/{GRAPH_VERSION.chosen(app.versions)}/dialog/oauth"

    async def tokens(self, app: App, form: Mapping[str, str], http: Client) -> Tokens:
        """Return a user token of about 60 days, with the scopes that were really granted."""
        http.hide(form["code"], app.client_secret)
        # Facebook documents no grant type for a code.
        code = {"redirect_uri": form["redirect_uri"], "code": form["code"]}
        short = (await self.request_tokens(app, code, http)).take("access_token")
        http.hide(short)
        grant = {"grant_type": "fb_exchange_token", "fb_exchange_token": short}
        extend = {**self.app_keys(app), **grant}
        answer = await http.get(graph_address("oauth/access_token", http), params=extend)
        access = answer.take("access_token")
        http.hide(access)
        # Facebook leaves `expires_in` out if the token does not expire.
        tokens = Tokens(access=access, expires_at=expiry(answer.json().get("expires_in")))
        return replace(tokens, scopes=await self.granted(app, access, http))

    async def request_tokens(self, app: App, form: Mapping[str, str], http: Client) -> Answer:
        address = graph_address("oauth/access_token", http)
        return await http.post(address, data={**form, **self.app_keys(app)})

    @abstractmethod
    async def granted(self, app: App, token: str, http: Client) -> tuple[str, ...]:
        """Return the scopes that were granted to a user token."""

    def can_refresh(self, account: Credentials) -> bool:
        return False

    async def refresh(self, app: App, account: Credentials, http: Client) -> Tokens:
        raise Unavailable("This network's tokens are not refreshed.", code="internal_error")


def graph_address(path: str, http: Client) -> str:
    return f"{GRAPH}/{GRAPH_VERSION.chosen(http.versions)}/{path}"


async def read(app: App, token: str, path: str, http: Client, **params: str) -> Answer:
    """Return an answer to a call that a user token authorizes, with the app's proof."""
    headers = {"Authorization": f"Bearer {token}"}
    signed = {**params, "appsecret_proof": proof(app, token)}
    return await http.get(graph_address(path, http), headers=headers, params=signed)


async def inspect(app: App, token: str, http: Client) -> Mapping[str, Any]:
    """Return the facts about a token: its scopes and grants."""
    params = {"input_token": token, "access_token": f"{app.client_id}|{app.client_secret}"}
    answer = await http.get(graph_address("debug_token", http), params=params)
    data = answer.json().get("data")
    return data if isinstance(data, dict) else {}


def granted_pages(facts: Mapping[str, Any], *scopes: str) -> Iterator[str]:
    """Return the Pages granted one by one for scopes that begin with one of `scopes`.

    The list of a person's Pages leaves out those of a business portfolio although they were
    granted.
    """
    for entry in facts.get("granular_scopes") or ():
        if str(entry.get("scope", "")).startswith(scopes):
            yield from map(str, entry.get("target_ids") or ())


async def listed_pages(app: App, token: str, fields: str, http: Client) -> list[dict[str, Any]]:
    """Return the person's Pages, with their `tasks`: what the person may do there."""
    found: list[dict[str, Any]] = []
    params = {"fields": f"{fields},tasks", "limit": "100"}
    while True:
        answer = await read(app, token, "me/accounts", http, **params)
        found += entries(answer)
        after = following(answer)
        if not after or after.items() <= params.items():
            return found
        params |= after


def entries(answer: Answer) -> list[dict[str, Any]]:
    return [entry for entry in answer.take_list("data") if isinstance(entry, dict)]
