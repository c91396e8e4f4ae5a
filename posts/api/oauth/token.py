"""`POST /oauth/token` and `POST /oauth/revoke` (RFC 6749, RFC 7009)."""

import base64
from urllib.parse import unquote_plus

from django.http import HttpRequest, HttpResponse, JsonResponse

from posts.api.oauth.answers import NO_STORE, endpoint, network
from posts.keys.oauth import authorization_request, clients, grants, limits, tokens
from posts.keys.oauth.oauth_errors import OAuthRefused
from posts.keys.oauth.tokens import Issued
from posts.models import OAuthClient

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
