"""Connect an Instagram account by Instagram itself, without a Facebook Page.

Tokens live for 60 days and renew themselves; there is no refresh token.
Source: Instagram Platform, "Business Login for Instagram", "Refresh Access Token", "Me"
(read 2026-11-24). Answers are documented with a `data` wrapper and also come flat; both are read.
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

AUTHORIZE = "https://www.instagram.com/oauth/authorize"
CODE = "https://api.instagram.com/oauth/access_token"
GRAPH = "https://graph.instagram.com"
PROFILE_FIELDS = "user_id,username,name,account_type,profile_picture_url"
#: Only professional accounts may publish.
PERSONAL = "PERSONAL"


class InstagramLogin(oauth.OAuth):
    scopes = ("instagram_business_basic", "instagram_business_content_publish")
    #: For the first comment.
    optional_scopes = ("instagram_business_manage_comments",)
    refresh_margin = timedelta(days=7)

    def authorize_url(self, app: App, redirect_uri: str, state: str, verifier: str) -> str:
        query = {
            "client_id": app.client_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": ",".join((*self.scopes, *self.optional_scopes)),
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
            "grant_type": "authorization_code",
            "redirect_uri": redirect_uri,
            "code": code,
        }
        answer = await http.post(CODE, data=form)
        first = meta_oauth.unwrapped(answer)
        short = str(first.get("access_token") or answer.take("access_token"))
        query = {"grant_type": "ig_exchange_token", "client_secret": app.client_secret}
        granted = meta_oauth.permissions(first)
        return await meta_oauth.long_lived(f"{GRAPH}/access_token", query, short, granted, http)

    def can_refresh(self, account: Credentials) -> bool:
        return bool(account.token)

    async def refresh(self, app: App, account: Credentials, http: Client) -> Tokens:
        """A token for 60 more days. Instagram refuses this before the old one is a day old."""
        query = {"grant_type": "ig_refresh_token"}
        url = f"{GRAPH}/refresh_access_token"
        return await meta_oauth.long_lived(url, query, account.token, account.scopes, http)

    async def profiles(self, app: App, tokens: Tokens, http: Client) -> Sequence[Profile]:
        answer = await http.get(
            f"{GRAPH}/{http.versions.graph}/me",
            headers=tokens.bearer,
            params={"fields": PROFILE_FIELDS},
        )
        me = meta_oauth.unwrapped(answer)
        user_id, username = str(me.get("user_id") or ""), str(me.get("username") or "")
        if not user_id or not username:
            answer.unreadable("it did not say whose authorization it is")
        if str(me.get("account_type", "")).upper() == PERSONAL:
            return []
        return [
            Profile(
                platform_account_id=user_id,
                name=f"@{username}",
                username=username,
                display_name=str(me.get("name") or ""),
                tokens=tokens,
                avatar_url=str(me.get("profile_picture_url") or ""),
            )
        ]

    def explain(self, answer: Answer) -> PlatformError:
        return meta_oauth.explain("Instagram", answer)
