"""The endpoints below `/compat/api/v1`: those that differ, and those with one shape."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from posts.api import urls
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

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("posts", posts.PostViewSet, basename="compat-post")
router.register("posts", retries.RetryViewSet, basename="compat-retry")
router.register("accounts", accounts.AccountViewSet, basename="compat-account")
router.register("recurrences", recurrences.RecurrenceViewSet, basename="compat-recurrence")
router.register("imports", imports.ImportViewSet, basename="compat-import")
router.register("media", media.MediaViewSet, basename="compat-media")

urlpatterns = [
    path("me", me.Me.as_view()),
    path("posts/bulk", posts.PostBulk.as_view()),
    path("posts/export", imports.PostExport.as_view()),
    path("posts/import", imports.PostImport.as_view()),
    path("queue", queues.DefaultQueue.as_view()),
    *urls.SHARED,
    *router.urls,
]
