"""The addresses of OAuth; those of the documents are prescribed."""

from django.urls import path

from posts.api.oauth import authorize, metadata, register, token

urlpatterns = [
    path(".well-known/oauth-protected-resource", metadata.protected_resource),
    path(".well-known/oauth-protected-resource/mcp", metadata.protected_resource),
    path(".well-known/oauth-authorization-server", metadata.authorization_server),
    path("oauth/register", register.register),
    path("oauth/authorize", authorize.authorize),
    path("oauth/token", token.token),
    path("oauth/revoke", token.revoke),
    # Where the SDK of MCP renews tokens after a restart, when it has not read the documents yet.
    path("token", token.token),
]
