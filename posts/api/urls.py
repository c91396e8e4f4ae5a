"""The endpoints below `/api/v1`."""

from django.urls import path

from platforms.registry import BY_FORM
from posts.api import routing
from posts.api.views import (
    accounts,
    bulk,
    device_login,
    me,
    media,
    platform_rules,
    posts,
    retries,
    social_connect,
)

#: Endpoints of one shape, which the compatibility mount serves too.
SHARED = [
    path("platform-rules", platform_rules.PlatformRules.as_view()),
    # Logging in from a terminal, without a key
    path("auth/device", device_login.StartDeviceLogin.as_view()),
    path("auth/device/token", device_login.AskDeviceLogin.as_view()),
    # Connecting an account from a terminal
    path("accounts/connect-credential", social_connect.ConnectCredential.as_view()),
    path("auth/social-connect/start", social_connect.StartConnect.as_view()),
    path("auth/social-connect/poll/<session:session_id>", social_connect.ConnectState.as_view()),
    *(
        path(f"auth/social-connect/{name}", social_connect.by_credentials(name).as_view())
        for name in BY_FORM
    ),
    *routing.of_features("SHARED"),
]
#: What is asked most stands first: Django tries one after the other.
urlpatterns = [
    *routing.resource("posts", posts.PostViewSet, "post"),
    path("me", me.Me.as_view()),
    path("posts/bulk", bulk.PostBulk.as_view()),
    *routing.resource("posts", retries.RetryViewSet, "retry"),
    *routing.of_features("urlpatterns"),
    *SHARED,
    *routing.resource("accounts", accounts.AccountViewSet, "account"),
    *routing.resource("media", media.MediaViewSet, "media"),
]
