"""Connect a TikTok account: Login Kit for Web, with refresh tokens that work once.

Source: TikTok for Developers, Login Kit, Manage User Access Tokens, OAuth error handling, Get User
Info (read 2026-11-24). Three things differ from the standard: the app's id is `client_key`, commas
separate scopes, and a PKCE challenge is in hexadecimal.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

from platforms import oauth
from platforms.errors import PlatformError, RateLimited, Unauthorized, Unavailable
from platforms.http.client import Answer, Client
from platforms.http.redaction import Secret
from platforms.oauth import App, Profile, Tokens
from platforms.tiktok import api, creator, errors

USER = f"{api.API}/user/info/"
FIELDS = "open_id,union_id,avatar_url,display_name"
TOKENS = Secret(("act.", "rft.", "clt."), re.compile(r"\b(?:act|rft|clt)\.[\w!.*-]{16,}"))
#: Errors of the consent, and of TikTok itself; all others are the app's.
GRANT_ERRORS = {"invalid_grant", "access_denied"}
TROUBLES = {"server_error", "temporarily_unavailable"}


class TikTokOAuth(oauth.OAuth):
    name = "TikTok"
    consent_page = "https://www.tiktok.com/v2/auth/authorize/"
    token_endpoint = f"{api.API}/oauth/token/"
    client_id_field = "client_key"
    refresh_lifetime_field = "refresh_expires_in"
    scopes = ("user.info.basic", "video.publish")
    scope_separator = ","
    #: Without it, a post whose media TikTok fetches cannot be found after a lost answer.
    optional_scopes = ("video.list",)
    number_scopes = ("user.info.stats",)
    refresh_margin = timedelta(minutes=15)

    def challenge(self, verifier: str) -> str:
        return hashlib.sha256(verifier.encode()).hexdigest()

    async def request_tokens(self, app: App, form: Mapping[str, str], http: Client) -> Answer:
        answer = await super().request_tokens(app, form, http)
        if "access_token" not in answer.json_object():
            # A refusal may come with a 200.
            raise http.refused(answer)
        return answer

    async def profiles(self, app: App, tokens: Tokens, http: Client) -> Sequence[Profile]:
        answer = await http.get(USER, headers=tokens.bearer, params={"fields": FIELDS})
        found = api.checked(http, answer)
        open_id = found.take("data", "user", "open_id")
        user = api.data(found)["user"]
        name = str(user.get("display_name") or open_id)
        try:
            username = (await creator.read_creator(http, tokens.access)).username
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
        word, words = oauth.refusal(answer)
        if not word:
            return errors.explain(answer)
        request_id = str(answer.error_body().get("log_id") or "")
        if word in GRANT_ERRORS:
            sentence = errors.TOKEN.sentence
            return Unauthorized(sentence, platform_code=word, request_id=request_id)
        if word in TROUBLES or answer.status >= 500:
            sentence = f"TikTok's login is not available: {words}"
            return Unavailable(sentence, platform_code=word, request_id=request_id)
        if answer.status == 429:
            return RateLimited(f"TikTok asks to wait: {words}", platform_code=word)
        return self.app_refused(words or word, word, request_id)
