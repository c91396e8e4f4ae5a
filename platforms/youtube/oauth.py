"""Connect a YouTube channel: Google's OAuth 2.0 for web servers.

The person chooses a channel on the consent page; the tokens are for that channel only. Refresh
tokens are not rotated, and come only with a new consent, so consent is always requested.

Source: Google Identity, "Using OAuth 2.0 for Web Server Applications", "How to handle granular
permissions", "OAuth 2.0 to Access Google APIs"; YouTube Data API, channels.list (read 2026-11-24).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from platforms import oauth
from platforms.errors import PlatformError, Unauthorized, Unavailable
from platforms.http.client import Answer, Client
from platforms.http.redaction import Secret
from platforms.http.refusals import explain_by_status
from platforms.oauth import App, Profile, Tokens
from platforms.youtube import errors

CHANNELS = "https://www.googleapis.com/youtube/v3/channels"
SCOPE = "https://www.googleapis.com/auth/"
TOKENS = Secret(("ya29.", "GOCSPX-", "1//0"), re.compile(r"\b(?:ya29\.|GOCSPX-|1//0)[\w.-]{9,}"))
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

    name = "Google"
    consent_page = "https://accounts.google.com/o/oauth2/v2/auth"
    token_endpoint = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
    scopes = (f"{SCOPE}youtube.upload", f"{SCOPE}youtube.readonly")
    #: Sensitive scopes: Google reviews an app for them.
    deletion_scopes = (f"{SCOPE}youtube.force-ssl", f"{SCOPE}youtube")
    consent_options: ClassVar[Mapping[str, str]] = {"access_type": "offline", "prompt": "consent"}
    required_fields = ("expires_in", "scope")

    async def exchange(
        self, app: App, code: str, redirect_uri: str, verifier: str, http: Client
    ) -> Tokens:
        tokens = await super().exchange(app, code, redirect_uri, verifier, http)
        if not tokens.refresh:
            raise Unauthorized(UNREFRESHABLE, platform_code="no_refresh_token")
        return tokens

    async def profiles(self, app: App, tokens: Tokens, http: Client) -> Sequence[Profile]:
        """Return the channel; empty if the Google account has none."""
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
        if isinstance(answer.error_body().get("error"), dict):
            return errors.explain(answer)
        word, said = oauth.refusal(answer)
        if word in GRANT_ERRORS:
            code, message = GRANT_ERRORS[word]
            return Unauthorized(message, code=code, platform_code=word)
        if word in APP_ERRORS:
            return self.app_refused(said or word, word)
        if answer.status == 429 or answer.status >= 500:
            return explain_by_status("Google", answer)
        # Only a refusal that names the grant concerns the account.
        message = f"Google answered {answer.status}."
        return Unavailable(message, platform_code=word, unmapped=True)


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
