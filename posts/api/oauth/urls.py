"""The addresses of OAuth; those of the documents are prescribed."""

from django.urls import path

from posts.api.oauth import views

urlpatterns = [
    path(".well-known/oauth-protected-resource", views.protected_resource),
    path(".well-known/oauth-protected-resource/mcp", views.protected_resource),
    path(".well-known/oauth-authorization-server", views.authorization_server),
    path("oauth/register", views.register),
    path("oauth/authorize", views.authorize),
    path("oauth/token", views.token),
    path("oauth/revoke", views.revoke),
    # Where the SDK of MCP renews tokens after a restart, when it has not read the documents yet.
    path("token", views.token),
]
