"""Connect a Threads profile. The Meta app has a separate id and secret for Threads.

Source: Threads API, "Get Access Tokens and Permissions", "Long-Lived Tokens", "Retrieve User
Profiles" (read 2026-11-24).
"""

from collections.abc import Mapping
from typing import Any

from platforms.http.client import Client
from platforms.http.versions import ApiVersion
from platforms.meta.graph import VERSION_FORM, VERSION_IN_WORDS
from platforms.meta.oauth import LongLivedLogin

GRAPH = "https://graph.threads.net"
VERSION = ApiVersion("threads", "v1.0", VERSION_FORM, VERSION_IN_WORDS)


class ThreadsLogin(LongLivedLogin):
    name = "Threads"
    consent_page = "https://threads.net/oauth/authorize"
    token_endpoint = f"{GRAPH}/oauth/access_token"
    version = VERSION
    graph = GRAPH
    grant_prefix = "th"
    id_field, picture_field = "id", "threads_profile_picture_url"
    scopes = ("threads_basic", "threads_content_publish")
    #: For threads: to read how many replies are left, and to find one whose answer was lost.
    optional_scopes = ("threads_manage_replies", "threads_read_replies")

    #: Source: Threads API, "Delete Posts" (read 2026-11-26).
    deletion_scopes = ("threads_delete",)
    number_scopes = ("threads_manage_insights",)

    async def granted(self, facts: Mapping[str, Any], token: str, http: Client) -> tuple[str, ...]:
        """Return the scopes that Threads names for a token; empty if it names none."""
        params = {"input_token": token, "access_token": token}
        answer = await http.get(
            f"{GRAPH}/{VERSION.chosen(http.versions)}/debug_token", params=params
        )
        described = answer.json().get("data") or {}
        return tuple(map(str, described.get("scopes") or ()))
