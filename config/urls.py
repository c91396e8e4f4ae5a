"""The whole URL map, but what machines ask: `probes` answers that first."""

from django.contrib import admin
from django.urls import path, re_path
from rest_framework.routers import SimpleRouter

from config.admin import registration  # noqa: F401
from config.web import documentation, error_pages
from config.web.quickstart import quick_start
from destinations.accounts import views
from posts.api import errors, paths
from posts.api.views import accounts, bulk, files, me, media, platform_rules, posts, retries

paths.register()
api = SimpleRouter(trailing_slash=False, use_regex_path=False)
api.register("api/v1/posts", posts.PostViewSet, basename="post")
api.register("api/v1/posts", retries.RetryViewSet, basename="retry")
api.register("api/v1/accounts", accounts.AccountViewSet, basename="account")
api.register("api/v1/media", media.MediaViewSet, basename="media")

urlpatterns = [
    path("api/v1/me", me.Me.as_view()),
    path("api/v1/posts/bulk", bulk.PostBulk.as_view()),
    path("api/v1/platform-rules", platform_rules.PlatformRules.as_view()),
    *api.urls,
    # Signed URLs of files
    path("uploads/<str:token>", files.UploadBytes.as_view()),
    path("media/<path:name>", files.serve),
    # Connecting an account, in a browser
    path("connect/<str:token>", views.start),
    path("connect/<str:app>/return", views.callback),
    path("connect/<int:number>/choice", views.choice),
    path("connect/<int:number>/done", views.done),
    # The API, described
    path("api/v1/openapi.json", documentation.Document.as_view(), name="openapi"),
    path("api/docs", documentation.Swagger.as_view()),
    path("api/redoc", documentation.Redoc.as_view()),
    re_path(r"^(?:api|uploads)(?:/|$)", errors.unknown_path),
    # People
    path("", quick_start),
    path("admin/", admin.site.urls),
]

handler400 = error_pages.bad_request
handler403 = error_pages.forbidden
handler404 = error_pages.not_found
handler500 = error_pages.server_error
