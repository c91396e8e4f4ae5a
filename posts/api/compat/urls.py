"""The endpoints below `/compat/api/v1`: those that differ, and those with one shape."""

from django.urls import path

from posts.api import routing, urls
from posts.api.compat.views import (
    accounts,
    imports,
    me,
    media,
    posts,
    queues,
    recurrences,
    retries,
)

urlpatterns = [
    path("me", me.Me.as_view()),
    path("posts/bulk", posts.PostBulk.as_view()),
    path("posts/export", imports.PostExport.as_view()),
    path("posts/import", imports.PostImport.as_view()),
    path("queue", queues.DefaultQueue.as_view()),
    *urls.SHARED,
    *routing.resource("posts", posts.PostViewSet, "compat-post"),
    *routing.resource("posts", retries.RetryViewSet, "compat-retry"),
    *routing.resource("accounts", accounts.AccountViewSet, "compat-account"),
    *routing.resource("recurrences", recurrences.RecurrenceViewSet, "compat-recurrence"),
    *routing.resource("imports", imports.ImportViewSet, "compat-import"),
    *routing.resource("media", media.MediaViewSet, "compat-media"),
]
