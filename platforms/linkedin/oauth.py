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

from platforms import oauth
from platforms.errors import PlatformError, Unauthorized
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
    """Refreshed or not, an authorization ends a year after the consent."""

    name = "LinkedIn"
    consent_page = f"{OAUTH}/authorization"
    token_endpoint = f"{OAUTH}/accessToken"
    has_pkce = False
    required_fields = ("expires_in",)
    #: Always the same: another list revokes the member's earlier tokens.
    scopes = ("openid", "profile", "w_member_social")
    optional_scopes: ClassVar[tuple[str, ...]] = (
        "w_organization_social",
        "r_organization_social",
        "rw_organization_admin",
    )
    refresh_margin = timedelta(hours=1)

    async def profiles(self, app: App, tokens: Tokens, http: Client) -> Sequence[Profile]:
        member = await _member(tokens, http)
        return [member, *await _pages(tokens, http)]

    def explain(self, answer: Answer) -> PlatformError:
        code, words = oauth.refusal(answer)
        if not code:
            return errors.explain(answer)
        if code == "invalid_grant" or (code == "invalid_request" and GRANT_WORDS.search(words)):
            return Unauthorized(f"LinkedIn refused the authorization: {words}", platform_code=code)
        if code in APP_ERRORS or code == "invalid_request":
            return self.app_refused(words, code)
        return errors.explain(answer)


class MemberOAuth(LinkedInOAuth):
    """For an app that LinkedIn has not approved for organizations: LinkedIn would refuse every
    consent that asks for their scopes."""

    optional_scopes = ()


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
    """Return the pages the member may post for; none if the app or the member may not list them."""
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
    """Return the URN of a role's page; empty if the entry names none.

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
