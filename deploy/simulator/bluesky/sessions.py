"""Who is who: handles, the directory, and sessions. Calls: create_session, refresh_session.

Settings of an account: `pds`, the server it has moved to; `handle_of`, whose DID its handle leads
to; `full_access`, whether its password is its own; `status`, such as deactivated. An account's
`extra` has `pds` and `password`.
"""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from deploy.simulator.bluesky import proofs
from deploy.simulator.bluesky.lexicon import Check, Invalid, an_object, string
from deploy.simulator.bluesky.proofs import NoProof
from deploy.simulator.network import Dropped, Network, Refused, json_object, replacement
from deploy.simulator.state.records import Account, Token
from deploy.simulator.strict import media_type

ENTRYWAY = "https://bsky.social"
ACCESS_SECONDS, REFRESH_SECONDS = 7200, 90 * 24 * 3600
#: How long a session that was renewed may be renewed again, for answers that are lost.
GRACE_SECONDS = 7200
CREDENTIALS = an_object({"identifier": string(), "password": string()})
RESOLVE = an_object({"handle": string(form="handle")})


class Sessions(Network):
    """The calls that need no session, or open one."""

    key = "bluesky"
    name, colour = "Bluesky", "#0a6fd6"

    def server_of(self, account: Account) -> str:
        return str(self.setting(account.id, "pds", account.extra.get("pds", ENTRYWAY)))

    def by_name(self, name: str) -> Account | None:
        """The account of a handle or a DID."""
        known = self.store.accounts(self.key)
        return next((each for each in known if name in (each.id, each.username)), None)

    async def resolve_public(self, request: Request) -> Response:
        """The app's resolver; it does not know handles of hosts that it has not seen."""
        named = dict(request.query_params)
        if problem := wrong_params(RESOLVE, named, "com.atproto.identity.resolveHandle"):
            return problem
        account = self.by_name(named["handle"])
        if account is None or self.setting(account.id, "unseen", False):
            return refusal(400, "HandleNotFound", "Unable to resolve handle")
        return JSONResponse({"did": self.setting(account.id, "handle_of", account.id)})

    async def well_known(self, request: Request) -> Response:
        handle = request.scope["root_path"].strip("/")
        account = self.by_name(handle)
        return PlainTextResponse(account.id) if account else PlainTextResponse("", 404)

    async def document(self, request: Request) -> Response:
        account = self.store.account(self.key, request.path_params["did"])
        if account is None:
            return JSONResponse({"message": "DID not registered"}, 404)
        return JSONResponse(self._document(account))

    def _document(self, account: Account) -> dict[str, Any]:
        service = {
            "id": "#atproto_pds",
            "type": "AtprotoPersonalDataServer",
            "serviceEndpoint": self.server_of(account),
        }
        # Tests make accounts whose names are those of no host.
        name = account.username if "." in account.username else f"{account.username}.bsky.social"
        names = [f"at://{name}"]
        return {"id": account.id, "alsoKnownAs": names, "service": [service]}

    async def create_session(self, request: Request) -> Response:
        try:
            body = checked(CREDENTIALS, await body_of(request))
        except Refused as refused:
            return refused.answer
        account = self.by_name(body["identifier"])
        if account is None or not self._lets_in(account, body["password"], request):
            said = "Invalid identifier or password"
            return refusal(401, "AuthenticationRequired", said)
        return self._answer(account, "create_session")

    async def refresh_session(self, request: Request) -> Response:
        try:
            token = self._renewable(request)
        except Refused as refused:
            return refused.answer
        account = self.store.account(self.key, token.account)
        if account is None or not self._is_here(account, request):
            return refusal(400, "ExpiredToken", "Token has been revoked")
        until = min(token.expires_at, self.store.now() + GRACE_SECONDS)
        self.store.add_token(replace(token, expires_at=until))
        return self._answer(account, "refresh_session")

    async def delete_session(self, request: Request) -> Response:
        self.store.drop_token(self.key, self.secret(request))
        return Response()

    def valid_token(self, request: Request) -> Token:
        """Return the token of a call. Raises Refused, in the server's words."""
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        if scheme == "DPoP":
            return self._bound_token(request, secret)
        secret = self.secret(request)
        if not secret:
            raise refused(401, "AuthMissing", "Authentication Required")
        token = self.store.token(self.key, secret)
        if token is None or token.kind == "refresh":
            raise refused(400, "InvalidToken", "Token could not be verified")
        if "jkt" in token.data:
            raise refused(400, "InvalidToken", "Malformed token")
        if token.expires_at <= self.store.now():
            raise refused(400, "ExpiredToken", "Token has expired")
        return token

    def session_of(self, token: Token) -> str | None:
        """The newest token of a consent's session, of the same kind; None once it has ended."""
        found = self.store.get(self.key, "session", token.data["session"]) or {}
        return found.get(token.kind)

    def _bound_token(self, request: Request, secret: str) -> Token:
        """Return a token that is bound to the key of the call's proof. Raises Refused."""
        try:
            jkt = proofs.check(self, request, secret)
        except NoProof as wrong:
            raise self._unproven(wrong.error, wrong.said) from None
        token = self.store.token(self.key, secret)
        if token is None or token.kind != "access" or "jkt" not in token.data:
            raise self._unproven("invalid_token", "Malformed token")
        if token.data["jkt"] != jkt:
            raise self._unproven("invalid_token", "Invalid DPoP key binding")
        if self.session_of(token) != secret or token.expires_at <= self.store.now():
            raise self._unproven("invalid_token", "Invalid token")
        return token

    def _unproven(self, error: str, said: str) -> Refused:
        found = refused(401, error, said)
        found.answer.headers["WWW-Authenticate"] = f'DPoP error="{error}"'
        self.stamp(found.answer)
        return found

    def stamp(self, answer: Response) -> None:
        answer.headers["DPoP-Nonce"] = proofs.nonce(self)

    def _renewable(self, request: Request) -> Token:
        """Return the token that a session is renewed with. Raises Refused."""
        secret = self.secret(request)
        if not secret:
            raise refused(401, "AuthMissing", "Authentication Required")
        token = self.store.token(self.key, secret)
        if secret.count(".") != 2 or (token and token.kind != "refresh"):
            raise refused(400, "InvalidToken", "Token could not be verified")
        if token is None or token.data.get("password") != self._password(token.account):
            raise refused(400, "ExpiredToken", "Token has been revoked")
        if token.expires_at <= self.store.now():
            raise refused(400, "ExpiredToken", "Token has expired")
        return token

    def _password(self, did: str) -> str:
        account = self.store.account(self.key, did)
        known = account.extra.get("password") if account else None
        return str(self.setting(did, "password", known))

    def _lets_in(self, account: Account, password: Any, request: Request) -> bool:
        known = self._password(account.id)
        return bool(password) and password == known and self._is_here(account, request)

    def _is_here(self, account: Account, request: Request) -> bool:
        return f"https://{request.scope['root_path'].strip('/')}" == self.server_of(account)

    def _answer(self, account: Account, name: str) -> Response:
        """Open a session, unless a fault strikes: with `drop` "after" no one learns of it."""
        fault = self.faults.strike(self.key, account.id, name)
        if fault and fault.drop == "before":
            raise Dropped
        if fault and fault.rate_limit_reset_seconds:
            return self.rate_limited(fault.rate_limit_reset_seconds)
        if fault and fault.status and not fault.effect:
            return replacement(fault.status, fault.body or "{}")
        opened = self._open(account)
        if fault and fault.drop:
            raise Dropped
        return JSONResponse(opened)

    def _open(self, account: Account) -> dict[str, Any]:
        status = self.setting(account.id, "status", "")
        scope = "access" if self.setting(account.id, "full_access", False) else "appPass"
        return {
            "accessJwt": self._issue(account, "access", ACCESS_SECONDS, scope),
            "refreshJwt": self._issue(account, "refresh", REFRESH_SECONDS, "refresh"),
            "handle": account.username,
            "did": account.id,
            "didDoc": self._document(account),
            **({"active": False, "status": status} if status else {"active": True}),
        }

    def _issue(self, account: Account, kind: str, seconds: int, scope: str) -> str:
        now = self.store.now()
        says = {"scope": f"com.atproto.{scope}", "sub": account.id, "exp": int(now + seconds)}
        value = f"{_encoded({'typ': 'at+jwt'})}.{_encoded(says)}.{secrets.token_urlsafe(32)}"
        opened_by = {"password": self._password(account.id)}
        token = Token(self.key, value, account.id, kind, None, now + seconds, now, opened_by)
        self.store.add_token(token)
        return value


def _encoded(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


async def body_of(request: Request) -> dict[str, Any]:
    """Return the JSON object of a call. Raises Refused without one, or without its type."""
    kind = media_type(request.headers.get("content-type", ""))
    if kind and kind != "application/json":
        raise refused(400, "InvalidRequest", f"Wrong request encoding (Content-Type): {kind}")
    body = await json_object(request) if kind else None
    if body is None:
        raise refused(400, "InvalidRequest", "A request body is expected but none was provided")
    return body


def checked(check: Check, body: dict[str, Any]) -> dict[str, Any]:
    """Return the body if it fits. Raises Refused."""
    try:
        check(body, "$")
    except Invalid as problem:
        raise refused(400, "InvalidRequest", str(problem)) from None
    return body


def wrong_params(check: Check, given: dict[str, Any], call: str) -> Response | None:
    """Return the refusal of a query that does not fit."""
    try:
        check(given, "$")
    except Invalid as problem:
        return refusal(400, "InvalidRequest", f"Invalid {call} params: {problem.words}")
    return None


def refusal(status: int, error: str, message: str) -> Response:
    return JSONResponse({"error": error, "message": message}, status)


def refused(status: int, error: str, message: str) -> Refused:
    return Refused(refusal(status, error, message))
