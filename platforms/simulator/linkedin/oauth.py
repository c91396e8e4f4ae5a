"""LinkedIn's OAuth 2.0, and the identity and roles of members.

Settings: `access_seconds`, `refresh_seconds`; `refreshes`, whether the app is approved for refresh
tokens; `approved_scopes`, those the app may ask for (default: any); `acl_target`, the field of a
role that names its page (`organization` or `organizationTarget`).
"""

import secrets
from dataclasses import replace
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from platforms.simulator.linkedin.rest import LinkedInRest, author_of, is_page, rest
from platforms.simulator.linkedin.rules import denied, invalid, problem
from platforms.simulator.network import Refused, call
from platforms.simulator.oauth import ConsentPage
from platforms.simulator.records import Account, Token

ACCESS_SECONDS = 60 * 24 * 3600
REFRESH_SECONDS = 365 * 24 * 3600
CODE_SECONDS = 1800
CANCELLED = {
    "error": "user_cancelled_authorize",
    "error_description": "The user cancelled the authorization",
}
BAD_GRANT = "The provided authorization grant or refresh token is invalid, expired or revoked"
BAD_CODE = (
    "Unable to retrieve access token: appid/redirect uri/code verifier does not match"
    " authorization code. Or authorization code expired. Or external member binding exists"
)


class LinkedInIdentity(LinkedInRest):
    def identity_routes(self) -> list[Route]:
        return [
            Route("/v2/userinfo", self.userinfo),
            Route("/rest/organizationAcls", self.list_roles),
            Route("/rest/organizations/{id}", self.get_organization),
        ]

    @call("userinfo")
    async def userinfo(self, request: Request, account: Account) -> Response:
        if not self.allows(request, "openid"):
            return denied("GET", "userinfo")
        first, _, last = account.name.partition(" ")
        shown: dict[str, object] = {"sub": account.id}
        if self.allows(request, "profile"):
            shown |= {"name": account.name, "given_name": first, "family_name": last}
            shown |= {"picture": f"https://media.licdn.com/dms/image/{account.id}"}
            shown |= {"locale": {"country": "US", "language": "en"}}
        if self.allows(request, "email"):
            shown |= {"email": f"{account.username}@example.com", "email_verified": True}
        return JSONResponse(shown)

    @rest("list_roles")
    async def list_roles(self, request: Request, account: Account) -> Response:
        query = request.query_params
        if not self._may_administer(request):
            raise Refused(denied("FINDER-roleAssignee", "organizationAcls"))
        if query.get("q") != "roleAssignee":
            raise Refused(invalid("q is not roleAssignee."))
        start, count = query.get("start", "0"), query.get("count", "10")
        if not start.isdigit() or not count.isdigit():
            raise Refused(invalid("start and count are whole numbers."))
        target = self.setting(account.id, "acl_target", "organization")
        entries = [
            {
                target: author_of(page),
                "roleAssignee": f"urn:li:person:{account.id}",
                "role": role,
                "state": "APPROVED",
            }
            for page in self.organizations()
            if (role := self.role(page, account))
        ]
        wanted = {name: query[name] for name in ("role", "state") if name in query}
        found = [e for e in entries if all(e[name] == word for name, word in wanted.items())]
        page = found[int(start) : int(start) + int(count)]
        paging = {"start": int(start), "count": int(count), "total": len(found)}
        return JSONResponse({"elements": page, "paging": paging})

    @rest("get_organization")
    async def get_organization(self, request: Request, account: Account) -> Response:
        page = self.organization(f"urn:li:organization:{request.path_params['id']}")
        if page is None:
            raise Refused(problem(404, "NOT_FOUND", "Not found."))
        if page.id != account.id and not (
            self._may_administer(request) and self.role(page, account)
        ):
            raise Refused(denied("GET", "organizations"))
        number = int(request.path_params["id"])
        shown = {"id": number, "localizedName": page.name, "vanityName": page.username}
        return JSONResponse(shown)

    def _may_administer(self, request: Request) -> bool:
        names = ("rw_organization_admin", "r_organization_admin")
        return any(self.allows(request, name) for name in names)


class LinkedInOAuthServer:
    def __init__(self, network: LinkedInRest) -> None:
        self._network, self._store = network, network.store
        self._consent = ConsentPage(
            network, code_seconds=CODE_SECONDS, denied=CANCELLED, who=self._members
        )

    def _members(self) -> list[Account]:
        return [a for a in self._store.accounts() if a.network == "linkedin" and not is_page(a)]

    def routes(self) -> list[Route]:
        return [
            Route("/oauth/v2/authorization", self.page),
            Route("/oauth/v2/authorization", self.decide, methods=["POST"]),
            Route("/oauth/v2/accessToken", self.token, methods=["POST"]),
            Route("/oauth/v2/introspectToken", self.introspect, methods=["POST"]),
            Route("/oauth/v2/revoke", self.revoke, methods=["POST"]),
        ]

    async def page(self, request: Request) -> Response:
        """The consent page, or a redirect with an error if a scope is not approved."""
        query = request.query_params
        approved = self._network.setting("", "approved_scopes", None)
        above = [s for s in query.get("scope", "").split() if approved and s not in approved]
        shown = await self._consent.page(request)
        if shown.status_code != 200 or not above:
            return shown
        message = f'Scope "{above[0]}" is not authorized for your application'
        back = {"error": "unauthorized_scope_error", "error_description": message}
        back["state"] = query.get("state", "")
        return RedirectResponse(f"{query['redirect_uri']}?{urlencode(back)}", 303)

    async def decide(self, request: Request) -> Response:
        """A member accepts all scopes or none."""
        async with request.form() as form:
            ticked, asked = set(form.getlist("scope")), request.query_params.get("scope", "")
            if form.get("answer") == "allow" and ticked != set(asked.split()):
                return Response("All scopes or none.", 400)
        return await self._consent.decide(request)

    async def token(self, request: Request) -> Response:
        async with request.form() as sent:
            form = {name: str(value) for name, value in sent.items()}
        if refusal := self._client_problem(form):
            return refusal
        if form.get("grant_type") == "authorization_code":
            grant = self._consent.redeem(
                form.get("code", ""),
                client_id=form["client_id"],
                redirect_uri=form.get("redirect_uri", ""),
            )
            if grant is None:
                return _refused(400, "invalid_request", BAD_CODE)
            self._end_others(grant.account, form["client_id"], grant.scopes)
            until = self._store.now() + self._setting(
                grant.account, "refresh_seconds", REFRESH_SECONDS
            )
            return self._issue(form["client_id"], grant.account, grant.scopes, "", until)
        if form.get("grant_type") == "refresh_token":
            value = form.get("refresh_token", "")
            old = self._store.token("linkedin", value)
            good = old and old.kind == "refresh" and old.expires_at > self._store.now()
            if not old or not good or old.data.get("client_id") != form["client_id"]:
                return _refused(400, "invalid_request", BAD_GRANT)
            return self._issue(
                form["client_id"], old.account, old.scopes or (), value, old.expires_at
            )
        return _refused(400, "unsupported_grant_type", "The grant type is not supported.")

    def _issue(
        self, client_id: str, account: str, scopes: tuple[str, ...], refresh: str, until: float
    ) -> Response:
        """`refresh`, the refresh token in use, is not replaced, and keeps its expiry `until`."""
        now = self._store.now()
        seconds = self._setting(account, "access_seconds", ACCESS_SECONDS)
        refreshes = refresh or self._setting(account, "refreshes", True)
        if refreshes:
            seconds = min(seconds, round(until - now))
        access = "AQ" + secrets.token_urlsafe(260)
        data = {"client_id": client_id}
        self._store.add_token(
            Token("linkedin", access, account, "access", scopes, now + seconds, now, data)
        )
        answer = {
            "access_token": access,
            "expires_in": seconds,
            "scope": ",".join(scopes),
            "token_type": "Bearer",
        }
        if "openid" in scopes:
            answer["id_token"] = secrets.token_urlsafe(60)
        if refreshes:
            refresh = refresh or "AQ" + secrets.token_urlsafe(260)
            self._store.add_token(
                Token("linkedin", refresh, account, "refresh", scopes, until, now, data)
            )
            answer |= {"refresh_token": refresh, "refresh_token_expires_in": round(until - now)}
        return JSONResponse(answer)

    def _end_others(self, account: str, client_id: str, scopes: tuple[str, ...]) -> None:
        """Consent to other scopes revokes the app's earlier tokens of the member."""
        for token in self._store.tokens_of("linkedin", account):
            if token.data.get("client_id") == client_id and set(token.scopes or ()) != set(scopes):
                self._end(token)

    def _end(self, token: Token) -> None:
        self._store.add_token(replace(token, kind="revoked"))

    async def introspect(self, request: Request) -> Response:
        async with request.form() as sent:
            form = {name: str(value) for name, value in sent.items()}
        if refusal := self._client_problem(form):
            return refusal
        token = self._store.token("linkedin", form.get("token", ""))
        if token is None or token.data.get("client_id") != form["client_id"]:
            return JSONResponse({"active": False})
        status = "revoked" if token.kind == "revoked" else "active"
        if status == "active" and token.expires_at <= self._store.now():
            status = "expired"
        return JSONResponse(
            {
                "active": status == "active",
                "status": status,
                "scope": ",".join(token.scopes or ()),
                "expires_at": int(token.expires_at),
                "client_id": form["client_id"],
                "authorized_at": int(token.issued_at),
                "created_at": int(token.issued_at),
                "auth_type": "3L",
            }
        )

    async def revoke(self, request: Request) -> Response:
        async with request.form() as sent:
            form = {name: str(value) for name, value in sent.items()}
        if refusal := self._client_problem(form):
            return refusal
        token = self._store.token("linkedin", form.get("token", ""))
        if token is not None and token.data.get("client_id") == form["client_id"]:
            for same in self._store.tokens_of("linkedin", token.account):
                self._end(same)
        return Response(status_code=200)

    def _client_problem(self, form: dict[str, str]) -> Response | None:
        """The secret must be in the form; a Basic header is ignored."""
        for name in ("client_id", "client_secret"):
            if not form.get(name):
                return _refused(400, "invalid_request", f'A required parameter "{name}" is missing')
        if not self._consent.is_app(form["client_id"], form["client_secret"]):
            return _refused(401, "invalid_client", "Client authentication failed")
        return None

    def _setting(self, account: str, name: str, default: int) -> int:
        return int(self._network.setting(account, name, default))


def _refused(status: int, error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status)
