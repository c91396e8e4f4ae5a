"""Connect an Instagram account: by Instagram itself, or by Facebook and a linked Page.

A Page's token does not expire and is not refreshed; a new login replaces a lost one. The proofs
that go with its tokens are computed here, where the app's secret is known.
Source: Instagram Platform, "Get Started", "Business Login for Instagram", "Refresh Access Token",
"Me" (read 2026-11-24).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from platforms.errors import PlatformError
from platforms.http.client import Answer, Client
from platforms.meta import page_login
from platforms.meta.graph import GRAPH_VERSION
from platforms.meta.oauth import LongLivedLogin, permissions, proof
from platforms.oauth import App, Profile, Tokens

PAGE_FIELDS = (
    "id,name,access_token,instagram_business_account{id,username,name,profile_picture_url}"
)
#: Each of these tasks on a Page allows publishing for it.
TASKS = {"CREATE_CONTENT", "MANAGE"}


class FacebookLogin(page_login.PageLogin):
    scopes = (
        "instagram_basic",
        "instagram_content_publish",
        "pages_show_list",
        "pages_read_engagement",
    )
    #: For Pages that belong to a business, and for the first comment.
    optional_scopes = ("business_management", "instagram_manage_comments")
    number_scopes = ("instagram_manage_insights",)

    async def request_tokens(self, app: App, form: Mapping[str, str], http: Client) -> Answer:
        address = page_login.graph_address("oauth/access_token", http)
        return await http.get(address, params={**form, **self.app_keys(app)})

    async def granted(self, app: App, token: str, http: Client) -> tuple[str, ...]:
        facts = await page_login.inspect(app, token, http)
        return tuple(facts.get("scopes") or ())

    async def profiles(self, app: App, tokens: Tokens, http: Client) -> Sequence[Profile]:
        """Return a profile for each Page with an Instagram account."""
        listed = await page_login.listed_pages(app, tokens.access, PAGE_FIELDS, http)
        pages = {page["id"]: page for page in listed}
        facts = await page_login.inspect(app, tokens.access, http)
        for page_id in page_login.granted_pages(facts, "pages_"):
            if page_id not in pages:
                pages[page_id] = await _page(app, page_id, tokens.access, http)
        return [_profile(app, page, tokens) for page in pages.values() if _may_publish(page)]


async def _page(app: App, page_id: str, token: str, http: Client) -> dict[str, Any]:
    """Return a Page by its id, without its tasks; empty if it cannot be read."""
    try:
        answer = await page_login.read(app, token, page_id, http, fields=PAGE_FIELDS)
    except PlatformError:
        return {}
    facts: dict[str, Any] = answer.json()
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
            "proof": proof(app, token),
            "user_token": tokens.access,
            "user_proof": proof(app, tokens.access),
        },
    )


class InstagramLogin(LongLivedLogin):
    name = "Instagram"
    consent_page = "https://www.instagram.com/oauth/authorize"
    token_endpoint = "https://api.instagram.com/oauth/access_token"  # noqa: S105 - an address
    version = GRAPH_VERSION
    graph = "https://graph.instagram.com"
    grant_prefix = "ig"
    id_field, picture_field = "user_id", "profile_picture_url"
    more_fields = ",account_type"
    scopes = ("instagram_business_basic", "instagram_business_content_publish")
    #: For the first comment.
    optional_scopes = ("instagram_business_manage_comments",)
    number_scopes = ("instagram_business_manage_insights",)

    async def granted(self, facts: Mapping[str, Any], token: str, http: Client) -> tuple[str, ...]:
        return permissions(facts)
