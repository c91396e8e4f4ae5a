"""A network's consent page, and the codes it hands out.

A network makes one `ConsentPage` and routes its authorize path to `page` (GET) and `decide` (POST).
Its token endpoint redeems codes here. Apps are registered by `/control/apps`. On the page a person
chooses the account to log in as and the scopes to grant, or denies.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from platforms import oauth
from platforms.simulator.network import Dropped, Network, replacement
from platforms.simulator.records import Account
from platforms.simulator.wall import NAMES, PAGES

DENIED: Mapping[str, str] = {"error": "access_denied"}


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person has allowed an app to do."""

    account: str
    scopes: tuple[str, ...]


class ConsentPage:
    """One authorize page. `client` is the network's name for the app's id, `separator` stands
    between scopes, and `suffix` is appended to the URL that it redirects to.
    """

    code_bytes: ClassVar[int] = 24

    def __init__(
        self,
        network: Network,
        *,
        client: str = "client_id",
        separator: str = " ",
        code_seconds: float = 600,
        needs_challenge: bool = False,
        challenge: Callable[[str], str] = oauth.challenge,
        denied: Mapping[str, str] = DENIED,
        suffix: str = "",
        returns_scopes: str = "",
        app_network: str = "",
        who: Callable[[], list[Account]] | None = None,
    ) -> None:
        self._network = network
        self._store = network.store
        self._client = client
        self._separator = separator
        self._code_seconds = code_seconds
        self._needs_challenge = needs_challenge
        self._challenge = challenge
        self._denied = denied
        self._suffix = suffix
        self._returns_scopes = returns_scopes
        self._app_network = app_network or network.key
        self._who = who or self._all_accounts

    def _all_accounts(self) -> list[Account]:
        return [account for account in self._store.accounts() if account.network == self.key]

    @property
    def key(self) -> str:
        return self._network.key

    def app(self, client_id: str) -> dict[str, Any] | None:
        """A registered app: its `secret` and `redirect_uris`."""
        return self._store.get(self._app_network, "app", client_id)

    def is_app(self, client_id: str, secret: str) -> bool:
        app = self.app(client_id)
        return app is not None and secrets.compare_digest(app["secret"], secret)

    async def page(self, request: Request) -> Response:
        query = request.query_params
        problem = self._problem(query)
        scopes = [scope for scope in query.get("scope", "").split(self._separator) if scope]
        shown = PAGES.get_template("consent.html").render(
            network=NAMES[self.key],
            client_id=query.get(self._client, ""),
            problem=problem,
            accounts=self._who(),
            scopes=scopes,
        )
        return HTMLResponse(shown, 400 if problem else 200)

    async def decide(self, request: Request) -> Response:
        """The person's answer: redirects to the app, with a code or with a refusal."""
        query = request.query_params
        if problem := self._problem(query):
            return HTMLResponse(problem, 400)
        async with request.form() as form:
            allowed = form.get("answer") == "allow" and str(form.get("account", ""))
            back = self._code(query, form) if allowed else dict(self._denied)
        if query.get("state"):
            back["state"] = query["state"]
        return RedirectResponse(
            f"{query['redirect_uri']}?{urlencode(back)}{self._suffix}", status_code=303
        )

    def _code(self, query: Mapping[str, str], form: FormData) -> dict[str, str]:
        code = secrets.token_urlsafe(self.code_bytes)
        granted = [str(scope) for scope in form.getlist("scope")]
        data = {
            "client_id": query[self._client],
            "redirect_uri": query["redirect_uri"],
            "challenge": query.get("code_challenge", ""),
            "scopes": granted,
            "expires_at": self._store.now() + self._code_seconds,
        }
        self._store.put(self.key, "code", code, str(form["account"]), data)
        back = {"code": code}
        if self._returns_scopes:
            back[self._returns_scopes] = self._separator.join(granted)
        return back

    def _problem(self, query: Mapping[str, str]) -> str:
        app = self.app(query.get(self._client, ""))
        if app is None:
            return f"There is no app with this {self._client}."
        if query.get("redirect_uri") not in app["redirect_uris"]:
            return "The redirect_uri is not one that the app has registered."
        if query.get("response_type") != "code":
            return "response_type must be code."
        if not query.get("scope"):
            return "No scope is asked for."
        if self._needs_challenge and query.get("code_challenge_method") != "S256":
            return "code_challenge and code_challenge_method=S256 are required."
        return ""

    def answer(self, account: str, issue: Callable[[], Response]) -> Response:
        """What `issue` returns, unless a fault of the call `token` strikes the account.

        With `drop` "after", tokens were issued and the app never learns them.
        """
        fault = self._network.faults.strike(self.key, account, "token")
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

    def redeem(
        self, code: str, *, client_id: str, redirect_uri: str, verifier: str = ""
    ) -> Grant | None:
        """The grant of a code, once. None if it is unknown, used, expired or another app's."""
        found = self._store.get(self.key, "code", code)
        if found is None or found.get("used") or found["expires_at"] <= self._store.now():
            return None
        self._store.change(self.key, "code", code, used=True)
        same = found["client_id"] == client_id and found["redirect_uri"] == redirect_uri
        if not same or (found["challenge"] and found["challenge"] != self._challenge(verifier)):
            return None
        return Grant(found["account"], tuple(found["scopes"]))
