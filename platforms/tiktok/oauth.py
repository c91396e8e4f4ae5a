"""Connect a TikTok account: Login Kit for Web, with refresh tokens that work once.

Source: TikTok for Developers, Login Kit, Manage User Access Tokens, OAuth error handling, Get User
Info (read 2026-11-24). Three things differ from the standard: the app's id is `client_key`, commas
separate scopes, and a PKCE challenge is in hexadecimal.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from platforms import clock, oauth
from platforms.drafts import Credentials
from platforms.errors import PlatformError, RateLimited, Unauthorized, Unavailable
from platforms.http.client import Answer, Client
from platforms.oauth import App, Profile, Tokens
from platforms.tiktok import api, creator, errors

AUTHORIZE = "https://www.tiktok.com/v2/auth/authorize/"
TOKEN = f"{api.API}/oauth/token/"
USER = f"{api.API}/user/info/"
FIELDS = "open_id,union_id,avatar_url,display_name"
#: Errors of the consent, and of TikTok itself; all others are the app's.
GRANT_ERRORS = {"invalid_grant", "access_denied"}
TROUBLES = {"server_error", "temporarily_unavailable"}


class TikTokOAuth(oauth.OAuth):
    scopes = ("user.info.basic", "video.publish")
    #: Without it, a post whose media TikTok fetches cannot be found after a lost answer.
    optional_scopes = ("video.list",)
    refresh_margin = timedelta(minutes=15)

    def authorize_url(self, app: App, redirect_uri: str, state: str, verifier: str) -> str:
        query = {
            "client_key": app.client_id,
            "response_type": "code",
            "scope": ",".join((*self.scopes, *self.optional_scopes)),
            "redirect_uri": redirect_uri,
            "state": state,
            "code_challenge": challenge(verifier),
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
        return await self._tokens(app, form, http)

    async def refresh(self, app: App, account: Credentials, http: Client) -> Tokens:
        form = {"grant_type": "refresh_token", "refresh_token": account.refresh_token}
        return await self._tokens(app, form, http)

    async def profiles(self, app: App, tokens: Tokens, http: Client) -> Sequence[Profile]:
        answer = await http.get(USER, headers=tokens.bearer, params={"fields": FIELDS})
        found = api.checked(http, answer)
        open_id = found.take("data", "user", "open_id")
        user = api.data(found)["user"]
        name = str(user.get("display_name") or open_id)
        try:
            username = (await creator.ask(http, tokens.access)).username
        except RateLimited:
            # An account that has reached its daily limit may still be connected.
            username = ""
        return [
            Profile(
                platform_account_id=open_id,
                name=f"@{username}" if username else name,
                username=username,
                display_name=name,
                tokens=tokens,
                avatar_url=str(user.get("avatar_url") or ""),
            )
        ]

    def explain(self, answer: Answer) -> PlatformError:
        body = answer.error_body()
        word, words = body.get("error"), str(body.get("error_description") or "")
        if not isinstance(word, str) or not word:
            return errors.explain(answer)
        request_id = str(body.get("log_id") or "")
        if word in GRANT_ERRORS:
            sentence = errors.TOKEN.sentence
            return Unauthorized(sentence, platform_code=word, request_id=request_id)
        if word in TROUBLES or answer.status >= 500:
            sentence = f"TikTok's login is not available: {words}"
            return Unavailable(sentence, platform_code=word, request_id=request_id)
        if answer.status == 429:
            return RateLimited(f"TikTok asks to wait: {words}", platform_code=word)
        return Unavailable(
            f"TikTok does not accept this installation's app: {words or word}",
            code="app_refused",
            platform_code=word,
            request_id=request_id,
        )

    async def _tokens(self, app: App, form: Mapping[str, str], http: Client) -> Tokens:
        secrets = ("code", "refresh_token", "code_verifier")
        http.hide(app.client_secret, *(form.get(name, "") for name in secrets))
        keys = {"client_key": app.client_id, "client_secret": app.client_secret}
        answer = await http.post(TOKEN, data={**keys, **form})
        if "access_token" not in answer.json_object():
            # A refusal may come with a 200.
            raise http.refused(answer)
        access, body = answer.take("access_token"), answer.json_object()
        # Nothing else is required: the refresh token that was sent is used up.
        refresh = str(body.get("refresh_token") or "")
        http.hide(access, refresh)
        return Tokens(
            access=access,
            refresh=refresh,
            expires_at=_after(body.get("expires_in")),
            refresh_expires_at=_after(body.get("refresh_expires_in")),
            scopes=tuple(scope for scope in str(body.get("scope") or "").split(",") if scope),
        )


def _after(seconds: Any) -> datetime | None:
    return clock.now() + timedelta(seconds=float(seconds)) if seconds else None


def challenge(verifier: str) -> str:
    """The S256 challenge of RFC 7636, but in lower-case hexadecimal."""
    return hashlib.sha256(verifier.encode()).hexdigest()
