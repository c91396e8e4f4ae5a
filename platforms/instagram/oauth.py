"""Connect an Instagram account by Instagram itself, without a Facebook Page.

Source: Instagram Platform, "Business Login for Instagram", "Refresh Access Token", "Me"
(read 2026-11-24).
"""

from collections.abc import Mapping
from typing import Any

from platforms.http.client import Client
from platforms.meta.oauth import LongLivedLogin, permissions
from platforms.meta.versions import GRAPH_VERSION


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
