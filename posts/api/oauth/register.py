"""`POST /oauth/register`: a program introduces itself (RFC 7591)."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from posts.api.oauth.answers import NO_STORE, endpoint, network
from posts.keys.oauth import clients
from posts.keys.oauth.oauth_errors import OAuthRefused

#: Ten redirect URIs of the longest kind, and as much again.
MOST_BYTES = 64 * 1024


@endpoint("POST")
def register(request: HttpRequest) -> HttpResponse:
    """Return what it is from now on; the secret, if it asked for one, is in this answer only."""
    made = clients.register(_said(request), network(request))
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


def _said(request: HttpRequest) -> dict[str, Any]:
    if len(request.body) > MOST_BYTES:
        raise OAuthRefused("invalid_client_metadata", f"At most {MOST_BYTES} bytes.")
    try:
        said = json.loads(request.body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise OAuthRefused("invalid_client_metadata", "Send a JSON object.")
    return said
