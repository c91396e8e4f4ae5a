"""A program that is connected by OAuth, as its server or its page would do it."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.test import Client

from destinations.runtime import clock
from posts.models import ApiKey, OAuthClient, OAuthGrant, Workspace

REDIRECT = "https://agent.example/callback"
RESOURCE = "http://127.0.0.1:8000"
PAGE = "/admin/oauth/"


def somewhere() -> str:
    """An address of its own, so that no test counts towards another one's limits."""
    return ".".join(["10", *(str(secrets.randbelow(256)) for _ in range(3))])


def challenge_of(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


@dataclass
class Program:
    """Registered, with a verifier of its own; each step takes what differs from the usual."""

    client_id: str
    secret: str = ""
    address: str = field(default_factory=somewhere)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    http: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def request(self, **changes: Any) -> dict[str, Any]:
        """The parameters of its authorization request; None leaves one out."""
        usual = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": REDIRECT,
            "scope": "read write ai",
            "state": "a state & more",
            "code_challenge": challenge_of(self.verifier),
            "code_challenge_method": "S256",
            "resource": RESOURCE,
        }
        return {name: value for name, value in {**usual, **changes}.items() if value is not None}

    def allowed(self, operator: Client, workspace: Any, **changes: Any) -> dict[str, str]:
        """What it is answered after an operator has allowed it all of its scopes."""
        form = {"workspace": workspace.pk, "scopes": ["read", "write", "ai"], "allow": "yes"}
        form |= changes.pop("form", {})
        answer = operator.post(page_of(self.request(**changes)), form)
        assert answer.status_code == 303, answer.content.decode()
        return answered(answer)

    def code(self, operator: Client, workspace: Any, **changes: Any) -> str:
        return self.allowed(operator, workspace, **changes)["code"]

    def ask(self, **form: Any) -> Any:
        """A call of the token endpoint."""
        return self.send("/oauth/token", **form)

    def send(self, path: str, **form: Any) -> Any:
        sent = {"client_id": self.client_id, **form}
        if self.secret:
            sent = {"client_secret": self.secret, **sent}
        body = {name: value for name, value in sent.items() if value is not None}
        return self.http.post(path, encoded(body), content_type=FORM, REMOTE_ADDR=self.address)

    def exchange(self, code: str, /, **changes: Any) -> Any:
        usual = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT,
            "code_verifier": self.verifier,
            "resource": RESOURCE,
        }
        return self.ask(**{**usual, **changes})

    def refresh(self, token: str, /, **changes: Any) -> Any:
        return self.ask(**{"grant_type": "refresh_token", "refresh_token": token, **changes})

    def connected(self, operator: Client, workspace: Any, **changes: Any) -> dict[str, Any]:
        """Its first tokens."""
        answer = self.exchange(self.code(operator, workspace, **changes))
        assert answer.status_code == 200, answer.json()
        return answer.json()


FORM = "application/x-www-form-urlencoded"


def encoded(form: dict[str, Any]) -> str:
    return urlencode(form, doseq=True)


def page_of(request: dict[str, Any]) -> str:
    return f"{PAGE}?{encoded(request)}"


def answered(answer: Any) -> dict[str, str]:
    """The parameters that a redirect brings to the program."""
    return dict(parse_qsl(urlsplit(answer["Location"]).query))


def register(**said: Any) -> Any:
    """The answer to a registration; `address` is where it comes from."""
    address = said.pop("address", None) or somewhere()
    body = {"client_name": "Claude", "redirect_uris": [REDIRECT], **said}
    return Client(raise_request_exception=False).post(
        "/oauth/register", body, content_type="application/json", REMOTE_ADDR=address
    )


def make_program(**said: Any) -> Program:
    answer = register(**said)
    assert answer.status_code == 201, answer.json()
    found = answer.json()
    return Program(found["client_id"], found.get("client_secret", ""))


def make_grant(workspace: Workspace, key: ApiKey, name: str = "Claude") -> OAuthGrant:
    """A client with a secret, and a grant that acts as this key, as rows without tokens."""
    now = clock.now()
    client = OAuthClient.objects.create(
        name=name,
        redirect_uris=[REDIRECT],
        method="client_secret_post",
        secret_hash=secrets.token_hex(32),
        address=somewhere(),
        created_at=now,
        connected_at=now,
    )
    return OAuthGrant.objects.create(
        client=client,
        workspace=workspace,
        api_key=key,
        scopes=["read", "write"],
        resource=RESOURCE,
        redirect_uri=REDIRECT,
        challenge=challenge_of(secrets.token_urlsafe(48)),
        code_hash=secrets.token_hex(32),
        code_expires_at=now,
        code_used_at=now,
        created_at=now,
    )


def refused(answer: Any, error: str, status: int = 400) -> str:
    """The description of an answer that must be exactly this refusal."""
    body = answer.json()
    assert (answer.status_code, body.get("error")) == (status, error), body
    assert set(body) == {"error", "error_description"}
    assert answer["Cache-Control"] == "no-store"
    return body["error_description"]
