"""/mcp over HTTP: who is answered, what is refused, and which versions are spoken."""

import json
import sys

import pytest
from django.test import Client

from posts.mcp import api_calls
from tests import programs
from tests.posts.api.cases import cases
from tests.posts.mcp.conftest import VERSION

#: The version in which each request says all of itself.
MODERN = "2026-07-28"
META = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientCapabilities": {},
}
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
METADATA = "/.well-known/oauth-protected-resource/mcp"


def initialize(version: str) -> dict:
    params = {
        "protocolVersion": version,
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    }
    return {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}


# Who is answered


@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_without_a_token_a_client_learns_where_tokens_come_from(client, db, settings, method):
    answer = getattr(client, method)("/mcp")

    assert answer.status_code == 401
    told = f'Bearer resource_metadata="{settings.PUBLIC_URL}{METADATA}"'
    assert answer["WWW-Authenticate"] == told
    assert answer.json()["error"]["code"] == "unauthorized"
    assert client.get(METADATA).json()["resource"] == f"{settings.PUBLIC_URL}/mcp"


def test_without_oauth_it_is_not_sent_to_a_document_that_is_not_there(client, db, settings):
    settings.OAUTH_ENABLED = False

    assert client.post("/mcp")["WWW-Authenticate"] == "Bearer"


def test_a_token_that_is_refused_or_revoked_is_called_invalid(agent, settings):
    assert agent.send(PING).status_code == 200
    agent.caller.key.revoked_at = agent.caller.key.created_at
    agent.caller.key.save()

    told = f'resource_metadata="{settings.PUBLIC_URL}{METADATA}"'
    for answer in (agent.send(PING), agent.send(PING, Authorization="Bearer pe_live_0000")):
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == f'Bearer error="invalid_token", {told}'


@cases("method", ["GET", "DELETE", "PUT", "OPTIONS"])
def test_only_post_is_answered(agent, method):
    answer = agent.caller.client.generic(
        method, "/mcp", headers={"Authorization": f"Bearer {agent.caller.secret}"}
    )

    assert (answer.status_code, answer["Allow"]) == (405, "POST")


def test_pages_of_other_sites_may_not_ask(agent, settings):
    settings.MCP_ORIGINS = {"https://inspector.example"}

    for origin in ("https://evil.example", "null", f"{settings.PUBLIC_URL}.evil.example"):
        answer = agent.send(PING, Origin=origin)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "insufficient_scope")
    for origin in (settings.PUBLIC_URL, "https://inspector.example"):
        assert agent.send(PING, Origin=origin).status_code == 200


def test_only_our_host_and_its_path_are_answered_unless_it_is_switched_off(agent, client, settings):
    below = client.post("/mcp/other")

    assert agent.send(PING, Host="rebound.evil.example").status_code == 400
    assert (below.status_code, below.json()["error"]["code"]) == (404, "not_found")
    settings.MCP_ENABLED = False
    assert agent.send(PING).status_code == 404


# Versions


@cases("asked", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "1999-01-01"])
def test_the_version_that_a_client_asks_for_is_spoken_or_the_newest_with_a_handshake(agent, asked):
    answer = agent.send(initialize(asked))

    assert answer["Content-Type"] == "application/json"
    result = answer.json()["result"]
    assert result["protocolVersion"] == (VERSION if asked == "1999-01-01" else asked)
    assert result["serverInfo"]["name"] == "dovecote"
    assert "tools" in result["capabilities"]
    assert "list_accounts" in result["instructions"]


def test_the_version_without_a_handshake_is_spoken(agent):
    headers = {"MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/call", "Mcp-Name": "get_me"}
    message = {
        "jsonrpc": "2.0",
        "id": 7,
        "method": "tools/call",
        "params": {"name": "get_me", "arguments": {}, "_meta": META},
    }

    answer = agent.send(message, **headers)
    unknown = agent.send(PING, **{"MCP-Protocol-Version": "2099-01-01"})

    assert answer.status_code == 200, answer.content
    prefix = agent.caller.key.prefix
    assert answer.json()["result"]["structuredContent"]["data"]["api_key"]["key_prefix"] == prefix
    assert unknown.status_code == 400


# Malformed


@cases(
    ("body", "code"),
    [
        (b"{", -32700),
        (b"\xff\xfe", -32700),
        (b'{"id": 1, "id": 2}', -32700),
        (b'{"a": "\\u0000"}', -32700),
        (b"[" * 40 + b"]" * 40, -32700),
        (b"[]", -32600),
        (json.dumps([PING, PING]).encode(), -32600),
        (b'"ping"', -32600),
    ],
)
def test_what_is_no_message_is_named(agent, body, code):
    answer = agent.send(body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_a_message_without_a_method_is_refused(agent):
    assert agent.send({"jsonrpc": "2.0", "id": 1}).status_code == 400


@cases("method", ["tools/destroy", "resources/list", "prompts/list", "subscriptions/listen"])
@cases("version", [VERSION, MODERN])
def test_a_method_that_does_not_exist_is_named(agent, method, version):
    headers = {"MCP-Protocol-Version": version, "Mcp-Method": method}
    params = {"_meta": META, "notifications": {}} if version == MODERN else {}
    answer = agent.send({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}, **headers)

    assert answer.json()["error"]["code"] == -32601


@cases(
    "params",
    [
        {},
        {"name": 5},
        {"name": "no_such_tool"},
        {"name": "get_me", "arguments": []},
        {"name": "get_me", "arguments": "none"},
    ],
)
def test_a_call_of_no_tool_is_a_protocol_error(agent, params):
    answer = agent.send({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})

    assert answer.json()["error"]["code"] == -32602
    assert b"Traceback" not in answer.content


@cases(
    "message",
    [
        {"method": "notifications/initialized"},
        {"method": "notifications/cancelled", "params": {"requestId": 1}},
        {"id": 1, "result": {}},
    ],
)
def test_what_asks_nothing_is_accepted_and_not_answered(agent, message):
    answer = agent.send({"jsonrpc": "2.0", **message})

    assert (answer.status_code, answer.content) == (202, b"")


def test_a_body_larger_than_the_api_takes_is_refused(agent):
    answer = agent.send({**PING, "params": {"text": "a" * 1_000_001}})

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "file_too_large")


def test_another_content_type_is_refused(agent):
    answer = agent.caller.client.post(
        "/mcp",
        data=json.dumps(PING),
        content_type="text/plain",
        headers={"Authorization": f"Bearer {agent.caller.secret}", "Accept": "*/*"},
    )

    assert answer.status_code in (400, 415)


# Within the process


@pytest.mark.thorough
def test_a_process_that_serves_no_agent_imports_no_sdk():
    program = "import django; django.setup(); import config.urls, sys; print('mcp' in sys.modules)"

    done = programs.run([sys.executable, "-c", program], check=True)

    assert done.stdout.strip() == "False"


def test_a_call_over_tls_is_one_over_tls_within_the_process(agent, settings):
    settings.SECURE_SSL_REDIRECT = True
    agent.caller.client = Client(headers={"X-Forwarded-Proto": "https"})
    api_calls._handler.cache_clear()
    try:
        assert agent.call("list_accounts")["data"] == {"accounts": []}
    finally:
        api_calls._handler.cache_clear()
