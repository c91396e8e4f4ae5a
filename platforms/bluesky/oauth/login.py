"""Log in by the consent page of the server that authorizes for an account.

What is asked for is sent there first (PAR), and the browser takes only a reference to it along. All
tokens are bound to a key that is made for the account (DPoP), and a refresh token works once.

Source: https://atproto.com/specs/oauth, "Authorization Flow" and "Identity Authentication";
RFC 9126, RFC 9207 (read 2026-12-01). @atproto/oauth-provider 0.22.9 ends a login whose refresh
token comes a second time (run 2026-12-01).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urlsplit

from platforms import oauth
from platforms.bluesky import identity
from platforms.bluesky.identity import Identity
from platforms.bluesky.oauth import client, servers
from platforms.bluesky.oauth.servers import AuthorizationServer
from platforms.bluesky.pds import Pds
from platforms.bluesky.proof import dpop, keys
from platforms.drafts import Credentials
from platforms.errors import PlatformError, Rejected, Unauthorized, Unavailable
from platforms.http.client import Answer, Client
from platforms.login_forms import ConsentAtServer
from platforms.oauth import SECRET_FIELDS, App, ConsentRequest, Profile, Tokens

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
#: How a server refuses us as a client, for any account.
APP_REFUSED = ("invalid_client", "invalid_client_metadata", "unauthorized_client")
#: How it refuses a code or a refresh token.
INVALID_GRANT = "invalid_grant"
OTHER_ACCOUNT = (
    "The page signed in another account than the one that was entered, or one that another server "
    "authorizes for."
)


class BlueskyOAuth(ConsentAtServer):
    scopes = client.SCOPES

    def server(self, answers: Mapping[str, str]) -> str:
        return answers["handle"].strip()

    def own_app(self, redirect_uri: str, key: Callable[[], str]) -> App:
        client_id = client.id_of(redirect_uri)
        return App(client_id, key() if client.has_key(client_id) else "")

    def new_key(self) -> str:
        return keys.new()

    def document(
        self, end: str, redirect_uri: str, key: Callable[[], str]
    ) -> Mapping[str, Any] | None:
        if urlsplit(redirect_uri).scheme != "https":
            return None
        if end == client.METADATA:
            return client.metadata(redirect_uri)
        return client.public_keys(key()) if end == client.KEYS else None

    async def leave(
        self, known: App | None, server: str, asked: ConsentRequest, http: Client
    ) -> tuple[App, str]:
        who, authorizes = await _found(server, http)
        key = keys.new()
        http.hide(key)
        extra = {"did": who.did if who else "", dpop.KEY: key}
        app = replace(known or App("", ""), server=authorizes.issuer, extra=extra)
        form = {
            "response_type": "code",
            "redirect_uri": asked.redirect_uri,
            "scope": " ".join(self.scopes),
            "state": asked.state,
            "code_challenge": self.challenge(asked.verifier),
            "code_challenge_method": "S256",
            **({"login_hint": who.handle} if who else {}),
        }
        answer = await _post(app, authorizes.request_endpoint, form, http)
        query = {"client_id": app.client_id, "request_uri": answer.take("request_uri")}
        page = authorizes.consent_page
        return app, f"{page}{'&' if '?' in page else '?'}{urlencode(query)}"

    def is_returned_by(self, app: App, answer: Mapping[str, str]) -> bool:
        return answer.get("iss") == app.server

    async def tokens(self, app: App, form: Mapping[str, str], http: Client) -> Tokens:
        """Return what the server gives for a form. `extra` names the account (`did`)."""
        hidden = (form.get(name, "") for name in SECRET_FIELDS)
        http.hide(app.client_secret, app.extra[dpop.KEY], *hidden)
        authorizes = await servers.at(app.server, http)
        try:
            answer = await _post(app, authorizes.token_endpoint, form, http)
        except Unauthorized as refusal:
            if refusal.platform_code == INVALID_GRANT:
                raise
            # Nothing else proves that the login has ended, and an older token would end it.
            raise refusal.as_(Unavailable, code="") from refusal
        access, did, given = answer.take("access_token"), answer.take("sub"), answer.json_object()
        refresh = str(given.get("refresh_token") or "")
        http.hide(access, refresh)
        if given.get("token_type") != "DPoP":
            answer.unreadable("its token is not bound to our key")
        if app.extra["did"] not in ("", did):
            raise Rejected(OTHER_ACCOUNT, code="handle_refused")
        return Tokens(
            access=access,
            refresh=refresh,
            expires_at=oauth.expiry(given.get("expires_in")),
            scopes=tuple(str(given.get("scope") or "").split()),
            extra={"did": did},
        )

    async def profiles(self, app: App, tokens: Tokens, http: Client) -> Sequence[Profile]:
        """Return the account, if the server that gave the tokens authorizes for it."""
        who = await identity.of_did(tokens.extra["did"], http)
        if (await servers.of_pds(who.pds, http)).issuer != app.server:
            raise Rejected(OTHER_ACCOUNT, code="handle_refused")
        facts = {
            "pds": who.pds,
            "issuer": app.server,
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            dpop.KEY: app.extra[dpop.KEY],
        }
        return [await profile_of(who, replace(tokens, extra={}), facts, http)]

    async def refresh(self, app: App, account: Credentials, http: Client) -> Tokens:
        """Renew by the key and as the client that the account was connected by."""
        kept = account.extra
        own = App(
            kept["client_id"],
            kept["client_secret"],
            server=kept["issuer"],
            extra={"did": account.platform_account_id, dpop.KEY: kept[dpop.KEY]},
        )
        return replace(await super().refresh(own, account, http), extra={})

    def refused(self, answer: Answer) -> PlatformError | None:
        """Return what a word of OAuth means; None for another answer."""
        word, said = oauth.refusal(answer)
        if word in APP_REFUSED:
            return self.app_refused(said, word)
        if word == INVALID_GRANT:
            return Unauthorized(f"The server refused the login: {said}", platform_code=word)
        return None


async def profile_of(
    who: Identity, tokens: Tokens, facts: Mapping[str, str], http: Client
) -> Profile:
    """Return an account as the app shows it, with what we keep of it."""
    shown = await Pds(Credentials(who.did, who.handle, tokens.access, extra=facts), http).shown()
    return Profile(
        platform_account_id=who.did,
        name=f"@{who.handle}",
        username=who.handle,
        display_name=str(shown.get("displayName") or ""),
        avatar_url=str(shown.get("avatar") or ""),
        tokens=tokens,
        extra=facts,
    )


async def _found(named: str, http: Client) -> tuple[Identity | None, AuthorizationServer]:
    """Return who was entered, and who authorizes there; only the latter of a server's address."""
    name = identity.BEFORE_HANDLE.sub("", named)
    if not name.startswith("https://"):
        who = await identity.find(name, http)
        return who, await servers.of_pds(who.pds, http)
    origin = f"https://{urlsplit(name).netloc}"
    try:
        return None, await servers.of_pds(origin, http)
    except Rejected:
        return None, await servers.at(origin, http)


async def _post(app: App, url: str, form: Mapping[str, str], http: Client) -> Answer:
    """Send a form in our name. Each try proves anew who we are."""

    def body() -> bytes:
        return urlencode({**form, **client.credentials(app, app.server)}).encode()

    return await dpop.send(http, app.extra[dpop.KEY], "POST", url, headers=FORM, content=body)
