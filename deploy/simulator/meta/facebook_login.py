"""Facebook Login: the dialog, short-lived and long-lived user tokens, Page tokens, `debug_token`.

Facebook and Instagram share it. Each has its own people and Pages.
"""

import hashlib
import secrets
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.meta.graph import GraphError, MetaNetwork, chosen, paged, parameters
from deploy.simulator.meta.oauth import LONG_SECONDS, bearer
from deploy.simulator.oauth import Grant, OAuthServer
from deploy.simulator.state.records import FAR_FUTURE, Account, Token

SHORT_SECONDS = 5400
DATA_SECONDS = 90 * 86400
TASKS = ("ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE")


class FacebookLogin(OAuthServer):
    separator = ","
    denied = {
        "error": "access_denied",
        "error_code": "200",
        "error_description": "Permissions error",
        "error_reason": "user_denied",
    }
    suffix = "#_=_"
    app_network = "facebook"
    network: MetaNetwork

    @abstractmethod
    def owner_of(self, account: Account) -> str:
        """The id of the account's owner; one person may own several."""

    def page_of(self, account: Account) -> str:
        """The id of the account's Page."""
        return account.id

    def pages(self) -> list[Route]:
        return self.consent("/{version}/dialog/oauth")

    def api(self) -> list[Route]:
        return [
            self.network.route("/oauth/access_token", GET=self.token, POST=self.token),
            self.network.route("/debug_token", GET=self.debug),
        ]

    async def token(self, request: Request) -> Response:
        given = {name: str(value) for name, value in (await parameters(request)).items()}
        client_id, secret = given.get("client_id", ""), given.get("client_secret", "")
        if self.app(client_id) is None:
            raise GraphError(101, "Error validating application. Cannot get application info.")
        if not self.is_app(client_id, secret):
            raise GraphError(1, "Error validating client secret.")
        kind = given.get("grant_type", "")
        if kind == "client_credentials":
            return JSONResponse({"access_token": f"{client_id}|{secret}", "token_type": "bearer"})
        if kind == "fb_exchange_token":
            return self._exchange(client_id, given.get("fb_exchange_token", ""))
        if kind not in ("", "authorization_code"):
            raise GraphError(100, f"Unsupported grant type {kind}")
        return self._redeem(given)

    def _redeem(self, given: Mapping[str, str]) -> Response:
        found = self.store.get(self.key, "code", given.get("code", ""))
        if found is None:
            raise GraphError(100, "Invalid verification code format.", 36009)
        if found["redirect_uri"] != given.get("redirect_uri"):
            message = "Error validating verification code. Please make sure your redirect_uri"
            raise GraphError(100, f"{message} is identical to the one you used.", 36008)
        grant = self.redeem(given)
        if grant is None:
            raise GraphError(100, "This authorization code has been used or has expired.", 36009)
        return self._issue(given["client_id"], grant, SHORT_SECONDS)

    def _exchange(self, client_id: str, value: str) -> Response:
        old = self.store.token(self.key, value)
        if old is None or old.kind != "user" or old.data.get("client_id") != client_id:
            raise GraphError(190, "Invalid OAuth access token.")
        if old.expires_at <= self.store.now():
            raise GraphError(190, "Error validating access token: Session has expired.", 463)
        return self._issue(client_id, old, LONG_SECONDS)

    def _issue(self, client_id: str, grant: Grant | Token, seconds: int) -> Response:
        data = {"client_id": client_id, "is_long": seconds == LONG_SECONDS}
        value = self.issue(f"EAA{secrets.token_hex(60)}", "user", grant, seconds, **data)
        return bearer(value, seconds)

    async def debug(self, request: Request) -> Response:
        """Needs an app's own token, `id|secret`."""
        client_id, _, secret = self.network.secret(request).partition("|")
        if not self.is_app(client_id, secret):
            raise GraphError(190, "Invalid OAuth access token signature.")
        token = self.store.token(self.key, request.query_params.get("input_token", ""))
        owner = self.store.account(self.key, token.account) if token else None
        if token is None or owner is None or token.data.get("client_id") != client_id:
            raise GraphError(100, "The access token could not be decrypted")
        is_valid = token.expires_at > self.store.now()
        targets = [self.page_of(account) for account in self.accounts_for(token)]
        scopes = token.scopes or ()
        data = {
            "app_id": client_id,
            "type": token.kind.upper(),
            "is_valid": is_valid,
            "expires_at": 0 if token.expires_at == FAR_FUTURE else int(token.expires_at),
            "data_access_expires_at": int(token.issued_at + DATA_SECONDS),
            "scopes": list(scopes),
            "granular_scopes": [
                {"scope": scope, "target_ids": targets}
                if scope.startswith("pages_")
                else {"scope": scope}
                for scope in scopes
            ],
            "user_id": self.owner_of(owner),
        }
        if not is_valid:
            data["error"] = {"code": 190, "subcode": 463, "message": "Session has expired"}
        return JSONResponse({"data": data})

    def accounts_for(self, token: Token) -> list[Account]:
        """The accounts of the token's person."""
        mine = self.store.account(self.key, token.account)
        if mine is None or not token.allows("pages_show_list"):
            return []
        return [one for one in self.accounts() if self.owner_of(one) == self.owner_of(mine)]

    @abstractmethod
    def page_facts(self, account: Account, token: Token) -> dict[str, Any]:
        """The fields of a Page, with its own token if a person asks."""

    def list_pages(self, request: Request, token: Token) -> Response:
        """`limit` Pages at a time, with `paging.next`, a URL that contains the token."""
        found = [page for page in self.accounts_for(token) if self._lists(token, page)]
        usual = "id,name,access_token,tasks"
        return paged(
            found, request, lambda page: chosen(request, self.page_facts(page, token), usual)
        )

    def _lists(self, token: Token, page: Account) -> bool:
        return not page.extra.get("portfolio") or token.allows("business_management")

    def page_token(self, account: Account, user: Token) -> str:
        """Always the same for a user token. From a long-lived one it does not expire."""
        value = "EAA" + hashlib.sha512(f"{user.value}:{account.id}".encode()).hexdigest()
        if self.store.token(self.key, value) is None:
            until = FAR_FUTURE if user.data.get("is_long") else user.expires_at
            now = self.store.now()
            page = Token(self.key, value, account.id, "page", user.scopes, until, now, user.data)
            self.store.add_token(page)
        return value
