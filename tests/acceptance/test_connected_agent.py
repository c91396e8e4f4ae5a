"""An agent that has no key: the official SDK of MCP registers, asks, and is let in by an operator.

The operator is a script in place of a browser: login, second factor, consent.
"""

import asyncio
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import httpx2
import pytest
from django.utils import timezone
from django_otp.oath import TOTP
from mcp import Client
from mcp.client.auth import OAuthClientProvider, OAuthFlowError
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import (
    AuthorizationCodeResult,
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthToken,
)

from tests.acceptance.stack import Stack

pytestmark = pytest.mark.thorough

PASSWORD = "correct horse battery staple"
PHONE = "3132333435363738393031323334353637383930"
MAKE_OPERATOR = f"""
from django.contrib.auth.models import User
from django_otp.plugins.otp_totp.models import TOTPDevice
user, is_new = User.objects.get_or_create(username="olga", is_staff=True, is_superuser=True)
user.set_password("{PASSWORD}")
user.save()
TOTPDevice.objects.filter(user=user).delete()
TOTPDevice.objects.create(user=user, key="{PHONE}", name="app")
"""
CALLBACK = "http://127.0.0.1:33418/callback"


class Storage:
    """What the agent keeps."""

    tokens: OAuthToken | None = None
    client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


class Operator:
    """Opens the address that the agent shows, logs in with both factors, and answers the page."""

    def __init__(self, stack: Stack, workspace: str, *, allows: bool = True) -> None:
        self.http = stack.client(stack.url)
        self.http.follow_redirects = True
        self.workspace, self.allows = workspace, allows
        self.pages: list[str] = []
        self.answer: dict[str, str] = {}

    async def open(self, address: str) -> None:
        await asyncio.to_thread(self._open, address)

    def _open(self, address: str) -> None:
        shown = self.http.get(address)
        while "/admin/oauth/" not in str(shown.url.copy_with(query=None)):
            self.pages.append(shown.url.path)
            shown = self._send(shown, {"username": "olga", "password": PASSWORD, "code": code()})
        self.pages.append(shown.url.path)
        self.http.follow_redirects = False
        said = {"allow": "yes"} if self.allows else {"deny": "yes"}
        scopes = re.findall(r'name="scopes" value="(\w+)"', shown.text)
        answer = self._send(shown, {**said, "workspace": self.workspace, "scopes": scopes})
        self.http.follow_redirects = True
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"].startswith(CALLBACK)
        self.answer = dict(parse_qsl(urlsplit(answer.headers["location"]).query))

    def _send(self, shown: httpx.Response, form: dict[str, Any]) -> httpx.Response:
        [token, *_] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', shown.text)
        return self.http.post(str(shown.url), data={**form, "csrfmiddlewaretoken": token})

    async def result(self) -> AuthorizationCodeResult:
        if "code" not in self.answer:
            raise OAuthFlowError(self.answer["error"])
        return AuthorizationCodeResult(
            **{name: self.answer[name] for name in ("code", "state", "iss")}
        )


def code() -> str:
    maker = TOTP(bytes.fromhex(PHONE))
    maker.time = timezone.now().timestamp()
    return f"{maker.token():06d}"


@pytest.fixture(scope="module")
def operator_is_there(running_stack: Stack) -> None:
    made = running_stack.command("manage.py", "shell", "-c", MAKE_OPERATOR)
    assert made.returncode == 0, made.stderr


@pytest.fixture
def workspace(stack: Stack, operator_is_there: None) -> str:
    """The id of a workspace with an account on X; there is an operator, whose next code is good."""
    # A code is taken once, and these tests are quicker than the next one comes.
    stack.rows("UPDATE otp_totp_totpdevice SET last_t = -1 RETURNING 1")
    key = stack.team(x=1).http.headers["Authorization"].removeprefix("Bearer ")
    sql = "SELECT workspace_id FROM posts_apikey WHERE digest = encode(sha256(%s), 'hex')"
    return str(stack.rows(sql, key.encode())[0][0])


def provider(stack: Stack, operator: Operator, storage: Storage) -> OAuthClientProvider:
    about = OAuthClientMetadata(client_name="An agent", redirect_uris=[CALLBACK])  # type: ignore[list-item]
    return OAuthClientProvider(f"{stack.url}/mcp", about, storage, operator.open, operator.result)


async def accounts(stack: Stack, auth: OAuthClientProvider) -> list[dict[str, Any]]:
    """The accounts that the agent is told of by a tool."""
    async with httpx2.AsyncClient(auth=auth, trust_env=False, timeout=60) as http:
        server = streamable_http_client(f"{stack.url}/mcp", http_client=http)
        async with Client(server) as dovecote:
            found = await dovecote.call_tool("list_accounts", {})
            return found.structured_content["data"]["accounts"]


def test_the_sdk_connects_by_itself_and_renews_its_tokens(stack: Stack, workspace: str):
    operator, storage = Operator(stack, workspace), Storage()
    auth = provider(stack, operator, storage)

    [account] = asyncio.run(accounts(stack, auth))

    assert account["platform"] == "x"
    assert operator.pages == ["/admin/login/", "/admin/second-factor/", "/admin/oauth/"]
    first = storage.tokens
    assert first is not None
    assert set((first.scope or "").split()) >= {"read", "write", "ai"}
    # It holds no token of its own for the next call, as after a restart an hour later.
    later = provider(stack, operator, storage)
    later.context.token_expiry_time = 1
    operator.answer = {"error": "no_operator_is_there"}

    assert asyncio.run(accounts(stack, later)) == [account]

    assert storage.tokens is not None
    assert storage.tokens.access_token != first.access_token
    assert len(operator.pages) == 3


def test_an_agent_that_is_revoked_must_ask_again(stack: Stack, workspace: str):
    operator, storage = Operator(stack, workspace), Storage()
    asyncio.run(accounts(stack, provider(stack, operator, storage)))
    assert storage.client is not None
    assert storage.tokens is not None
    form = {"client_id": storage.client.client_id, "token": storage.tokens.refresh_token}
    httpx.post(f"{stack.url}/oauth/revoke", data=form, trust_env=False).raise_for_status()

    def is_refused() -> bool:
        headers = {"Authorization": f"Bearer {storage.tokens.access_token}"}
        answer = httpx.get(f"{stack.url}/api/v1/me", headers=headers, trust_env=False)
        return answer.status_code == 401

    stack.wait("the token is refused", is_refused)
    asyncio.run(accounts(stack, provider(stack, operator, storage)))
    assert operator.pages[3:] == ["/admin/oauth/"]


def test_an_agent_that_is_denied_gets_no_tokens(stack: Stack, workspace: str):
    operator, storage = Operator(stack, workspace, allows=False), Storage()

    with pytest.raises(Exception, match="access_denied") as failed:
        raise _only(_refusal(stack, provider(stack, operator, storage)))

    assert isinstance(failed.value, OAuthFlowError)
    assert storage.tokens is None


def _refusal(stack: Stack, auth: OAuthClientProvider) -> BaseException:
    try:
        asyncio.run(accounts(stack, auth))
    except (ExceptionGroup, OAuthFlowError) as error:
        return error
    raise AssertionError("It was let in.")


def _only(error: BaseException) -> BaseException:
    """The one error inside groups of one."""
    while isinstance(error, BaseExceptionGroup):
        [error] = error.exceptions
    return error


def test_no_secret_is_in_the_logs(stack: Stack, workspace: str):
    operator, storage = Operator(stack, workspace), Storage()
    asyncio.run(accounts(stack, provider(stack, operator, storage)))

    assert storage.tokens is not None
    log = stack.log("web")
    assert "oauth_connected" in log
    for secret in (
        storage.tokens.access_token,
        storage.tokens.refresh_token or "",
        operator.answer["code"],
    ):
        assert secret[-16:] not in log
