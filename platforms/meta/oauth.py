"""Share the logins of Meta's networks: long-lived tokens, proofs and refusals.

Source: Instagram Platform, "Business Login for Instagram"; Threads API, "Long-Lived Tokens"; Graph
API, "Handle Errors" (read 2026-11-24).
"""

import hashlib
import hmac
import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from platforms.drafts import Credentials
from platforms.errors import PlatformError, RateLimited, Unauthorized, Unavailable
from platforms.http.client import Answer, Client
from platforms.http.redaction import Secret
from platforms.http.versions import ApiVersion
from platforms.meta import errors
from platforms.oauth import App, OAuth, Profile, Tokens, expiry

#: Access tokens of Facebook, Instagram and Threads.
TOKENS = Secret(("EAA", "IG", "THA"), re.compile(r"\b(?:EAA|IG[A-Z]{2}|THA[A-Z])[A-Za-z0-9]{16,}"))
#: Codes of a used, an expired and a foreign authorization code.
SPENT_CODES: errors.Meanings = {
    (100, subcode): errors.RECONNECT for subcode in (36007, 36008, 36009)
}
#: An unknown app; a wrong secret shares its code with other problems, and only its words differ.
UNKNOWN_APP, WRONG_SECRET = 101, "validating client secret"
#: Words for a fault of the app, at the hosts with their own form of refusal.
APP_WORDS = ("client", "app id", "platform app", "redirect_uri")
#: Only professional Instagram accounts may publish.
PERSONAL = "PERSONAL"


class MetaLogin(OAuth):
    has_pkce = False
    scope_separator = ","

    async def exchange(
        self, app: App, code: str, redirect_uri: str, verifier: str, http: Client
    ) -> Tokens:
        # Meta appends to the code what is not part of it.
        return await super().exchange(app, code.removesuffix("#_"), redirect_uri, verifier, http)

    def explain(self, answer: Answer) -> PlatformError:
        return explain(self.name, answer)


class LongLivedLogin(MetaLogin):
    """The login of Instagram or Threads itself.

    A consent gives a token for an hour, which is exchanged for one for 60 days. That one renews
    itself; there is no refresh token. Instagram's answers are documented with a `data` wrapper and
    also come flat; both are read.
    """

    refresh_margin = timedelta(days=7)
    #: The host of the API.
    graph: ClassVar[str]
    #: Begins the names of the grant types.
    grant_prefix: ClassVar[str]
    #: The profile's fields that the networks name differently, and further ones to ask for.
    id_field: ClassVar[str]
    picture_field: ClassVar[str]
    more_fields: ClassVar[str] = ""
    #: The version of the network's API.
    version: ClassVar[ApiVersion]

    @abstractmethod
    async def granted(self, facts: Mapping[str, Any], token: str, http: Client) -> tuple[str, ...]:
        """Return the scopes of a short-lived token, which came with these `facts`."""

    async def tokens(self, app: App, form: Mapping[str, str], http: Client) -> Tokens:
        http.hide(form["code"], app.client_secret)
        answer = await self.request_tokens(app, form, http)
        facts = unwrapped(answer)
        short = str(facts.get("access_token") or answer.take("access_token"))
        http.hide(short)
        scopes = await self.granted(facts, short, http)
        secret = {"client_secret": app.client_secret}
        return await self._long_lived("access_token", "exchange", short, scopes, http, **secret)

    def can_refresh(self, account: Credentials) -> bool:
        return bool(account.token)

    async def refresh(self, app: App, account: Credentials, http: Client) -> Tokens:
        """Return a token for 60 more days. It is refused before the old one is a day old.

        No source says what a withdrawn token of that age is refused for. So the profile is asked
        for with it, which is refused to a withdrawn token alone: that is Unauthorized.
        """
        path, token, scopes = "refresh_access_token", account.token, account.scopes
        try:
            return await self._long_lived(path, "refresh", token, scopes, http)
        except Unavailable as refusal:
            if refusal.code != "app_refused" and (refusal.http_status or 500) < 500:
                await self._me(Tokens(token), self.id_field, http)
            raise

    async def _long_lived(
        self, path: str, grant: str, token: str, scopes: Sequence[str], http: Client, **query: str
    ) -> Tokens:
        """Return the tokens of an exchange or a renewal, whose answers are alike."""
        http.hide(token)
        query |= {"grant_type": f"{self.grant_prefix}_{grant}_token", "access_token": token}
        answer = await http.get(f"{self.graph}/{path}", params=query)
        access = answer.take("access_token")
        http.hide(access)
        return Tokens(
            access=access,
            expires_at=expiry(answer.take("expires_in")),
            scopes=permissions(answer.json()) or tuple(scopes),
        )

    async def profiles(self, app: App, tokens: Tokens, http: Client) -> Sequence[Profile]:
        """Return the account; empty if it is a personal one, which may not publish."""
        fields = f"{self.id_field},username,name,{self.picture_field}{self.more_fields}"
        answer = await self._me(tokens, fields, http)
        me = unwrapped(answer)
        user_id, username = str(me.get(self.id_field) or ""), str(me.get("username") or "")
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
                avatar_url=str(me.get(self.picture_field) or ""),
            )
        ]

    async def _me(self, tokens: Tokens, fields: str, http: Client) -> Answer:
        url = f"{self.graph}/{self.version.chosen(http.versions)}/me"
        return await http.get(url, headers=tokens.bearer, params={"fields": fields})


def explain(name: str, answer: Answer) -> PlatformError:
    """Return what a refusal of a token or identity endpoint means.

    Only a dead authorization is Unauthorized; the app's own fault is Unavailable (`app_refused`).
    """
    body = answer.error_body()
    if words := str(body.get("error_message", "")):
        return _explain_own(name, str(body.get("code", "")), words)
    said = answer.error_object()
    error = errors.explain(name, answer, SPENT_CODES)
    words = str(said.get("message", ""))
    if said.get("code") == UNKNOWN_APP or WRONG_SECRET in words:
        return _app_refused(name, error.platform_code, words)
    if isinstance(error, Unauthorized | RateLimited):
        return error
    return error.as_(Unavailable, f"{name} did not give the authorization: {error.message}")


def _explain_own(name: str, code: str, words: str) -> PlatformError:
    """Explain the refusals of hosts that redeem codes: `{error_type, code, error_message}`."""
    if any(word in words.lower() for word in APP_WORDS):
        return _app_refused(name, code, words)
    return Unauthorized(f"{name} no longer accepts this authorization.", platform_code=code)


def _app_refused(name: str, code: str, words: str) -> Unavailable:
    message = f"{name} does not accept this installation's app: {words[: errors.DETAIL_CHARS]}"
    return Unavailable(message, code="app_refused", platform_code=code)


def proof(app: App, token: str) -> str:
    """Prove that a call comes from the app; an app may require it for all calls."""
    return hmac.new(app.client_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def unwrapped(answer: Answer) -> Mapping[str, Any]:
    """Return an answer's facts: it is documented as `{"data": [facts]}` and also comes flat."""
    body = answer.json()
    data = body.get("data") if isinstance(body, dict) else None
    found = data[0] if isinstance(data, list) and data else body
    if not isinstance(found, dict):
        answer.unreadable("its answer could not be read")
    return found


def permissions(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the granted permissions, which come as a list or a text with commas."""
    granted = facts.get("permissions") or ()
    words = granted.split(",") if isinstance(granted, str) else granted
    return tuple(str(word).strip() for word in words)
