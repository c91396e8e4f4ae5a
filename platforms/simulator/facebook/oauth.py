"""Facebook Login: the dialog, short-lived and long-lived user tokens, Page tokens, `debug_token`.

Settings: `access_seconds` and `long_seconds` (life of user tokens), `no_pages` (the list of Pages
is empty).
"""

import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from platforms.simulator.facebook.page import FacebookPages
from platforms.simulator.meta.graph import GraphError
from platforms.simulator.oauth import ConsentPage
from platforms.simulator.records import FAR_FUTURE, Account, Token

SHORT_SECONDS = 5400
LONG_SECONDS = 5183944
DATA_SECONDS = 90 * 86400
CODE_SECONDS = 600
TASKS = ("ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE")
DENIED = {
    "error": "access_denied",
    "error_code": "200",
    "error_description": "Permissions error",
    "error_reason": "user_denied",
}


class FacebookOAuthServer:
    def __init__(self, network: FacebookPages) -> None:
        self._network, self._store = network, network.store
        self._consent = ConsentPage(
            network,
            separator=",",
            code_seconds=CODE_SECONDS,
            denied=DENIED,
            suffix="#_=_",
        )

    def pages(self) -> list[Route]:
        path = "/{version}/dialog/oauth"
        return [
            Route(path, self._consent.page),
            Route(path, self._consent.decide, methods=["POST"]),
        ]

    def api(self) -> list[Route]:
        return [
            self._network.route("/oauth/access_token", GET=self.token, POST=self.token),
            self._network.route("/debug_token", GET=self.debug),
        ]

    async def token(self, request: Request) -> Response:
        given = request.state.given
        client_id = str(given.get("client_id", ""))
        if self._consent.app(client_id) is None:
            raise GraphError(101, "Error validating application. Cannot get application info.")
        if not self._consent.is_app(client_id, str(given.get("client_secret", ""))):
            raise GraphError(1, "Error validating client secret.")
        grant = str(given.get("grant_type", ""))
        if grant == "client_credentials":
            value = f"{client_id}|{given['client_secret']}"
            return JSONResponse({"access_token": value, "token_type": "bearer"})
        if grant == "fb_exchange_token":
            return self._exchange(client_id, str(given.get("fb_exchange_token", "")))
        if grant not in ("", "authorization_code"):
            raise GraphError(100, f"Unsupported grant type {grant}")
        return self._redeem(client_id, str(given.get("code", "")), given)

    def _redeem(self, client_id: str, code: str, given: dict[str, Any]) -> Response:
        found = self._store.get("facebook", "code", code)
        if found is None:
            raise GraphError(100, "Invalid verification code format.", 36009)
        if found["redirect_uri"] != given.get("redirect_uri"):
            message = "Error validating verification code. Please make sure your redirect_uri"
            raise GraphError(100, f"{message} is identical to the one you used.", 36008)
        redirect = str(given["redirect_uri"])
        grant = self._consent.redeem(code, client_id=client_id, redirect_uri=redirect)
        if grant is None:
            raise GraphError(100, "This authorization code has been used or has expired.", 36009)
        return self._issue(client_id, grant.account, grant.scopes, "access_seconds", SHORT_SECONDS)

    def _exchange(self, client_id: str, value: str) -> Response:
        old = self._store.token("facebook", value)
        if old is None or old.kind != "user" or old.data.get("client_id") != client_id:
            raise GraphError(190, "Invalid OAuth access token.", status=400)
        if old.expires_at <= self._store.now():
            raise GraphError(190, "Error validating access token: Session has expired.", 463)
        scopes = old.scopes or ()
        return self._issue(client_id, old.account, scopes, "long_seconds", LONG_SECONDS)

    def _issue(
        self, client_id: str, account: str, scopes: tuple[str, ...], setting: str, default: int
    ) -> Response:
        now, value = self._store.now(), f"EAA{secrets.token_hex(60)}"
        seconds = self._network.setting(account, setting, default)
        data = {"client_id": client_id, "is_long": setting == "long_seconds"}
        self._store.add_token(
            Token("facebook", value, account, "user", scopes, now + seconds, now, data)
        )
        return JSONResponse({"access_token": value, "token_type": "bearer", "expires_in": seconds})

    def person(self, account: Account) -> dict[str, Any]:
        owner = account.extra.get("owner", account.id)
        return {"id": _person_id(str(owner)), "name": str(owner)}

    def list_pages(self, request: Request) -> Response:
        """`limit` Pages at a time, with `paging.next`, a URL that contains the token."""
        token = self._user(request)
        found = [page for page in self._granted(token) if self._lists(token, page)]
        if self._network.setting(token.account, "no_pages", False):
            found = []
        query = request.query_params
        limit, first = int(query.get("limit", 25)), int(query.get("after", 0) or 0)
        shown = [self._page_facts(page, token) for page in found[first : first + limit]]
        body: dict[str, Any] = {
            "data": [
                self._network.chosen(request, facts, "id,name,access_token,tasks")
                for facts in shown
            ]
        }
        if shown:
            body["paging"] = {"cursors": {"before": str(first), "after": str(first + len(shown))}}
        if first + limit < len(found):
            url = request.url.include_query_params(after=first + limit, access_token=token.value)
            body["paging"]["next"] = str(url)
        return JSONResponse(body)

    def page(self, request: Request, token: Token, page_id: str) -> dict[str, Any]:
        """One Page for its owner, with its token."""
        for page in self._granted(token):
            if page.id == page_id:
                return self._network.chosen(request, self._page_facts(page, token), "id,name")
        raise self._network.missing()

    def permissions(self, request: Request) -> Response:
        token = self._user(request)
        entries = [{"permission": scope, "status": "granted"} for scope in token.scopes or ()]
        return JSONResponse({"data": entries})

    async def debug(self, request: Request) -> Response:
        """Needs an app's own token, `id|secret`."""
        given = request.state.given
        client_id, _, secret = self._network.secret(request).partition("|")
        if not self._consent.is_app(client_id, secret):
            raise GraphError(190, "Invalid OAuth access token signature.", status=400)
        token = self._store.token("facebook", str(given.get("input_token", "")))
        if token is None or token.data.get("client_id") != client_id:
            raise GraphError(100, "The access token could not be decrypted")
        is_valid = token.expires_at > self._store.now()
        targets = [page.id for page in self._granted(token)]
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
                for scope in scopes
                if scope.startswith("pages_")
            ],
        }
        if not is_valid:
            data["error"] = {"code": 190, "subcode": 463, "message": "Session has expired"}
        return JSONResponse({"data": data})

    def facts(self, account: Account) -> dict[str, Any]:
        picture = {"data": {"url": f"https://graph.facebook.com/{account.id}/picture"}}
        return {
            "id": account.id,
            "name": account.name,
            "username": account.username or None,
            "picture": picture,
        }

    def _user(self, request: Request) -> Token:
        token = self._network.token(request)
        if token is None or token.kind != "user":
            raise GraphError(100, "Tried accessing nonexisting field (accounts) on a Page")
        self._network.check_proof(request, token)
        return token

    def _granted(self, token: Token) -> list[Account]:
        """The Pages of the token's person."""
        mine = self._store.account("facebook", token.account)
        if mine is None or not token.allows("pages_show_list"):
            return []
        owner = mine.extra.get("owner", mine.id)
        return [
            account
            for account in self._store.accounts()
            if account.network == "facebook" and account.extra.get("owner", account.id) == owner
        ]

    def _lists(self, token: Token, page: Account) -> bool:
        return not page.extra.get("portfolio") or token.allows("business_management")

    def _page_facts(self, page: Account, user: Token) -> dict[str, Any]:
        facts = {**self.facts(page), "tasks": page.extra.get("tasks", list(TASKS))}
        return {**facts, "access_token": self._page_token(page, user)}

    def _page_token(self, page: Account, user: Token) -> str:
        """From a long-lived user token it does not expire."""
        value = f"EAA{secrets.token_hex(60)}P"
        until = FAR_FUTURE if user.data.get("is_long") else user.expires_at
        data = {"client_id": user.data.get("client_id", "")}
        now = self._store.now()
        token = Token("facebook", value, page.id, "page", user.scopes, until, now, data)
        self._store.add_token(token)
        return value


def _person_id(owner: str) -> str:
    return "10" + "".join(str(ord(letter) % 10) for letter in owner)[:13]
