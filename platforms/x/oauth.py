"""Connecting an X account: OAuth 2.0 with PKCE, and refresh tokens that work once.

Source: docs.x.com, "OAuth 2.0 Authorization Code Flow with PKCE", "Get authenticated user"
(read 2026-11-24).
"""

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from platforms import oauth
from platforms.base import explain_by_status
from platforms.client import Answer, Client
from platforms.errors import PlatformError, Unauthorized, Unavailable
from platforms.oauth import App, Profile, Tokens

AUTHORIZE = "https://x.com/i/oauth2/authorize"
TOKEN = "https://api.x.com/2/oauth2/token"  # noqa: S105 - an address
ME = "https://api.x.com/2/users/me"
#: Answers by which X refuses the grant itself, for a bad app, and for a used or dead token.
APP_ERRORS = {"invalid_client", "unauthorized_client"}
GRANT_ERRORS = {"invalid_request", "invalid_grant"}


class XOAuth(oauth.OAuth):
    scopes = ("tweet.read", "tweet.write", "users.read", "media.write", "offline.access")

    def authorize_url(self, app: App, redirect_uri: str, state: str, verifier: str) -> str:
        query = {
            "response_type": "code",
            "client_id": app.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(self.scopes),
            "state": state,
            "code_challenge": oauth.challenge(verifier),
            "code_challenge_method": "S256",
        }
        return f"{AUTHORIZE}?{urlencode(query, quote_via=quote)}"

    async def exchange(
        self, app: App, code: str, redirect_uri: str, verifier: str, http: Client
    ) -> Tokens:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        return await _tokens(app, form, http)

    async def refresh(self, app: App, account: Any, http: Client) -> Tokens:
        form = {"grant_type": "refresh_token", "refresh_token": account.refresh_token}
        return await _tokens(app, form, http)

    async def profiles(self, app: App, tokens: Tokens, http: Client) -> Sequence[Profile]:
        answer = await http.get(
            ME,
            headers={"Authorization": f"Bearer {tokens.access}"},
            params={"user.fields": "profile_image_url,verified_type,subscription_type"},
        )
        user = answer.json().get("data") or {}
        username = answer.take("data", "username")
        return [
            Profile(
                platform_account_id=answer.take("data", "id"),
                name=f"@{username}",
                username=username,
                tokens=tokens,
                avatar_url=str(user.get("profile_image_url") or ""),
                extra={"subscription": str(user.get("subscription_type") or "")},
            )
        ]

    def explain(self, answer: Answer) -> PlatformError:
        body = answer.error_body()
        code, words = str(body.get("error", "")), str(body.get("error_description", ""))
        if code in APP_ERRORS:
            return Unavailable(
                f"X does not accept this installation's app: {words}",
                code="app_refused",
                platform_code=code,
            )
        if code in GRANT_ERRORS:
            return Unauthorized("X no longer accepts this authorization.", platform_code=code)
        return explain_by_status("X", answer)


async def _tokens(app: App, form: Mapping[str, str], http: Client) -> Tokens:
    http.hide(*(form.get(name, "") for name in ("code", "refresh_token", "code_verifier")))
    basic = base64.b64encode(f"{app.client_id}:{app.client_secret}".encode()).decode()
    answer = await http.post(TOKEN, headers={"Authorization": f"Basic {basic}"}, data=form)
    access, refresh = answer.take("access_token"), answer.take("refresh_token")
    http.hide(access, refresh)
    lifetime = timedelta(seconds=float(answer.take("expires_in")))
    return Tokens(
        access=access,
        refresh=refresh,
        expires_at=datetime.now(UTC) + lifetime,
        scopes=tuple(answer.take("scope").split()),
    )
