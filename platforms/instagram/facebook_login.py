"""Connect Instagram accounts that are linked to a Page, by Facebook.

The Page's token does not expire and is not refreshed; a new login replaces a lost one. The proofs
that go with the tokens are computed here, where the app's secret is known.
Source: Facebook Login, "Manually Build a Login Flow", "Long-Lived Tokens", "Securing Graph API
Requests"; Instagram Platform, "Get Started" (read 2026-11-24).
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from platforms import clock, oauth
from platforms.errors import PlatformError
from platforms.http.client import Answer, Client
from platforms.meta import oauth as meta_oauth
from platforms.oauth import App, Profile, Tokens

WEBSITE = "https://www.facebook.com"
GRAPH = "https://graph.facebook.com"
PAGE_FIELDS = (
    "id,name,access_token,instagram_business_account{id,username,name,profile_picture_url}"
)
#: Pages in the list say what the person may do there; Pages that are read by id do not.
LISTED_FIELDS = f"{PAGE_FIELDS},tasks"
#: Each of these tasks on a Page allows publishing for it.
TASKS = {"CREATE_CONTENT", "MANAGE"}


class FacebookLogin(oauth.OAuth):
    scopes = (
        "instagram_basic",
        "instagram_content_publish",
        "pages_show_list",
        "pages_read_engagement",
    )
    #: For Pages that belong to a business, and for the first comment.
    optional_scopes = ("business_management", "instagram_manage_comments")

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
        code = code.removesuffix("#_")
        http.hide(code, app.client_secret)
        secret = {"client_id": app.client_id, "client_secret": app.client_secret}
        redeem = {**secret, "redirect_uri": redirect_uri, "code": code}
        token_address = _address("oauth/access_token", http)
        short = (await http.get(token_address, params=redeem)).take("access_token")
        http.hide(short)
        extend = {**secret, "grant_type": "fb_exchange_token", "fb_exchange_token": short}
        answer = await http.get(token_address, params=extend)
        access = answer.take("access_token")
        http.hide(access)
        # Left out if the token does not expire.
        seconds = answer.json().get("expires_in")
        facts = await _inspect(app, access, http)
        return Tokens(
            access=access,
            expires_at=clock.now() + timedelta(seconds=float(seconds)) if seconds else None,
            scopes=tuple(facts.get("scopes") or ()),
        )

    async def profiles(self, app: App, tokens: Tokens, http: Client) -> Sequence[Profile]:
        """One for each Page with an Instagram account.

        A person's list leaves out Pages of a business even if they were granted, so these are
        fetched by the ids in the token's grants.
        """
        pages = {page["id"]: page async for page in _pages(app, tokens.access, http)}
        for page_id in _granted(await _inspect(app, tokens.access, http)):
            if page_id not in pages:
                pages[page_id] = await _page(app, page_id, tokens.access, http)
        return [_profile(app, page, tokens) for page in pages.values() if _may_publish(page)]

    def explain(self, answer: Answer) -> PlatformError:
        return meta_oauth.explain("Facebook", answer)


def _address(path: str, http: Client) -> str:
    return f"{GRAPH}/{http.versions.graph}/{path}"


async def _inspect(app: App, token: str, http: Client) -> Mapping[str, Any]:
    """The facts about a token: its scopes and grants."""
    params = {"input_token": token, "access_token": f"{app.client_id}|{app.client_secret}"}
    answer = await http.get(_address("debug_token", http), params=params)
    facts: Mapping[str, Any] = answer.json().get("data") or {}
    return facts


def _granted(facts: Mapping[str, Any]) -> Iterator[str]:
    """The Pages that were granted to a token one by one."""
    for entry in facts.get("granular_scopes") or ():
        if str(entry.get("scope", "")).startswith("pages_"):
            yield from map(str, entry.get("target_ids") or ())


async def _pages(app: App, token: str, http: Client) -> AsyncIterator[Mapping[str, Any]]:
    query = {
        "fields": LISTED_FIELDS,
        "limit": "100",
        "appsecret_proof": meta_oauth.proof(app, token),
    }
    while True:
        answer = await http.get(_address("me/accounts", http), headers=_bearer(token), params=query)
        body = answer.json()
        for page in body.get("data") or ():
            yield page
        paging = body.get("paging") or {}
        if "next" not in paging:
            return
        query["after"] = paging["cursors"]["after"]


async def _page(app: App, page_id: str, token: str, http: Client) -> Mapping[str, Any]:
    """A Page by its id; empty if it cannot be read."""
    query = {"fields": PAGE_FIELDS, "appsecret_proof": meta_oauth.proof(app, token)}
    try:
        answer = await http.get(_address(page_id, http), headers=_bearer(token), params=query)
    except PlatformError:
        return {}
    facts: Mapping[str, Any] = answer.json()
    return facts


def _may_publish(page: Mapping[str, Any]) -> bool:
    has_task = TASKS & set(page.get("tasks") or TASKS)
    return bool(has_task and page.get("access_token") and page.get("instagram_business_account"))


def _profile(app: App, page: Mapping[str, Any], tokens: Tokens) -> Profile:
    user, token = page["instagram_business_account"], str(page["access_token"])
    return Profile(
        platform_account_id=str(user["id"]),
        name=f"@{user['username']}",
        username=str(user["username"]),
        display_name=str(user.get("name") or ""),
        tokens=Tokens(access=token, scopes=tokens.scopes),
        avatar_url=str(user.get("profile_picture_url") or ""),
        kind="professional account",
        extra={
            "page_id": str(page["id"]),
            "proof": meta_oauth.proof(app, token),
            "user_token": tokens.access,
            "user_proof": meta_oauth.proof(app, tokens.access),
        },
    )


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
