"""Pinterest's OAuth 2.0: consent page, and a token endpoint whose refresh tokens work once.

Call: token. Pinterest documents that a refresh gives a new refresh token, and not whether the one
before still works: here it does not, unless the setting `single_use` is false.
"""

import base64
import binascii
import secrets
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.network import Refused
from deploy.simulator.oauth import Grant, OAuthServer, read_form
from deploy.simulator.pinterest.rules import refused, require
from deploy.simulator.state.records import Account, Token
from deploy.simulator.strict import Fits, media_type, one_of, text

DAY = 24 * 3600
ACCESS_SECONDS, REFRESH_SECONDS = 30 * DAY, 60 * DAY
SCOPES = {
    f"{what}:{how}"
    for what in ("ads", "boards", "pins", "user_accounts", "catalogs")
    for how in ("read", "write", "read_secret", "write_secret")
}
#: By grant type: the fields of its form, and those that it may have besides.
FORMS: Mapping[str, tuple[tuple[str, ...], Mapping[str, Fits]]] = {
    "authorization_code": (
        ("code", "redirect_uri"),
        {"continuous_refresh": one_of("true", "false")},
    ),
    "refresh_token": (("refresh_token",), {"scope": text}),
}


def owner_of(account: Account) -> str:
    """Return the id of the person whose board an account is."""
    return str(account.extra.get("owner", account.id))


class PinterestOAuthServer(OAuthServer):
    separator = ","

    def accounts(self) -> list[Account]:
        """Return one board of each person: that of who logs in."""
        return list({owner_of(each): each for each in super().accounts()}.values())

    def pages(self) -> list[Route]:
        return self.consent("/oauth/")

    def api(self) -> list[Route]:
        return [Route("/v5/oauth/token", self.token, methods=["POST"])]

    def problem(self, query: Mapping[str, str]) -> str:
        if set(query.get("scope", "").split(",")) - SCOPES:
            return "A scope is unknown."
        return super().problem(query)

    async def token(self, request: Request) -> Response:
        client_id = self._client(request)
        kind = media_type(request.headers.get("content-type", ""))
        form = await read_form(request) if kind == "application/x-www-form-urlencoded" else {}
        names, optional = FORMS.get(form.get("grant_type", ""), ((), {}))
        known = {"grant_type": one_of(*FORMS), **dict.fromkeys(names, text), **optional}
        require(form, known, "grant_type", *names)
        grant = self.granted({**form, "client_id": client_id})
        if grant is None:
            raise refused(401, 283)
        return self.answer(grant.account, lambda: self._issue(client_id, grant))

    def _issue(self, client_id: str, grant: Grant | Token) -> Response:
        if isinstance(grant, Token) and self.network.setting(grant.account, "single_use", True):
            self.store.drop_token(self.key, grant.value)
        access, refresh = (f"pin{kind}_{secrets.token_urlsafe(60)}" for kind in "ar")
        data = {"client_id": client_id}
        return JSONResponse(
            {
                "response_type": "refresh_token" if isinstance(grant, Token) else "code",
                "access_token": self.issue(access, "access", grant, ACCESS_SECONDS, **data),
                "token_type": "bearer",
                "expires_in": ACCESS_SECONDS,
                "scope": " ".join(grant.scopes or ()),
                "refresh_token": self.issue(refresh, "refresh", grant, REFRESH_SECONDS, **data),
                "refresh_token_expires_in": REFRESH_SECONDS,
                "refresh_token_expires_at": int(self.store.now()) + REFRESH_SECONDS,
            }
        )

    def _client(self, request: Request) -> str:
        """The app that authenticates with its secret."""
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        try:
            client_id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            client_id, secret = "", ""
        if scheme.lower() != "basic" or not self.is_app(client_id, secret):
            raise Refused(self.network.unauthorized())
        return client_id
