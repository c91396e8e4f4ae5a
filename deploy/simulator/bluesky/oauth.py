"""Who authorizes apps: each server for its own accounts. Apps are known by a document of theirs.

Call: token. Settings of the network: `documents`, what the addresses of apps answer, as none is
called from here; `authorizes`, the origin that servers name instead of their own, empty for none.
Clients on this computer need no document.

Source: https://atproto.com/specs/oauth (read 2026-12-01) and @atproto/oauth-provider 0.22.9.
"""

import re
import secrets
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

import jwt
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.bluesky import proofs
from deploy.simulator.bluesky.proofs import NoProof
from deploy.simulator.bluesky.sessions import Sessions
from deploy.simulator.oauth import Grant, OAuthError, OAuthServer, read_form
from deploy.simulator.state.records import Account

ACCESS_SECONDS, REFRESH_SECONDS, REQUEST_SECONDS = 3600, 14 * 24 * 3600, 300
SCOPES = {"atproto", "transition:generic", "transition:email", "transition:chat.bsky"}
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LOCAL = "http://localhost"
CHALLENGE = re.compile(r"[\w-]{43}", re.ASCII)
#: What a document must say.
DOCUMENT: Mapping[str, Any] = {
    "application_type": "web",
    "dpop_bound_access_tokens": True,
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "private_key_jwt",
    "token_endpoint_auth_signing_alg": "ES256",
}
#: The fields of a request, and of the two ways to get tokens.
ASKED = {
    *("response_type", "redirect_uri", "scope", "state", "code_challenge"),
    *("code_challenge_method", "login_hint"),
}
FORMS = {
    "authorization_code": {"grant_type", "code", "redirect_uri", "code_verifier"},
    "refresh_token": {"grant_type", "refresh_token"},
}
BY_KEY = {"client_assertion", "client_assertion_type"}


class BlueskyOAuthServer(OAuthServer):
    needs_challenge = True
    denied: ClassVar[Mapping[str, str]] = {
        "error": "access_denied",
        "error_description": "The user rejected the request",
    }
    network: Sessions

    def __init__(self, network: Sessions, host: str) -> None:
        super().__init__(network)
        self.issuer = f"https://{host}"

    def routes(self) -> list[Route]:
        return [
            *self.consent("/oauth/authorize"),
            Route("/.well-known/oauth-protected-resource", self.resource),
            Route("/.well-known/oauth-authorization-server", self.metadata),
            Route("/oauth/par", self.request, methods=["POST"]),
            Route("/oauth/token", self.token, methods=["POST"]),
        ]

    def accounts(self) -> list[Account]:
        found = super().accounts()
        return [each for each in found if self.network.server_of(each) == self.issuer]

    async def resource(self, request: Request) -> Response:
        authorizes = self.network.setting("", "authorizes", self.issuer)
        if not authorizes:
            return JSONResponse({"error": "MethodNotImplemented"}, 404)
        found = {"resource": self.issuer, "authorization_servers": [authorizes]}
        return JSONResponse({**found, "bearer_methods_supported": ["header"]})

    async def metadata(self, request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "scopes_supported": sorted(SCOPES),
                "response_types_supported": ["code"],
                "grant_types_supported": list(FORMS),
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": True,
                "authorization_endpoint": f"{self.issuer}/oauth/authorize",
                "token_endpoint": f"{self.issuer}/oauth/token",
                "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
                "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
                "pushed_authorization_request_endpoint": f"{self.issuer}/oauth/par",
                "require_pushed_authorization_requests": True,
                "dpop_signing_alg_values_supported": ["ES256"],
                "client_id_metadata_document_supported": True,
            }
        )

    def app(self, client_id: str) -> dict[str, Any] | None:
        """What an app's address says: `redirect_uris`, `scope`, and its `keys`, if it has any."""
        if client_id.startswith(LOCAL):
            return _local(client_id)
        documents = self.network.setting("", "documents", {})
        said = documents.get(client_id, {})
        fits = all(said.get(name) == value for name, value in DOCUMENT.items())
        keys = documents.get(said.get("jwks_uri"), {}).get("keys")
        if said.get("client_id") != client_id or not fits or not keys:
            return None
        origin = f"{client_id.partition('/connect/')[0]}/"
        is_own = all(uri.startswith(origin) for uri in said["redirect_uris"])
        return {**said, "keys": {each["kid"]: each for each in keys}} if is_own else None

    def asked(self, request: Request) -> Mapping[str, str]:
        query = request.query_params
        found = self.store.get(self.key, "request", query.get("request_uri", "")) or {}
        is_known = found and not found["used"] and found["until"] > self.store.now()
        if (
            not is_known
            or found["issuer"] != self.issuer
            or set(query) != {"client_id", "request_uri"}
        ):
            return {}
        form: dict[str, str] = found["form"]
        return form if form["client_id"] == query["client_id"] else {}

    async def request(self, request: Request) -> Response:
        """Take what the page will ask for; returns a reference to it."""
        form = await read_form(request)
        known, jkt = self._known(form, ASKED), self._proven(request)
        self._authenticate(form, known)
        asked = form.get("scope", "").split()
        if "atproto" not in asked or set(asked) - set(known["scope"].split()):
            raise self._refused(
                "invalid_scope", f"Scope {asked} is not the client's, or lacks atproto"
            )
        if form.get("login_hint") == "":
            raise self._refused("invalid_request", "A login_hint is not empty")
        if not CHALLENGE.fullmatch(form.get("code_challenge", "")):
            raise self._refused("invalid_request", "A code_challenge of 43 characters is required")
        if problem := self.problem(form):
            raise self._refused("invalid_request", problem)
        where = f"urn:ietf:params:oauth:request_uri:req-{secrets.token_hex(16)}"
        kept = {"form": {**form, "jkt": jkt}, "issuer": self.issuer, "used": False}
        until = self.store.now() + REQUEST_SECONDS
        self.store.put(self.key, "request", where, "", {**kept, "until": until})
        told = {"request_uri": where, "expires_in": REQUEST_SECONDS}
        return self._told(JSONResponse(told, 201))

    async def decide(self, request: Request) -> Response:
        answer = await super().decide(request)
        if answer.status_code == 303:
            answer.headers["location"] += f"&iss={self.issuer}"
            where = request.query_params["request_uri"]
            self.store.change(self.key, "request", where, used=True)
        return answer

    def _code(self, query: Mapping[str, str], form: FormData) -> dict[str, str]:
        back = super()._code(query, form)
        self.store.change(self.key, "code", back["code"], jkt=query["jkt"])
        return back

    async def token(self, request: Request) -> Response:
        form = await read_form(request)
        fields = FORMS.get(form.get("grant_type", ""))
        if fields is None:
            raise self._refused("unsupported_grant_type", "The grant type is not supported.")
        known, jkt = self._known(form, fields), self._proven(request)
        self._authenticate(form, known)
        if "code" in form:
            found = self.store.get(self.key, "code", form["code"]) or {}
            grant = self.redeem(form)
            if grant is None or found["jkt"] != jkt:
                raise self._refused("invalid_grant", "Invalid code")
            session = secrets.token_hex(8)
        else:
            grant, session = self._renewed(form, jkt)
        client = form["client_id"]
        return self.answer(grant.account, lambda: self._issue(grant, session, client, jkt))

    def _renewed(self, form: Mapping[str, str], jkt: str) -> tuple[Grant, str]:
        """What a refresh token allows, once: another time, or by others, ends its session."""
        token = self.live(form.get("refresh_token", ""), "refresh")
        if token is None or self.network.session_of(token) is None:
            raise self._refused("invalid_grant", "Invalid refresh token")
        session: str = token.data["session"]
        is_replayed = self.network.session_of(token) != token.value
        is_others = (token.data["client_id"], token.data["jkt"]) != (form["client_id"], jkt)
        if is_replayed or is_others:
            self.store.put(self.key, "session", session, token.account, {})
            said = (
                "Refresh token replayed" if is_replayed else "Token was not issued to this client"
            )
            raise self._refused("invalid_grant", said)
        return Grant(token.account, token.scopes or ()), session

    def _issue(self, grant: Grant, session: str, client: str, jkt: str) -> Response:
        known = {"session": session, "client_id": client, "jkt": jkt}
        access, refresh = (f"{kind}-{secrets.token_urlsafe(32)}" for kind in ("tok", "ref"))
        self.issue(access, "access", grant, ACCESS_SECONDS, **known)
        self.issue(refresh, "refresh", grant, REFRESH_SECONDS, **known)
        tokens = {"access": access, "refresh": refresh}
        self.store.put(self.key, "session", session, grant.account, tokens)
        return self._told(
            JSONResponse(
                {
                    "access_token": access,
                    "token_type": "DPoP",
                    "refresh_token": refresh,
                    "scope": " ".join(grant.scopes),
                    "expires_in": ACCESS_SECONDS,
                    "sub": grant.account,
                }
            )
        )

    def _known(self, form: Mapping[str, str], fields: set[str]) -> dict[str, Any]:
        """Return the app of a form that has only fields it may have. Raises OAuthError."""
        app = self.app(form.get("client_id", ""))
        if app is None:
            said = "Unable to obtain client metadata"
            raise self._refused("invalid_client_metadata", said)
        if odd := form.keys() - fields - {"client_id"} - (BY_KEY if "keys" in app else set()):
            raise self._refused("invalid_request", f"The simulator knows no {min(odd)}")
        return app

    def _authenticate(self, form: Mapping[str, str], app: Mapping[str, Any]) -> None:
        """Raise OAuthError unless an app that has keys signed who it is."""
        if "keys" not in app:
            return
        try:
            sent, client = form["client_assertion"], form["client_id"]
            key = jwt.PyJWK(app["keys"][jwt.get_unverified_header(sent)["kid"]])
            claims = jwt.decode(
                sent, key, algorithms=["ES256"], audience=self.issuer, issuer=client,
                subject=client, options={"require": ["iat", "exp", "jti", "sub"]},
            )  # fmt: skip
        except (jwt.PyJWTError, KeyError) as problem:
            said = f'Validation of "client_assertion" failed: {problem}'
            raise self._refused("invalid_client", said) from None
        is_again = self.store.get(self.key, "assertion", claims["jti"])
        if form.get("client_assertion_type") != ASSERTION or is_again:
            raise self._refused("invalid_client", "Unsupported or repeated client assertion")
        self.store.put(self.key, "assertion", claims["jti"], "", {"used": True})

    def _proven(self, request: Request) -> str:
        try:
            return proofs.check(self.network, request)
        except NoProof as wrong:
            raise self._refused(wrong.error, wrong.said) from None

    def _refused(self, error: str, said: str) -> OAuthError:
        refused = OAuthError(400, error, said)
        self._told(refused.answer)
        return refused

    def _told(self, answer: Response) -> Response:
        answer.headers["DPoP-Nonce"] = proofs.nonce(self.network)
        return answer


def _local(client_id: str) -> dict[str, Any] | None:
    """What the address of a client on this computer says of it; None if that is not allowed."""
    parts = urlsplit(client_id)
    pairs = parse_qsl(parts.query)
    uris = [value for name, value in pairs if name == "redirect_uri"]
    hosts = {urlsplit(uri).hostname for uri in uris}
    is_plain = parts.netloc == "localhost" and parts.path in ("", "/") and not parts.fragment
    if not is_plain or {name for name, _ in pairs} != {"redirect_uri", "scope"}:
        return None
    if hosts - {"127.0.0.1", "::1"} or not all(uri.startswith("http://") for uri in uris):
        return None
    return {"redirect_uris": uris, "scope": dict(pairs)["scope"]}
