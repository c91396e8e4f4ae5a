"""Answer the requests of OAuth clients: metadata (RFC 9728, RFC 8414), registration (RFC 7591), the
way to the consent page, tokens and their revocation (RFC 6749, RFC 7009).
"""

import base64
import json
from typing import Any
from urllib.parse import unquote_plus, urlencode

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from posts.api.oauth.answers import NO_STORE, endpoint, network, switched
from posts.keys.oauth import authorization_request, clients, grants, limits, tokens
from posts.keys.oauth.oauth_errors import OAuthRefused
from posts.keys.oauth.tokens import Issued
from posts.models import ApiKey, OAuthClient

FORM = "application/x-www-form-urlencoded"


@endpoint("POST")
def token(request: HttpRequest) -> HttpResponse:
    said, client = _read(request)
    kind = said.get("grant_type", "")
    # What is asked for may be left out, but not be another's.
    resource = authorization_request.resource(said["resource"]) if said.get("resource") else ""
    if kind == "authorization_code":
        proof = grants.Proof(
            _needed(said, "redirect_uri"), _needed(said, "code_verifier"), resource
        )
        issued = grants.exchange(client, _needed(said, "code"), proof)
    elif kind == "refresh_token":
        issued = tokens.refresh(client, _needed(said, "refresh_token"), resource)
    else:
        raise OAuthRefused(
            "unsupported_grant_type", "grant_type: authorization_code or refresh_token."
        )
    return JsonResponse(_body(issued), headers=NO_STORE)


@endpoint("POST", for_pages=False)
def revoke(request: HttpRequest) -> HttpResponse:
    """End the grant of an access or refresh token; a token that is unknown has ended, too."""
    said, client = _read(request)
    tokens.revoke(client, _needed(said, "token"))
    return JsonResponse({}, headers=NO_STORE)


def _body(issued: Issued) -> dict[str, str | int]:
    return {
        "access_token": issued.pair.access,
        "token_type": "Bearer",
        "expires_in": issued.expires_in,
        "refresh_token": issued.pair.refresh,
        "scope": " ".join(issued.scopes),
    }


def _read(request: HttpRequest) -> tuple[dict[str, str], OAuthClient]:
    """The form and the client that sent it. Raises OAuthRefused."""
    limits.demand(network(request), "oauth_tokens", limits.TOKEN_CALLS, "calls from this address")
    if request.content_type != FORM:
        raise OAuthRefused("invalid_request", f"Send the parameters as {FORM}.")
    if any(len(values) > 1 for _, values in request.POST.lists()):
        raise OAuthRefused("invalid_request", "No parameter may be sent more than once.")
    said = {name: str(value) for name, value in request.POST.items()}
    return said, clients.authenticated(*_credentials(request, said))


def _credentials(request: HttpRequest, said: dict[str, str]) -> tuple[str, str]:
    """client_id and client_secret, from the header or from the form. Raises OAuthRefused."""
    scheme, _, words = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "basic":
        return said.get("client_id", ""), said.get("client_secret", "")
    try:
        name, _, secret = base64.b64decode(words.strip(), validate=True).decode().partition(":")
    except ValueError:
        raise OAuthRefused("invalid_client", "The header Authorization is malformed.") from None
    client_id = unquote_plus(name)
    if said.get("client_secret") or said.get("client_id", client_id) != client_id:
        raise OAuthRefused("invalid_request", "Send the client's credentials in one place.")
    return client_id, unquote_plus(secret)


def _needed(said: dict[str, str], name: str) -> str:
    if not said.get(name):
        raise OAuthRefused("invalid_request", f"{name} is missing.")
    return said[name]


#: Longer ones no browser sends whole.
MOST_CHARS = 8000


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@switched
def authorize(request: HttpRequest) -> HttpResponse:
    """Go on to the page in the admin, which reads the request; it decides and changes nothing here.

    Below /admin, because an operator's session is known only there. So a browser is sent on to a
    client, with any answer, only after a login.
    """
    given = request.POST if request.method == "POST" else request.GET
    query = urlencode([(name, value) for name, values in given.lists() for value in values])
    if len(query) > MOST_CHARS:
        raise BadRequest("The authorization request is too long.")
    return HttpResponseRedirect(f"{reverse('admin:oauth')}?{query}")


#: Ten redirect URIs of the longest kind, and as much again.
MOST_BYTES = 64 * 1024


@endpoint("POST")
def register(request: HttpRequest) -> HttpResponse:
    """Return what it is from now on; the secret, if it asked for one, is in this answer only."""
    made = clients.register(_registration(request), network(request))
    client = made.client
    found: dict[str, Any] = {
        "client_id": str(client.pk),
        "client_id_issued_at": int(client.created_at.timestamp()),
        "client_name": client.name,
        "redirect_uris": client.redirect_uris,
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": client.method,
    }
    if made.secret:
        found |= {"client_secret": made.secret, "client_secret_expires_at": 0}
    return JsonResponse(found, status=201, headers=NO_STORE)


def _registration(request: HttpRequest) -> dict[str, Any]:
    if len(request.body) > MOST_BYTES:
        raise OAuthRefused("invalid_client_metadata", f"At most {MOST_BYTES} bytes.")
    try:
        said = json.loads(request.body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise OAuthRefused("invalid_client_metadata", "Send a JSON object.")
    return said


RESOURCE = "/.well-known/oauth-protected-resource"
#: For a few minutes: after a change of PUBLIC_URL clients must learn of it.
CACHED = {"Cache-Control": "public, max-age=300"}


@endpoint("GET", "HEAD")
def protected_resource(request: HttpRequest) -> HttpResponse:
    """Return who gives out tokens for this installation, or for its path `/mcp`."""
    path = request.path_info.removeprefix(RESOURCE)
    found = {
        "resource": settings.PUBLIC_URL + path,
        "authorization_servers": [settings.PUBLIC_URL],
        "scopes_supported": ApiKey.Scope.values,
        "bearer_methods_supported": ["header"],
        "resource_name": "Dovecote",
        "resource_documentation": f"{settings.PUBLIC_URL}/api/docs",
    }
    return JsonResponse(found, headers=CACHED)


@endpoint("GET", "HEAD")
def authorization_server(request: HttpRequest) -> HttpResponse:
    here, methods = settings.PUBLIC_URL, OAuthClient.Method.values
    found: dict[str, Any] = {
        "issuer": here,
        "authorization_endpoint": f"{here}/oauth/authorize",
        "token_endpoint": f"{here}/oauth/token",
        "registration_endpoint": f"{here}/oauth/register",
        "revocation_endpoint": f"{here}/oauth/revoke",
        "scopes_supported": ApiKey.Scope.values,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "service_documentation": f"{here}/api/docs",
    }
    return JsonResponse(found, headers=CACHED)


urlpatterns = [
    path(".well-known/oauth-protected-resource", protected_resource),
    path(".well-known/oauth-protected-resource/mcp", protected_resource),
    path(".well-known/oauth-authorization-server", authorization_server),
    path("oauth/register", register),
    path("oauth/authorize", authorize),
    path("oauth/token", token),
    path("oauth/revoke", revoke),
    # Where the SDK of MCP renews tokens after a restart, when it has not read the documents yet.
    path("token", token),
]
