"""Google's OAuth 2.0 for web servers: consent, tokens, revocation.

A refresh token is issued only for offline access, with the first consent or if the app asks for
consent again. It is not rotated. It ends after half a year without use, when a 101st is issued, and
when it is revoked.

Settings: `access_seconds`; `refresh_seconds`, after which a permission ends, as in projects in
testing; `gives_refresh_token`.
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from platforms.simulator.network import Network
from platforms.simulator.oauth import ConsentPage
from platforms.simulator.records import Token

ACCESS_SECONDS = 3599
UNUSED_SECONDS = 182 * 24 * 3600
REFRESH_TOKENS = 100


class GoogleOAuthServer:
    def __init__(self, network: Network) -> None:
        self._network, self._store = network, network.store
        self._consent = ConsentPage(network, returns_scopes="scope")

    def pages(self) -> list[Route]:
        return [
            Route("/o/oauth2/v2/auth", self._consent.page),
            Route("/o/oauth2/v2/auth", self.decide, methods=["POST"]),
        ]

    def api(self) -> list[Route]:
        return [
            Route("/token", self.token, methods=["POST"]),
            Route("/revoke", self.revoke, methods=["POST"]),
        ]

    async def decide(self, request: Request) -> Response:
        """The person's answer; stores with the code how the app asked for it."""
        answer = await self._consent.decide(request)
        back = parse_qs(urlsplit(answer.headers.get("location", "")).query)
        for code in back.get("code", []):
            query = request.query_params
            self._store.change(
                "youtube",
                "code",
                code,
                offline=query.get("access_type") == "offline",
                anew="consent" in query.get("prompt", "").split(),
            )
        return answer

    async def token(self, request: Request) -> Response:
        kind = request.headers.get("content-type", "")
        if not kind.startswith("application/x-www-form-urlencoded"):
            return _refused(400, "invalid_request", "The request must be a form.")
        async with request.form() as sent:
            form = {name: str(value) for name, value in sent.items()}
        if self._consent.app(form.get("client_id", "")) is None:
            return _refused(401, "invalid_client", "The OAuth client was not found.")
        if not self._consent.is_app(form["client_id"], form.get("client_secret", "")):
            return _refused(401, "invalid_client", "Unauthorized")
        if form.get("grant_type") == "authorization_code":
            owner = self._owner_of_code(form)
            return self._consent.answer(owner, lambda: self._by_code(form))
        if form.get("grant_type") == "refresh_token":
            token = self._store.token("youtube", form.get("refresh_token", ""))
            owner = token.account if token else ""
            return self._consent.answer(owner, lambda: self._by_refresh(form))
        return _refused(400, "unsupported_grant_type", "Invalid grant_type.")

    async def revoke(self, request: Request) -> Response:
        """Revokes all tokens of the account and the app that this token belongs to."""
        async with request.form() as form:
            token = self._store.token("youtube", str(form.get("token", "")))
        if token is None or token.expires_at <= self._store.now():
            return _refused(400, "invalid_token", "Token expired or revoked")
        client_id = token.data.get("client_id", "")
        for other in self._store.tokens_of("youtube", token.account):
            if other.data.get("client_id") == client_id:
                self._store.drop_token("youtube", other.value)
        self._store.put("youtube", "consent", f"{client_id} {token.account}", "", {"given": False})
        return JSONResponse({})

    def _owner_of_code(self, form: Mapping[str, str]) -> str:
        found = self._store.get("youtube", "code", form.get("code", ""))
        return str(found["account"]) if found else ""

    def _by_code(self, form: dict[str, str]) -> Response:
        code = self._store.get("youtube", "code", form.get("code", ""))
        if code and code["redirect_uri"] != form.get("redirect_uri"):
            return _refused(400, "redirect_uri_mismatch", "Bad Request")
        client_id = form["client_id"]
        grant = self._consent.redeem(
            form.get("code", ""),
            client_id=client_id,
            redirect_uri=form.get("redirect_uri", ""),
            verifier=form.get("code_verifier", ""),
        )
        if grant is None or code is None:
            return _refused(400, "invalid_grant", "Malformed auth code.")
        consent = f"{client_id} {grant.account}"
        given = (self._store.get("youtube", "consent", consent) or {"given": False})["given"]
        self._store.put("youtube", "consent", consent, "", {"given": True})
        answer = self._access(client_id, grant.account, grant.scopes)
        wanted = code["offline"] and (code["anew"] or not given)
        if wanted and self._network.setting(grant.account, "gives_refresh_token", True):
            answer |= self._refresh(client_id, grant.account, grant.scopes)
        return JSONResponse(answer)

    def _by_refresh(self, form: dict[str, str]) -> Response:
        now = self._store.now()
        token = self._store.token("youtube", form.get("refresh_token", ""))
        if token is None or token.kind != "refresh" or token.expires_at <= now:
            return _refused(400, "invalid_grant", "Token has been expired or revoked.")
        if token.data.get("client_id") != form["client_id"]:
            return _refused(401, "unauthorized_client", "Unauthorized")
        ends_at = token.data["ends_at"]
        until = min(now + UNUSED_SECONDS, ends_at) if ends_at else now + UNUSED_SECONDS
        self._store.add_token(replace(token, expires_at=until))
        return JSONResponse(self._access(form["client_id"], token.account, token.scopes or ()))

    def _access(self, client_id: str, account: str, scopes: tuple[str, ...]) -> dict[str, object]:
        now, value = self._store.now(), f"ya29.{secrets.token_urlsafe(120)}"
        seconds = self._network.setting(account, "access_seconds", ACCESS_SECONDS)
        data = {"client_id": client_id}
        self._store.add_token(
            Token("youtube", value, account, "access", scopes, now + seconds, now, data)
        )
        return {
            "access_token": value,
            "expires_in": seconds,
            "scope": " ".join(scopes),
            "token_type": "Bearer",
        }

    def _refresh(self, client_id: str, account: str, scopes: tuple[str, ...]) -> dict[str, object]:
        now, value = self._store.now(), f"1//{secrets.token_urlsafe(72)}"
        seconds = self._network.setting(account, "refresh_seconds", 0)
        data = {"client_id": client_id, "ends_at": now + seconds if seconds else 0}
        until = now + (seconds or UNUSED_SECONDS)
        self._store.add_token(Token("youtube", value, account, "refresh", scopes, until, now, data))
        self._forget_oldest(client_id, account)
        timed = {"refresh_token_expires_in": seconds} if seconds else {}
        return {"refresh_token": value, **timed}

    def _forget_oldest(self, client_id: str, account: str) -> None:
        mine = [
            token
            for token in self._store.tokens_of("youtube", account)
            if token.kind == "refresh" and token.data.get("client_id") == client_id
        ]
        mine.sort(key=lambda token: token.issued_at)
        for token in mine[:-REFRESH_TOKENS]:
            self._store.drop_token("youtube", token.value)


def _refused(status: int, word: str, description: str) -> Response:
    return JSONResponse({"error": word, "error_description": description}, status)
