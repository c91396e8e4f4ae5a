"""Connect boards: a person logs in, and each board that they choose is an account.

The boards share the person's tokens. Pinterest gives a new refresh token with each access token,
and does not document whether the one before still works.

Source: OpenAPI 5.23.0 of github.com/pinterest/api-description, /oauth/token, /user_account,
/boards;
https://developers.pinterest.com/docs/getting-started/set-up-authentication-and-authorization/. An
app from before 2025-09-25 must ask for refresh tokens that can be renewed. The code of a refused
grant is the one that github.com/pinterest/pinterest-python-sdk/issues/114 shows. (All read
2026-12-01.)
"""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from platforms import oauth
from platforms.errors import PlatformError, Rejected, Unauthorized, Unavailable
from platforms.http.client import Answer, Client
from platforms.http.redaction import Secret
from platforms.metrics import objects_in
from platforms.oauth import App, Profile, Tokens
from platforms.pinterest import errors
from platforms.pinterest.board import API

TOKENS = Secret(("pina", "pinr", "pinc"), re.compile(r"\bpin[acr][._][\w-]{16,}"))
#: For a code or a refresh token that is over: Pinterest's code, and the word of OAuth 2.0.
BAD_GRANTS = ("283", "invalid_grant")
#: Of a page of boards, and of how many pages.
PAGE, PAGES = 100, 50


class PinterestOAuth(oauth.OAuth):
    name = "Pinterest"
    consent_page = "https://www.pinterest.com/oauth/"
    token_endpoint = f"{API}/oauth/token"
    scopes = ("boards:read", "boards:write", "pins:read", "pins:write", "user_accounts:read")
    scope_separator = ","
    has_pkce = False
    refresh_lifetime_field = "refresh_token_expires_in"
    #: An access token lives for thirty days.
    refresh_margin = timedelta(hours=1)

    async def request_tokens(self, app: App, form: Mapping[str, str], http: Client) -> Answer:
        """Pinterest takes the id and secret of the app in the header alone."""
        pair = base64.b64encode(f"{app.client_id}:{app.client_secret}".encode()).decode()
        http.hide(pair)
        is_new = form["grant_type"] == "authorization_code"
        try:
            return await http.post(
                self.token_endpoint,
                headers={"Authorization": f"Basic {pair}"},
                data={**form, **({"continuous_refresh": "true"} if is_new else {})},
            )
        except Unauthorized as refusal:
            if refusal.platform_code in BAD_GRANTS:
                raise
            # The refused credentials are the app's own, not an account's.
            raise self.app_refused(refusal.message, refusal.platform_code) from refusal

    async def profiles(self, app: App, tokens: Tokens, http: Client) -> Sequence[Profile]:
        """Return the boards that the person may publish to, those of others among them."""
        answer = await http.get(f"{API}/user_account", headers=tokens.bearer)
        person = {**answer.json_object(), "username": answer.take("username")}
        return [
            _profile(board, person, tokens)
            for board in await _boards(tokens, http)
            # Of advertisements, which no one sees on the board.
            if not board.get("is_ads_only")
        ]

    def explain(self, answer: Answer) -> PlatformError:
        body = answer.error_body()
        word, words = oauth.refusal(answer)
        code = word or str(body.get("code") or "")
        if answer.status < 500 and code in BAD_GRANTS:
            return Unauthorized(
                "Pinterest no longer accepts this authorization.", platform_code=code
            )
        if word and answer.status < 500:
            return self.app_refused(words, word)
        error = errors.explain(answer)
        if isinstance(error, Rejected):
            error.unmapped = True
            return error.as_(Unavailable)
        return error


async def _boards(tokens: Tokens, http: Client) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    query = {"page_size": str(PAGE)}
    for _ in range(PAGES):
        answer = await http.get(f"{API}/boards", headers=tokens.bearer, params=query)
        page = objects_in(answer.take_list("items"))
        found |= {str(board["id"]): board for board in page if board.get("id")}
        query["bookmark"] = str(answer.json_object().get("bookmark") or "")
        if not query["bookmark"]:
            break
    return list(found.values())


def _profile(board: Mapping[str, Any], person: Mapping[str, Any], tokens: Tokens) -> Profile:
    return Profile(
        platform_account_id=str(board["id"]),
        name=str(board.get("name") or board["id"]),
        username=str(person["username"]),
        tokens=tokens,
        avatar_url=str(person.get("profile_image") or ""),
        kind="board",
        extra={"consent": hashlib.sha256(tokens.refresh.encode()).hexdigest()},
    )
