"""The two documents by which a client finds out how to ask."""

import pytest
from django.test import Client
from mcp.shared.auth import OAuthMetadata, ProtectedResourceMetadata

from tests.posts.api.cases import cases
from tests.posts.keys.oauth.program import register

pytestmark = pytest.mark.django_db
HERE = "http://127.0.0.1:8000"
RESOURCE, SERVER = (
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-authorization-server",
)


@cases("path", ["", "/mcp"])
def test_a_resource_names_the_server_that_gives_out_tokens(client, path):
    answer = client.get(RESOURCE + path)

    found = ProtectedResourceMetadata.model_validate_json(answer.content)
    assert answer.status_code == 200
    assert answer.json()["resource"] == HERE + path
    assert answer.json()["authorization_servers"] == [HERE]
    assert found.scopes_supported[:3] == ["read", "write", "ai"]


def test_the_server_says_what_it_supports(client):
    answer = client.get(SERVER)

    OAuthMetadata.model_validate_json(answer.content)
    found = answer.json()
    assert found["issuer"] == HERE
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["authorization_response_iss_parameter_supported"] is True
    assert {found[f"{name}_endpoint"] for name in ("token", "registration", "revocation")} == {
        f"{HERE}/oauth/{name}" for name in ("token", "register", "revoke")
    }


@cases("path", [RESOURCE, f"{RESOURCE}/mcp", SERVER, "/oauth/register"])
def test_pages_of_any_origin_may_ask(client, path):
    asked = client.options(path, headers={"Origin": "https://inspector.example"})

    assert asked.status_code == 204
    assert asked["Access-Control-Allow-Origin"] == "*"
    assert "Content-Type" in asked["Access-Control-Allow-Headers"]
    assert client.get(path)["Access-Control-Allow-Origin"] == "*"


@cases("path", ["/oauth/authorize", "/oauth/revoke", "/admin/oauth/"])
def test_pages_of_other_origins_may_not_ask_the_rest(client, path):
    for method in ("get", "options", "post"):
        assert "Access-Control-Allow-Origin" not in getattr(client, method)(path)


def test_no_page_may_send_cookies(client):
    for path in (SERVER, "/oauth/token", "/oauth/register"):
        assert "Access-Control-Allow-Credentials" not in client.options(path)


@cases("path", ["/oauth/token", "/token", "/oauth/register", "/oauth/revoke"])
def test_a_wrong_method_is_refused_in_json(client, path):
    answer = client.get(path)

    assert answer.status_code == 405
    assert answer.json()["error"] == "invalid_request"
    assert "POST" in answer["Allow"]


def test_a_call_of_mcp_without_a_token_leads_here(client, settings):
    asked = client.post("/mcp", {}, content_type="application/json")
    assert asked["WWW-Authenticate"] == f'Bearer resource_metadata="{HERE}{RESOURCE}/mcp"'

    settings.OAUTH_ENABLED = False
    asked = client.post("/mcp", {}, content_type="application/json")
    assert asked["WWW-Authenticate"] == "Bearer"


def test_without_oauth_none_of_it_exists(client, admin_client, settings):
    settings.OAUTH_ENABLED = False

    for path in (RESOURCE, f"{RESOURCE}/mcp", SERVER, "/oauth/authorize"):
        assert client.get(path).status_code == 404
    for path in ("/oauth/token", "/oauth/revoke"):
        assert client.post(path).status_code == 404
    assert register().status_code == 404
    assert admin_client.get("/admin/oauth/").status_code == 404


def test_unknown_documents_are_missing(client):
    assert Client().get("/.well-known/openid-configuration").status_code == 404
