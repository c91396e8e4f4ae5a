"""Connect an X account: OAuth 2.0 with PKCE, and refresh tokens that work once.

Source: docs.x.com, "OAuth 2.0 Authorization Code Flow with PKCE", "Get authenticated user"
(read 2026-11-24).
"""

import base64
from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import quote, urlencode

from platforms import clock, oauth
from platforms.drafts import Credentials
from platforms.errors import PlatformError, Rejected, Unauthorized, Unavailable
from platforms.http.client import Answer, Client
from platforms.oauth import App, Profile, Tokens
from platforms.x import errors

AUTHORIZE = "https://x.com/i/oauth2/authorize"
TOKEN = "https://api.x.com/2/oauth2/token"  # noqa: S105 - an address
ME = "https://api.x.com/2/users/me"
ACCESS_SECONDS = 7200
#: How X refuses a code or token that is used, rotated, revoked or expired. `invalid_request` also
#: stands for an incomplete form, which is our own fault.
INVALID_GRANT, INVALID_REQUEST, DEAD = "invalid_grant", "invalid_request", "was invalid"


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

    async def refresh(self, app: App, account: Credentials, http: Client) -> Tokens:
        form = {"grant_type": "refresh_token", "refresh_token": account.refresh_token}
        return await _tokens(app, form, http)

    async def profiles(self, app: App, tokens: Tokens, http: Client) -> Sequence[Profile]:
        answer = await http.get(
            ME,
            headers=tokens.bearer,
            params={"user.fields": "profile_image_url,verified_type,subscription_type"},
        )
        user = answer.json().get("data") or {}
        username = answer.take("data", "username")
        return [
            Profile(
                platform_account_id=answer.take("data", "id"),
                name=f"@{username}",
                username=username,
                display_name=str(user.get("name") or ""),
                tokens=tokens,
                avatar_url=str(user.get("profile_image_url") or ""),
                extra={"subscription": str(user.get("subscription_type") or "")},
            )
        ]

    def explain(self, answer: Answer) -> PlatformError:
        body = answer.error_body()
        code, words = str(body.get("error") or ""), str(body.get("error_description") or "")
        if code == INVALID_GRANT or (code == INVALID_REQUEST and DEAD in words):
            return Unauthorized("X no longer accepts this authorization.", platform_code=code)
        if code and 400 <= answer.status < 500:
            return Unavailable(
                f"X does not accept this installation's app: {words}",
                code="app_refused",
                platform_code=code,
            )
        error = errors.explain(answer)
        if isinstance(error, Rejected):
            error.unmapped = True
            return error.as_(Unavailable)
        return error


async def _tokens(app: App, form: Mapping[str, str], http: Client) -> Tokens:
    http.hide(*(form.get(name, "") for name in ("code", "refresh_token", "code_verifier")))
    answer = await http.post(TOKEN, headers=_basic(app), data=form)
    access = answer.take("access_token")
    given = answer.json()
    # There is no refresh token unless `offline.access` was granted.
    refresh = str(given.get("refresh_token") or "")
    http.hide(access, refresh)
    lifetime = timedelta(seconds=float(given.get("expires_in") or ACCESS_SECONDS))
    return Tokens(
        access=access,
        refresh=refresh,
        expires_at=clock.now() + lifetime,
        scopes=tuple(str(given.get("scope") or "").split()),
    )


def _basic(app: App) -> dict[str, str]:
    """The header of a confidential app; X refuses the id in the form alone."""
    pair = base64.b64encode(f"{app.client_id}:{app.client_secret}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}
