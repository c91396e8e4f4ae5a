"""Connect a Threads profile. The Meta app has a separate id and secret for Threads.

Tokens live for 60 days and renew themselves; there is no refresh token.
Source: Threads API, "Get Access Tokens and Permissions", "Long-Lived Tokens", "Retrieve User
Profiles" (read 2026-11-24).
"""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlencode

from platforms import oauth
from platforms.drafts import Credentials
from platforms.errors import PlatformError
from platforms.http.client import Answer, Client
from platforms.meta import oauth as meta_oauth
from platforms.oauth import App, Profile, Tokens

AUTHORIZE = "https://threads.net/oauth/authorize"
GRAPH = "https://graph.threads.net"
PROFILE_FIELDS = "id,username,name,threads_profile_picture_url"


class ThreadsLogin(oauth.OAuth):
    scopes = ("threads_basic", "threads_content_publish")
    #: For threads: to read how many replies are left, and to find one whose answer was lost.
    optional_scopes = ("threads_manage_replies", "threads_read_replies")
    refresh_margin = timedelta(days=7)

    def authorize_url(self, app: App, redirect_uri: str, state: str, verifier: str) -> str:
        query = {
            "client_id": app.client_id,
            "redirect_uri": redirect_uri,
            "scope": ",".join((*self.scopes, *self.optional_scopes)),
            "response_type": "code",
            "state": state,
        }
        return f"{AUTHORIZE}?{urlencode(query)}"

    async def exchange(
        self, app: App, code: str, redirect_uri: str, verifier: str, http: Client
    ) -> Tokens:
        code = code.removesuffix("#_")
        http.hide(code, app.client_secret)
        form = {
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            "code": code,
            "grant_type": "authorization_code",
            "redirect_uri": redirect_uri,
        }
        short = (await http.post(f"{GRAPH}/oauth/access_token", data=form)).take("access_token")
        http.hide(short)
        scopes = await _scopes(short, http)
        query = {"grant_type": "th_exchange_token", "client_secret": app.client_secret}
        return await meta_oauth.long_lived(f"{GRAPH}/access_token", query, short, scopes, http)

    def can_refresh(self, account: Credentials) -> bool:
        return bool(account.token)

    async def refresh(self, app: App, account: Credentials, http: Client) -> Tokens:
        """A token for 60 more days. Threads refuses this before the old one is a day old."""
        url, query = f"{GRAPH}/refresh_access_token", {"grant_type": "th_refresh_token"}
        return await meta_oauth.long_lived(url, query, account.token, account.scopes, http)

    async def profiles(self, app: App, tokens: Tokens, http: Client) -> Sequence[Profile]:
        answer = await http.get(
            f"{GRAPH}/{http.versions.threads}/me",
            headers=tokens.bearer,
            params={"fields": PROFILE_FIELDS},
        )
        username = answer.take("username")
        return [
            Profile(
                platform_account_id=answer.take("id"),
                name=f"@{username}",
                username=username,
                display_name=str(answer.json().get("name") or ""),
                tokens=tokens,
                avatar_url=str(answer.json().get("threads_profile_picture_url") or ""),
            )
        ]

    def explain(self, answer: Answer) -> PlatformError:
        return meta_oauth.explain("Threads", answer)


async def _scopes(token: str, http: Client) -> tuple[str, ...]:
    """The granted scopes, as Threads describes a token; empty if it does not."""
    params = {"input_token": token, "access_token": token}
    answer = await http.get(f"{GRAPH}/{http.versions.threads}/debug_token", params=params)
    facts = answer.json().get("data") or {}
    return tuple(map(str, facts.get("scopes") or ()))
