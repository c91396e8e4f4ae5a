"""Connect an X account: OAuth 2.0 with PKCE, and refresh tokens that work once.

Source: docs.x.com, "OAuth 2.0 Authorization Code Flow with PKCE", "Get authenticated user"
(read 2026-11-24).
"""

import base64
from collections.abc import Mapping, Sequence

from platforms import oauth
from platforms.errors import PlatformError, Rejected, Unauthorized, Unavailable
from platforms.http.client import Answer, Client
from platforms.oauth import App, Profile, Tokens
from platforms.x import errors

ME = "https://api.x.com/2/users/me"
#: How X refuses a code or token that is used, rotated, revoked or expired. `invalid_request` also
#: stands for an incomplete form, which is our own fault.
INVALID_GRANT, INVALID_REQUEST, DEAD = "invalid_grant", "invalid_request", "was invalid"


class XOAuth(oauth.OAuth):
    """There is no refresh token unless `offline.access` was granted."""

    name = "X"
    consent_page = "https://x.com/i/oauth2/authorize"
    token_endpoint = "https://api.x.com/2/oauth2/token"  # noqa: S105 - an address
    scopes = ("tweet.read", "tweet.write", "users.read", "media.write", "offline.access")
    default_seconds = 7200

    async def request_tokens(self, app: App, form: Mapping[str, str], http: Client) -> Answer:
        """X takes the id and secret of a confidential app in the header alone."""
        pair = base64.b64encode(f"{app.client_id}:{app.client_secret}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}"}
        return await http.post(self.token_endpoint, headers=headers, data=form)

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
            return self.app_refused(words, code)
        error = errors.explain(answer)
        if isinstance(error, Rejected):
            error.unmapped = True
            return error.as_(Unavailable)
        return error
