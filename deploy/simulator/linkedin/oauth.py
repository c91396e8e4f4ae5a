"""LinkedIn's OAuth 2.0, and the identity and roles of members.

Settings: `refreshes`, whether the app is approved for refresh
tokens; `approved_scopes`, those the app may ask for (default: any); `acl_target`, the field of a
role that names its page (`organization` or `organizationTarget`).
"""

import secrets
from dataclasses import replace
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from deploy.simulator.linkedin.rest import LinkedInRest, author_of, is_page, rest
from deploy.simulator.linkedin.rules import denied, invalid, problem
from deploy.simulator.network import Refused, call
from deploy.simulator.oauth import Grant, OAuthError, OAuthServer, read_form
from deploy.simulator.state.records import Account, Token

ACCESS_SECONDS = 60 * 24 * 3600
REFRESH_SECONDS = 365 * 24 * 3600
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
        if not self.may_administer(request):
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
            self.may_administer(request) and self.role(page, account)
        ):
            raise Refused(denied("GET", "organizations"))
        number = int(request.path_params["id"])
        shown = {"id": number, "localizedName": page.name, "vanityName": page.username}
        return JSONResponse(shown)

    def may_administer(self, request: Request) -> bool:
        names = ("rw_organization_admin", "r_organization_admin")
        return any(self.allows(request, name) for name in names)


class LinkedInOAuthServer(OAuthServer):
    code_seconds = 1800
    denied = {
        "error": "user_cancelled_authorize",
        "error_description": "The user cancelled the authorization",
    }

    def accounts(self) -> list[Account]:
        return [account for account in super().accounts() if not is_page(account)]

    def routes(self) -> list[Route]:
        return [
            *self.consent("/oauth/v2/authorization"),
            Route("/oauth/v2/accessToken", self.token, methods=["POST"]),
            Route("/oauth/v2/introspectToken", self.introspect, methods=["POST"]),
            Route("/oauth/v2/revoke", self.revoke, methods=["POST"]),
        ]

    async def page(self, request: Request) -> Response:
        """The consent page, or a redirect with an error if a scope is not approved."""
        query = request.query_params
        approved = self.network.setting("", "approved_scopes", None)
        above = [s for s in query.get("scope", "").split() if approved and s not in approved]
        shown = await super().page(request)
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
        return await super().decide(request)

    async def token(self, request: Request) -> Response:
        form = await self._form(request)
        is_code = form.get("grant_type") == "authorization_code"
        if not is_code and form.get("grant_type") != "refresh_token":
            raise OAuthError(400, "unsupported_grant_type", "The grant type is not supported.")
        grant = self.granted(form)
        if grant is None:
            raise OAuthError(400, "invalid_request", BAD_CODE if is_code else BAD_GRANT)
        if isinstance(grant, Grant):
            self._end_others(form["client_id"], grant)
        return self._issue(form["client_id"], grant)

    def _issue(self, client_id: str, grant: Grant | Token) -> Response:
        """A refresh token in use is not replaced, and keeps its expiry."""
        seconds, left, refresh = ACCESS_SECONDS, REFRESH_SECONDS, ""
        if isinstance(grant, Token):
            refresh, left = grant.value, round(grant.expires_at - self.store.now())
        elif self.network.setting(grant.account, "refreshes", True):
            refresh = "AQ" + secrets.token_urlsafe(260)
            self.issue(refresh, "refresh", grant, left, client_id=client_id)
        seconds, scopes = min(seconds, left), grant.scopes or ()
        access = "AQ" + secrets.token_urlsafe(260)
        answer: dict[str, object] = {
            "access_token": self.issue(access, "access", grant, seconds, client_id=client_id),
            "expires_in": seconds,
            "scope": ",".join(scopes),
            "token_type": "Bearer",
        }
        if "openid" in scopes:
            answer["id_token"] = secrets.token_urlsafe(60)
        if refresh:
            answer |= {"refresh_token": refresh, "refresh_token_expires_in": left}
        return JSONResponse(answer)

    def _end_others(self, client_id: str, grant: Grant) -> None:
        """Consent to other scopes revokes the app's earlier tokens of the member."""
        for token in self.store.tokens_of(self.key, grant.account):
            is_apps = token.data.get("client_id") == client_id
            if is_apps and set(token.scopes or ()) != set(grant.scopes):
                self._end(token)

    def _end(self, token: Token) -> None:
        self.store.add_token(replace(token, kind="revoked"))

    async def introspect(self, request: Request) -> Response:
        form = await self._form(request)
        token = self.store.token(self.key, form.get("token", ""))
        if token is None or token.data.get("client_id") != form["client_id"]:
            return JSONResponse({"active": False})
        status = "revoked" if token.kind == "revoked" else "active"
        if status == "active" and token.expires_at <= self.store.now():
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
        form = await self._form(request)
        token = self.store.token(self.key, form.get("token", ""))
        if token is not None and token.data.get("client_id") == form["client_id"]:
            for same in self.store.tokens_of(self.key, token.account):
                self._end(same)
        return Response(status_code=200)

    async def _form(self, request: Request) -> dict[str, str]:
        """The form of an app, which must hold its secret; a Basic header is ignored."""
        form = await read_form(request)
        for name in ("client_id", "client_secret"):
            if not form.get(name):
                message = f'A required parameter "{name}" is missing'
                raise OAuthError(400, "invalid_request", message)
        if not self.is_app(form["client_id"], form["client_secret"]):
            raise OAuthError(401, "invalid_client", "Client authentication failed")
        return form
