"""The documents by which a client finds out how to ask (RFC 9728, RFC 8414)."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from posts.api.oauth.answers import endpoint
from posts.models import ApiKey, OAuthClient

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
