"""Connect a YouTube channel: Google's OAuth 2.0 for web servers.

The person chooses a channel on the consent page; the tokens are for that channel only. Refresh
tokens are not rotated, and come only with a new consent, so consent is always requested.

Source: Google Identity, "Using OAuth 2.0 for Web Server Applications", "How to handle granular
permissions", "OAuth 2.0 to Access Google APIs"; YouTube Data API, channels.list (read 2026-11-24).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from platforms import clock, oauth
from platforms.drafts import Credentials
from platforms.errors import PlatformError, Unauthorized, Unavailable
from platforms.http.client import Answer, Client
from platforms.oauth import App, Profile, Tokens
from platforms.refusals import explain_by_status
from platforms.youtube import errors

AUTHORIZE = "https://accounts.google.com/o/oauth2/v2/auth"
TOKEN = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
CHANNELS = "https://www.googleapis.com/youtube/v3/channels"
SCOPE = "https://www.googleapis.com/auth/"
#: How Google refuses the app, for any account.
APP_ERRORS = {
    "deleted_client",
    "disabled_client",
    "invalid_client",
    "invalid_request",
    "invalid_scope",
    "org_internal",
    "redirect_uri_mismatch",
    "unauthorized_client",
    "unsupported_grant_type",
}
#: How Google refuses the grant, with the code and sentence for customers.
GRANT_ERRORS: Mapping[str, tuple[str, str]] = {
    "invalid_grant": (
        "account_needs_reconnection",
        "Google no longer accepts this authorization; reconnect the account.",
    ),
    "admin_policy_enforced": (
        "account_restricted",
        "The administrator of this Google account does not allow it to be connected.",
    ),
}
UNREFRESHABLE = "Google gave no refresh token; connect the channel again."


class GoogleOAuth(oauth.OAuth):
    """One profile, the channel. Its `extra` holds `uploads_playlist_id`."""

    scopes = (f"{SCOPE}youtube.upload", f"{SCOPE}youtube.readonly")

    def authorize_url(self, app: App, redirect_uri: str, state: str, verifier: str) -> str:
        query = {
            "response_type": "code",
            "client_id": app.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(self.scopes),
            "state": state,
            "access_type": "offline",
            "prompt": "consent",
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
        tokens = await _tokens(app, form, http)
        if not tokens.refresh:
            raise Unauthorized(UNREFRESHABLE, platform_code="no_refresh_token")
        return tokens

    async def refresh(self, app: App, account: Credentials, http: Client) -> Tokens:
        form = {"grant_type": "refresh_token", "refresh_token": account.refresh_token}
        return await _tokens(app, form, http)

    async def profiles(self, app: App, tokens: Tokens, http: Client) -> Sequence[Profile]:
        """The channel; empty if the Google account has none."""
        http.hide(tokens.access, tokens.refresh)
        try:
            answer = await http.get(
                CHANNELS,
                headers=tokens.bearer,
                params={"part": "id,snippet,contentDetails", "mine": "true"},
            )
        except Unauthorized as refusal:
            if refusal.platform_code == "youtubeSignupRequired":
                return []
            raise
        items = answer.json().get("items") or []
        return [_profile(answer, channel, tokens) for channel in items[:1]]

    def explain(self, answer: Answer) -> PlatformError:
        body = answer.error_body()
        if isinstance(body.get("error"), dict):
            return errors.explain(answer)
        word, said = str(body.get("error", "")), str(body.get("error_description", ""))
        if word in GRANT_ERRORS:
            code, message = GRANT_ERRORS[word]
            return Unauthorized(message, code=code, platform_code=word)
        if word in APP_ERRORS:
            return Unavailable(
                f"Google does not accept this installation's app: {said or word}",
                code="app_refused",
                platform_code=word,
            )
        if answer.status == 429 or answer.status >= 500:
            return explain_by_status("Google", answer)
        # Only a refusal that names the grant concerns the account.
        message = f"Google answered {answer.status}."
        return Unavailable(message, platform_code=word, unmapped=True)


async def _tokens(app: App, form: Mapping[str, str], http: Client) -> Tokens:
    http.hide(app.client_secret)
    http.hide(*(form.get(name, "") for name in ("code", "refresh_token", "code_verifier")))
    sent = {**form, "client_id": app.client_id, "client_secret": app.client_secret}
    answer = await http.post(TOKEN, data=sent)
    access, body = answer.take("access_token"), answer.json_object()
    refresh = str(body.get("refresh_token") or "")
    http.hide(access, refresh)
    refresh_seconds = body.get("refresh_token_expires_in")
    return Tokens(
        access=access,
        refresh=refresh,
        expires_at=_after(float(answer.take("expires_in"))),
        # Given only if the permission is limited in time.
        refresh_expires_at=_after(float(refresh_seconds)) if refresh_seconds else None,
        scopes=tuple(answer.take("scope").split()),
    )


def _after(seconds: float) -> datetime:
    return clock.now() + timedelta(seconds=seconds)


def _profile(answer: Answer, channel: Mapping[str, Any], tokens: Tokens) -> Profile:
    snippet = channel.get("snippet") or {}
    lists = (channel.get("contentDetails") or {}).get("relatedPlaylists") or {}
    pictures = snippet.get("thumbnails") or {}
    channel_id = answer.take("items", 0, "id")
    uploads = str(lists.get("uploads") or "")
    return Profile(
        platform_account_id=channel_id,
        name=str(snippet.get("title") or channel_id),
        username=str(snippet.get("customUrl") or channel_id).removeprefix("@"),
        tokens=tokens,
        avatar_url=str((pictures.get("default") or {}).get("url") or ""),
        kind="channel",
        extra={"uploads_playlist_id": uploads} if uploads else {},
    )
