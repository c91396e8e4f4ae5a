"""Connect LinkedIn: one consent for a member and for all pages that the member may post for.

Source: Microsoft Learn, "Authorization Code Flow", "Programmatic Refresh Tokens", "Sign In
with LinkedIn using OpenID Connect", "Organization Access Control" (read 2026-11-24). That a new
token works only after some seconds was seen by others.
"""

import asyncio
import itertools
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from platforms import clock, oauth
from platforms.drafts import Credentials
from platforms.errors import PlatformError, Unauthorized, Unavailable
from platforms.http.client import Answer, Client
from platforms.linkedin import errors, rest
from platforms.oauth import App, Profile, Tokens

OAUTH = "https://www.linkedin.com/oauth/v2"
USERINFO = "https://api.linkedin.com/v2/userinfo"
#: The roles that may post for a page. LinkedIn documents both names of the second.
POSTING_ROLES = {
    "ADMINISTRATOR",
    "CONTENT_ADMIN",
    "CONTENT_ADMINISTRATOR",
    "DIRECT_SPONSORED_CONTENT_POSTER",
}
PAGE_SIZE = 100
#: Pauses before a new token is tried again: it may be refused for some seconds.
SETTLING_SECONDS = (0.5, 1, 2, 4, 8, 15)
APP_ERRORS = {"invalid_client", "unauthorized_client", "unsupported_grant_type"}
#: How LinkedIn refuses the code or the refresh token; `invalid_request` alone says nothing.
GRANT_WORDS = re.compile(r"authorization (?:grant|code)|refresh token|code expired", re.IGNORECASE)
FORBIDDEN = 403


class LinkedInOAuth(oauth.OAuth):
    scopes = ("openid", "profile", "w_member_social")
    optional_scopes: ClassVar[tuple[str, ...]] = (
        "w_organization_social",
        "r_organization_social",
        "rw_organization_admin",
    )
    refresh_margin = timedelta(hours=1)

    def authorize_url(self, app: App, redirect_uri: str, state: str, verifier: str) -> str:
        # Always the same list: another one revokes the member's earlier tokens.
        query = {
            "response_type": "code",
            "client_id": app.client_id,
            "redirect_uri": redirect_uri,
            "state": state,
            "scope": " ".join((*self.scopes, *self.optional_scopes)),
        }
        return f"{OAUTH}/authorization?{urlencode(query, quote_via=quote)}"

    async def exchange(
        self, app: App, code: str, redirect_uri: str, verifier: str, http: Client
    ) -> Tokens:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        return await _tokens(app, form, http)

    async def refresh(self, app: App, account: Credentials, http: Client) -> Tokens:
        """The refresh token still expires a year after the consent."""
        form = {"grant_type": "refresh_token", "refresh_token": account.refresh_token}
        return await _tokens(app, form, http)

    async def profiles(self, app: App, tokens: Tokens, http: Client) -> Sequence[Profile]:
        member = await _member(tokens, http)
        return [member, *await _pages(tokens, http)]

    def explain(self, answer: Answer) -> PlatformError:
        body = answer.error_body()
        code, words = str(body.get("error", "")), str(body.get("error_description", ""))
        if not code:
            return errors.explain(answer)
        if code == "invalid_grant" or (code == "invalid_request" and GRANT_WORDS.search(words)):
            return Unauthorized(f"LinkedIn refused the authorization: {words}", platform_code=code)
        if code in APP_ERRORS or code == "invalid_request":
            return Unavailable(
                f"LinkedIn does not accept this installation's app: {words}",
                code="app_refused",
                platform_code=code,
            )
        return errors.explain(answer)


class MemberOAuth(LinkedInOAuth):
    """For an app that LinkedIn has not approved for organizations: LinkedIn would refuse every
    consent that asks for their scopes."""

    optional_scopes = ()


async def _tokens(app: App, form: Mapping[str, str], http: Client) -> Tokens:
    http.hide(app.client_secret, *(form.get(name, "") for name in ("code", "refresh_token")))
    now = clock.now()
    # LinkedIn accepts the app's secret in the body only.
    app_keys = {"client_id": app.client_id, "client_secret": app.client_secret}
    answer = await http.post(f"{OAUTH}/accessToken", data={**form, **app_keys})
    said, access = answer.json(), answer.take("access_token")
    refresh = str(said.get("refresh_token") or "")
    http.hide(access, refresh, str(said.get("id_token") or ""))
    refresh_seconds = said.get("refresh_token_expires_in")
    return Tokens(
        access=access,
        refresh=refresh,
        expires_at=now + timedelta(seconds=float(answer.take("expires_in"))),
        refresh_expires_at=now + timedelta(seconds=refresh_seconds) if refresh_seconds else None,
        scopes=_split(said.get("scope", "")),
    )


def _split(scope: str) -> tuple[str, ...]:
    """LinkedIn separates scopes with commas or with spaces."""
    return tuple(scope.replace(",", " ").split())


async def _member(tokens: Tokens, http: Client) -> Profile:
    answer = await _userinfo(tokens, http)
    sub = answer.take("sub")
    user = answer.json()
    return Profile(
        platform_account_id=sub,
        name=str(user.get("name") or sub),
        # LinkedIn does not give the name in the URL of a member's profile.
        username="",
        tokens=tokens,
        avatar_url=str(user.get("picture") or ""),
        kind="member",
        extra={"author": f"urn:li:person:{sub}"},
    )


async def _userinfo(tokens: Tokens, http: Client) -> Answer:
    for pause in SETTLING_SECONDS:
        try:
            return await http.get(USERINFO, headers=tokens.bearer)
        except Unauthorized as error:
            if error.platform_code != "REVOKED_ACCESS_TOKEN":
                raise
            await asyncio.sleep(pause)
    return await http.get(USERINFO, headers=tokens.bearer)


async def _pages(tokens: Tokens, http: Client) -> list[Profile]:
    """The pages that the member may post for; none if the app or the member may not list them."""
    if not {"w_organization_social", "rw_organization_admin"} <= set(tokens.scopes):
        return []
    return [await _page(urn, tokens, http) for urn in await _administered(tokens, http)]


async def _administered(tokens: Tokens, http: Client) -> list[str]:
    urns: list[str] = []
    params = {"q": "roleAssignee", "state": "APPROVED", "count": str(PAGE_SIZE)}
    for start in itertools.count(0, PAGE_SIZE):
        answer = await http.get(
            f"{rest.API}/organizationAcls",
            headers=rest.headers(tokens.access, http, "FINDER"),
            params={**params, "start": str(start)},
            accept=(FORBIDDEN,),
        )
        found: list[dict[str, Any]] = answer.json().get("elements", [])
        urns += [_organization(entry) for entry in found if _may_post(entry)]
        if len(found) < PAGE_SIZE:
            break
    # A page where the member has two roles is listed twice.
    return list(dict.fromkeys(filter(None, urns)))


def _may_post(entry: Mapping[str, Any]) -> bool:
    return entry.get("role") in POSTING_ROLES and entry.get("state") == "APPROVED"


def _organization(entry: Mapping[str, Any]) -> str:
    """The URN of a role's page; empty if the entry names none.

    LinkedIn answers `organization` or `organizationTarget`, by version and account.
    """
    return str(entry.get("organization") or entry.get("organizationTarget") or "")


async def _page(urn: str, tokens: Tokens, http: Client) -> Profile:
    number = urn.rpartition(":")[2]
    answer = await http.get(
        f"{rest.API}/organizations/{number}", headers=rest.headers(tokens.access, http)
    )
    page = answer.json()
    return Profile(
        platform_account_id=number,
        name=str(page.get("localizedName") or number),
        username=str(page.get("vanityName") or ""),
        tokens=tokens,
        kind="organization",
        extra={"author": urn},
    )
