"""A small provider of OpenID Connect, at a real socket, with real keys."""

import base64
import hashlib
import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from tests import http_server

CLIENT, SECRET = "dovecote", "the client's secret"


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Provider:
    """`claims` are told of who logs in; `changed` replaces what a token says (None: left out)."""

    issuer: str = ""
    key: rsa.RSAPrivateKey = field(default_factory=new_key)
    #: With which the tokens are really signed.
    signing_key: Any = None
    algorithm: str = "RS256"
    #: How tokens name their key; None: they do not.
    key_name: str | None = "one"
    #: What is published beside the key.
    other_keys: list[dict[str, Any]] = field(default_factory=list)
    claims: dict[str, Any] = field(default_factory=dict)
    changed: dict[str, Any] = field(default_factory=dict)
    #: What only the page of userinfo tells.
    told_apart: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    #: An HTTP status instead of an answer, by path.
    broken: dict[str, int] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "end_session_endpoint": f"{self.issuer}/logout",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            **self.document,
        }

    def keys(self) -> dict[str, Any]:
        public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [*self.other_keys, {**public, "kid": "one", "use": "sig", "alg": "RS256"}]}

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser goes on, once the person has agreed."""
        code = uuid.uuid4().hex
        self.codes[code] = query
        answer = urlencode({"code": code, "state": query["state"]})
        return f"{query['redirect_uri']}?{answer}"

    def token(self, form: dict[str, str]) -> dict[str, str] | None:
        """The tokens of a code, once; None for any other."""
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return None
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        same = asked["code_challenge"] == challenge and asked["code_challenge_method"] == "S256"
        if not same or form["redirect_uri"] != asked["redirect_uri"]:
            return None
        now = int(time.time())
        said = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.claims,
            **self.changed,
        }
        kept = {name: value for name, value in said.items() if value is not None}
        key = None if self.algorithm == "none" else self.signing_key or self.key
        token = jwt.encode(
            kept, key, algorithm=self.algorithm, headers=self.key_name and {"kid": self.key_name}
        )
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": token}


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        path, query = self._path()
        known = {
            "/.well-known/openid-configuration": self.provider.discovery,
            "/keys": self.provider.keys,
            "/userinfo": lambda: {**self.provider.claims, **self.provider.told_apart},
        }
        if path == "/authorize":
            self._answer(302, None, self.provider.authorize(query))
        else:
            self._answer(self.provider.broken.get(path, 200), known[path]())

    def do_POST(self) -> None:
        path, _ = self._path()
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        if basic := self.headers.get("Authorization"):
            name, _, secret = base64.b64decode(basic.split()[1]).decode().partition(":")
            form |= {"client_id": name, "client_secret": secret}
        self.provider.asked.append((path, form))
        tokens = self.provider.token(form)
        status = 200 if tokens else 400
        error = {"error": "invalid_grant"}
        self._answer(self.provider.broken.get(path, status), tokens or error)

    def _path(self) -> tuple[str, dict[str, str]]:
        url = urlsplit(self.path)
        return url.path, dict(parse_qsl(url.query))

    def _answer(self, status: int, body: Any, location: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())


@contextmanager
def serving(provider: Provider) -> Iterator[None]:
    """Let the provider answer at a port of its own."""
    handler = type("Handler", (_Handler,), {"provider": provider})
    with http_server.serving(handler) as provider.issuer:
        yield
