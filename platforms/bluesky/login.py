"""Connect an account by the consent page of its server, or by its handle and an app password.

The app password is kept, because a session may be ended at any time: it opens another one then. The
account's server is kept too, and is asked for again when a session is refused: accounts move.

Source: lexicons com.atproto.server.createSession, refreshSession, and
https://atproto.com/specs/xrpc, "App Passwords" (read 2026-11-30).
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from platforms import clock
from platforms.bluesky import errors, identity
from platforms.bluesky.oauth.login import BlueskyOAuth, profile_of
from platforms.bluesky.proof import dpop
from platforms.drafts import Credentials
from platforms.errors import PlatformError, Rejected, Unauthorized, Unavailable
from platforms.http.client import Answer, Client
from platforms.http.foreign.stated import as_moment, read_json
from platforms.login_forms import FormField, FormLogin
from platforms.oauth import App, Profile, Tokens

CREATE = "com.atproto.server.createSession"
REFRESH = "com.atproto.server.refreshSession"
#: How long an access token lives if it does not say so.
LIFETIME = timedelta(hours=2)
NEEDED = (
    "Enter an app password. Without one, the account's owner signs in at Bluesky by the link of "
    "POST /accounts/connect-link."
)
#: The scope of a session that the account's own password opened.
FULL_ACCESS = "com.atproto.access"
NOT_ACCEPTED = (
    "The account's server does not accept this app password. Create a new one in Bluesky's "
    "settings, under Privacy and security."
)


class AppPasswordLogin(FormLogin):
    """An app password, as programs use it that no person sits at."""

    async def sign_in(self, answers: Mapping[str, str], http: Client) -> Sequence[Profile]:
        password = answers.get("app_password", "")
        if not password:
            raise Rejected(NEEDED, code="unsupported")
        http.hide(password)
        who = await identity.find(answers["handle"], http)
        tokens = await self._open(who.pds, who.did, password, http)
        facts = {"pds": who.pds, "password": password}
        return [await profile_of(who, tokens, facts, http)]

    def can_refresh(self, account: Credentials) -> bool:
        return bool(account.refresh_token or account.extra.get("password"))

    async def refresh(self, app: App, account: Credentials, http: Client) -> Tokens:
        password, pds = account.extra.get("password", ""), account.extra.get("pds", "")
        try:
            return await self._renew(pds, account, http)
        except PlatformError as refusal:
            now_at = await _server_now(account.platform_account_id, http) or pds
            if not password or (now_at == pds and not isinstance(refusal, Unauthorized)):
                raise
        return await self._open(now_at, account.platform_account_id, password, http)

    def explain(self, answer: Answer) -> PlatformError:
        error = errors.explain(answer)
        if isinstance(error, Rejected):
            # What a login is refused with is either in the table, or says nothing about it.
            error.unmapped = True
            return error.as_(Unavailable, code="")
        return error

    async def _open(self, pds: str, did: str, password: str, http: Client) -> Tokens:
        """Open a session. Raises Unauthorized if the server does not take the app password."""
        body = {"identifier": did, "password": password}
        try:
            answer = await http.post(f"{pds}/xrpc/{CREATE}", json=body, is_foreign=True)
        except Unauthorized as refusal:
            if refusal.code != refusal.default_code:
                raise
            raise refusal.as_(Unauthorized, NOT_ACCEPTED) from refusal
        tokens = _tokens(answer, did, pds, http)
        if _claims(tokens.access).get("scope") == FULL_ACCESS:
            raise Rejected(
                "This is the account's own password; enter an app password.",
                code="permission_missing",
            )
        return tokens

    async def _renew(self, pds: str, account: Credentials, http: Client) -> Tokens:
        headers = {"Authorization": f"Bearer {account.refresh_token}"}
        answer = await http.post(f"{pds}/xrpc/{REFRESH}", headers=headers, is_foreign=True)
        return _tokens(answer, account.platform_account_id, pds, http)


class BlueskyLogin(AppPasswordLogin, BlueskyOAuth):
    """The form of both ways: without an app password, the consent page comes next."""

    name = "Bluesky"
    intro = (
        "Enter your handle: the page of your account's server asks for your permission next, and "
        "Dovecote sees no password."
    )
    fields = (
        FormField(
            "handle", "Handle", "alice.bsky.social", "Such as alice.bsky.social, on any server."
        ),
        FormField(
            "app_password",
            "App password, instead",
            "abcd-efgh-ijkl-mnop",
            "Only if you do not sign in at Bluesky: create one in its settings, under Privacy and "
            "security. Not the account's own password.",
            is_secret=True,
            is_required=False,
        ),
    )

    def leads_away(self, answers: Mapping[str, str]) -> bool:
        return not answers.get("app_password")

    async def refresh(self, app: App, account: Credentials, http: Client) -> Tokens:
        way = BlueskyOAuth if dpop.KEY in account.extra else AppPasswordLogin
        return await way.refresh(self, app, account, http)

    def explain(self, answer: Answer) -> PlatformError:
        return self.refused(answer) or super().explain(answer)


async def _server_now(did: str, http: Client) -> str:
    """Return the account's server by its document; empty if that cannot be read now."""
    try:
        return (await identity.of_did(did, http)).pds
    except PlatformError:
        return ""


def _tokens(answer: Answer, did: str, pds: str, http: Client) -> Tokens:
    access, refresh = answer.take("accessJwt"), answer.take("refreshJwt")
    http.hide(access, refresh)
    if answer.take("did") != did:
        raise Rejected("The server opened another account's session.", code="handle_refused")
    if answer.json_object().get("active") is False:
        status = answer.error_body().get("status") or "inactive"
        raise Unauthorized(
            f"The account is {status} on its server.",
            code="account_restricted",
        )
    return Tokens(
        access=access,
        refresh=refresh,
        expires_at=_ends_at(access) or clock.now() + LIFETIME,
        refresh_expires_at=None,
        extra={"pds": pds},
    )


def _ends_at(token: str) -> datetime | None:
    seconds = _claims(token).get("exp")
    return as_moment(seconds) if isinstance(seconds, int) else None


def _claims(token: str) -> dict[str, Any]:
    """Return what a JSON web token says of itself; nothing if it is none."""
    body = f"{token}..".split(".")[1]
    try:
        found = read_json(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (binascii.Error, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
