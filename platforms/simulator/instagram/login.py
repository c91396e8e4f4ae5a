"""Facebook's consent for Instagram, its tokens, and the Pages that accounts are linked to.

Setting: `access_seconds`, the life of a person's long-lived token.
"""

import hashlib
import hmac
import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from platforms.simulator.meta.graph import GraphError
from platforms.simulator.network import Network
from platforms.simulator.oauth import ConsentPage
from platforms.simulator.records import FAR_FUTURE, Account, Token

KEY = "instagram"
DENIED = {
    "error": "access_denied",
    "error_code": "200",
    "error_reason": "user_denied",
    "error_description": "Permissions error",
}
SHORT_SECONDS, LONG_SECONDS = 7200, 5183944
TASKS = ["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"]


def person_of(account: Account) -> str:
    """The owner of the account; one person may own several."""
    return str(account.extra.get("person") or f"1{account.id[2:]}")


def page_of(account: Account) -> str:
    """The Page that the account is linked to."""
    return str(account.extra.get("page") or f"61{account.id[3:]}")


class FacebookLoginServer:
    def __init__(self, network: Network) -> None:
        self._network, self._store = network, network.store
        self._consent = ConsentPage(
            network, separator=",", denied=DENIED, suffix="#_=_", app_network="facebook"
        )

    def pages(self) -> list[Route]:
        path = "/{version}/dialog/oauth"
        return [
            Route(path, self._consent.page),
            Route(path, self._consent.decide, methods=["POST"]),
        ]

    def routes(self) -> list[Route]:
        return [
            Route("/{version}/oauth/access_token", self.token, methods=["GET", "POST"]),
            Route("/{version}/debug_token", self.inspect),
        ]

    def asks(self, request: Request) -> bool:
        """Whether the consent page is for Instagram."""
        return "instagram_" in request.query_params.get("scope", "")

    def redeems(self, request: Request) -> bool:
        """Whether a code or token was issued here."""
        query = request.query_params
        tokens = [query.get(name, "") for name in ("fb_exchange_token", "input_token")]
        has_code = self._store.get(KEY, "code", query.get("code", "")) is not None
        return has_code or any(self._store.token(KEY, token) for token in tokens)

    async def token(self, request: Request) -> Response:
        query = request.query_params
        client_id = query.get("client_id", "")
        if self._consent.app(client_id) is None:
            message = "Error validating application. Cannot get application info."
            return GraphError(101, message).answer()
        if not self._consent.is_app(client_id, query.get("client_secret", "")):
            return GraphError(1, "Error validating client secret.").answer()
        if query.get("grant_type") == "fb_exchange_token":
            old = self._store.token(KEY, query.get("fb_exchange_token", ""))
            if old is None or old.kind != "user" or old.expires_at <= self._store.now():
                return GraphError(190, "Error validating access token.", 463).answer()
            seconds = self._network.setting(old.account, "access_seconds", LONG_SECONDS)
            return self._issue(old.account, old.scopes or (), client_id, seconds)
        grant = self._consent.redeem(
            query.get("code", ""), client_id=client_id, redirect_uri=query.get("redirect_uri", "")
        )
        if grant is None:
            message = "This authorization code has been used."
            return GraphError(100, message, 36009).answer()
        return self._issue(grant.account, grant.scopes, client_id, SHORT_SECONDS)

    def _issue(
        self, account: str, scopes: tuple[str, ...], client_id: str, seconds: float
    ) -> Response:
        now, value = self._store.now(), "EAA" + secrets.token_hex(60)
        data = {"client_id": client_id}
        self._store.add_token(Token(KEY, value, account, "user", scopes, now + seconds, now, data))
        return JSONResponse({"access_token": value, "token_type": "bearer", "expires_in": seconds})

    async def inspect(self, request: Request) -> Response:
        client_id, _, secret = request.query_params.get("access_token", "").partition("|")
        if not self._consent.is_app(client_id, secret):
            return GraphError(190, "Invalid OAuth access token.").answer()
        token = self._store.token(KEY, request.query_params["input_token"])
        owner = self._store.account(KEY, token.account) if token else None
        if token is None or owner is None:
            return JSONResponse({"data": {"is_valid": False, "scopes": []}})
        scopes = list(token.scopes or ())
        pages = [page_of(account) for account in self.accounts_of(person_of(owner))]
        granular = [
            {"scope": scope, "target_ids": pages}
            if scope.startswith("pages_")
            else {"scope": scope}
            for scope in scopes
        ]
        facts = {
            "app_id": client_id,
            "type": token.kind.upper(),
            "is_valid": token.expires_at > self._store.now(),
            "expires_at": int(token.expires_at) if token.expires_at < FAR_FUTURE else 0,
            "scopes": scopes,
            "granular_scopes": granular,
            "user_id": person_of(owner),
        }
        return JSONResponse({"data": facts})

    def accounts_of(self, person: str) -> list[Account]:
        return [
            account
            for account in self._store.accounts()
            if account.network == KEY and person_of(account) == person
        ]

    def page_facts(self, account: Account, token: Token, *, tasks: bool) -> dict[str, Any]:
        """The fields of a Page, with its own token if a person asks."""
        user = {"id": account.id, "username": account.username, "name": account.name}
        facts = {
            "id": page_of(account),
            "name": account.name,
            "access_token": self._page_token(account, token),
            "instagram_business_account": user if account.extra.get("linked", True) else None,
        }
        return {**facts, "tasks": account.extra.get("tasks", TASKS)} if tasks else facts

    def _page_token(self, account: Account, token: Token) -> str:
        """Always the same for a user token. From a long-lived one it does not expire."""
        value = "EAA" + hashlib.sha512(f"{token.value}:{account.id}".encode()).hexdigest()
        if self._store.token(KEY, value) is None:
            is_short = token.expires_at - token.issued_at <= SHORT_SECONDS
            until = token.expires_at if is_short else FAR_FUTURE
            now, scopes = self._store.now(), token.scopes
            page = Token(KEY, value, account.id, "page", scopes, until, now, token.data)
            self._store.add_token(page)
        return value

    def check_proof(self, token: Token, given: str, *, required: bool) -> None:
        """Raises GraphError if the proof is wrong, or required and missing."""
        app = self._consent.app(str(token.data.get("client_id", "")))
        secret = app["secret"] if app else ""
        right = hmac.new(secret.encode(), token.value.encode(), hashlib.sha256).hexdigest()
        if required and not given:
            raise GraphError(100, "API calls from the server require an appsecret_proof argument")
        if given and not hmac.compare_digest(right, given):
            raise GraphError(100, "Invalid appsecret_proof provided in the API argument")
