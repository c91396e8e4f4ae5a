"""The endpoints below `/compat/api/v1`: those that differ, and those with one shape."""

from django.urls import path

from posts.api import routing, urls
from posts.api.compat import accounts, media, posts, retries

urlpatterns = [
    path("me", accounts.Me.as_view()),
    path("posts/bulk", posts.PostBulk.as_view()),
    *routing.of_features("COMPAT"),
    *urls.SHARED,
    *routing.resource("posts", posts.PostViewSet, "compat-post"),
    *routing.resource("posts", retries.RetryViewSet, "compat-retry"),
    *routing.resource("accounts", accounts.AccountViewSet, "compat-account"),
    *routing.resource("media", media.MediaViewSet, "compat-media"),
]
