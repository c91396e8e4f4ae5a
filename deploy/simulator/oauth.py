"""A network's consent page, the codes it hands out, and the tokens it issues.

A network subclasses `OAuthServer` and routes its authorize path to `consent`. Its token endpoint
redeems codes and issues tokens here. Apps are registered by `/control/apps`. On the page a person
chooses the account to log in as and the scopes to grant, or denies.
"""

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from deploy.simulator.network import Dropped, Network, Refused, replacement
from deploy.simulator.state.records import Account, Token
from deploy.simulator.strict import once
from deploy.simulator.wall import PAGES


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person has allowed an app to do."""

    account: str
    scopes: tuple[str, ...]


class OAuthError(Refused):
    """A refusal of the token endpoint."""

    def __init__(self, status: int, error: str, description: str, **more: str) -> None:
        body = {"error": error, "error_description": description, **more}
        super().__init__(JSONResponse(body, status))


class OAuthServer:
    """The login of one network. A subclass says what is special there."""

    #: The network's name for the id of an app.
    client: ClassVar[str] = "client_id"
    #: What stands between scopes.
    separator: ClassVar[str] = " "
    code_seconds: ClassVar[float] = 600
    needs_challenge: ClassVar[bool] = False
    #: What an app is told if the person denies.
    denied: ClassVar[Mapping[str, str]] = {"error": "access_denied"}
    #: Appended to the URL that the page redirects to.
    suffix: ClassVar[str] = ""
    #: The parameter that names the granted scopes beside the code.
    returns_scopes: ClassVar[str] = ""
    #: The network that apps are registered with, if it is another.
    app_network: ClassVar[str] = ""

    def __init__(self, network: Network) -> None:
        self.network, self.store, self.key = network, network.store, network.key

    def consent(self, path: str) -> list[Route]:
        return [Route(path, self.page), Route(path, self.decide, methods=["POST"])]

    def accounts(self) -> list[Account]:
        """The accounts that a person may log in as."""
        return self.store.accounts(self.key)

    def challenge(self, verifier: str) -> str:
        # By PKCE's method S256 (RFC 7636).
        digest = hashlib.sha256(verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def app(self, client_id: str) -> dict[str, Any] | None:
        """A registered app: its `secret` and `redirect_uris`."""
        return self.store.get(self.app_network or self.key, "app", client_id)

    def is_app(self, client_id: str, secret: str) -> bool:
        app = self.app(client_id)
        return app is not None and secrets.compare_digest(app["secret"], secret)

    def asked(self, request: Request) -> Mapping[str, str]:
        """What the app asks for: parameters of the page, or what they refer to."""
        return request.query_params

    async def page(self, request: Request) -> Response:
        query = self.asked(request)
        problem = self.problem(query)
        scopes = [scope for scope in query.get("scope", "").split(self.separator) if scope]
        shown = PAGES.get_template("consent.html").render(
            network=self.network.name,
            client_id=query.get(self.client, ""),
            problem=problem,
            accounts=self.accounts(),
            scopes=scopes,
        )
        return HTMLResponse(shown, 400 if problem else 200)

    async def decide(self, request: Request) -> Response:
        """The person's answer: redirects to the app, with a code or with a refusal."""
        query = self.asked(request)
        if problem := self.problem(query):
            return HTMLResponse(problem, 400)
        async with request.form() as form:
            allowed = form.get("answer") == "allow" and str(form.get("account", ""))
            back = self._code(query, form) if allowed else dict(self.denied)
        if query.get("state"):
            back["state"] = query["state"]
        return RedirectResponse(
            f"{query['redirect_uri']}?{urlencode(back)}{self.suffix}", status_code=303
        )

    def _code(self, query: Mapping[str, str], form: FormData) -> dict[str, str]:
        code = secrets.token_urlsafe(24)
        granted = [str(scope) for scope in form.getlist("scope")]
        data = {
            "client_id": query[self.client],
            "redirect_uri": query["redirect_uri"],
            "challenge": query.get("code_challenge", ""),
            "scopes": granted,
            "expires_at": self.store.now() + self.code_seconds,
        }
        self.store.put(self.key, "code", code, str(form["account"]), data)
        back = {"code": code}
        if self.returns_scopes:
            back[self.returns_scopes] = self.separator.join(granted)
        return back

    def problem(self, query: Mapping[str, str]) -> str:
        app = self.app(query.get(self.client, ""))
        if app is None:
            return f"There is no app with this {self.client}."
        if query.get("redirect_uri") not in app["redirect_uris"]:
            return "The redirect_uri is not one that the app has registered."
        if query.get("response_type") != "code":
            return "response_type must be code."
        if not query.get("scope"):
            return "No scope is asked for."
        if self.needs_challenge and query.get("code_challenge_method") != "S256":
            return "code_challenge and code_challenge_method=S256 are required."
        return ""

    def answer(self, account: str, issue: Callable[[], Response]) -> Response:
        """Return what `issue` returns, unless a fault of the call `token` strikes the account.

        With `drop` "after", tokens were issued and the app never learns them.
        """
        fault = self.network.faults.strike(self.key, account, "token")
        if fault is None:
            return issue()
        if fault.drop == "before":
            raise Dropped
        works = fault.effect or fault.drop or not fault.status
        issued = issue() if works else None
        if fault.drop:
            raise Dropped
        if issued is None or fault.status:
            return replacement(fault.status, fault.body)
        return issued

    def redeem(self, form: Mapping[str, str]) -> Grant | None:
        """The grant of a code, once. None if it is unknown, used, expired or another app's."""
        code = form.get("code", "")
        found = self.store.get(self.key, "code", code)
        if found is None or found.get("used") or found["expires_at"] <= self.store.now():
            return None
        self.store.change(self.key, "code", code, used=True)
        same = found["client_id"] == form[self.client]
        same = same and found["redirect_uri"] == form.get("redirect_uri", "")
        verifier = form.get("code_verifier", "")
        if not same or (found["challenge"] and found["challenge"] != self.challenge(verifier)):
            return None
        return Grant(found["account"], tuple(found["scopes"]))

    def live(self, value: str, kind: str) -> Token | None:
        """A token of this kind that has not expired."""
        token = self.store.token(self.key, value)
        alive = token and token.kind == kind and token.expires_at > self.store.now()
        return token if alive else None

    def granted(self, form: Mapping[str, str]) -> Grant | Token | None:
        """What the code or the refresh token of a form allows, if it is the app's and valid."""
        if form["grant_type"] == "authorization_code":
            return self.redeem(form)
        token = self.live(form.get("refresh_token", ""), "refresh")
        return token if token and token.data.get("client_id") == form[self.client] else None

    def issue(
        self, value: str, kind: str, grant: Grant | Token, seconds: float, **data: Any
    ) -> str:
        """A new token, with what the network stores with it; returns its value."""
        now = self.store.now()
        account, scopes, until = grant.account, grant.scopes or (), now + seconds
        self.store.add_token(Token(self.key, value, account, kind, scopes, until, now, data))
        return value


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form. Raises OAuthError for one that comes twice."""
    async with request.form() as sent:
        try:
            return once((name, str(value)) for name, value in sent.multi_items())
        except ValueError as twice:
            raise OAuthError(400, "invalid_request", str(twice)) from None
