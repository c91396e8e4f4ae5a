"""The whole URL map, but what machines ask: `probes` answers that first."""

from django.contrib import admin
from django.urls import path, re_path

from config.web import documentation, error_pages
from config.web.quickstart import quick_start
from destinations.accounts import views
from posts.api import errors, paths
from posts.api.views import accounts, bulk, events, files, me, media, platform_rules, posts

paths.register()

urlpatterns = [
    # Who calls
    path("api/v1/me", me.Me.as_view()),
    # Posts
    path("api/v1/posts", posts.PostList.as_view()),
    path("api/v1/posts/validate", posts.PostValidation.as_view()),
    path("api/v1/posts/bulk", bulk.PostBulk.as_view()),
    path("api/v1/posts/retry-failed", bulk.RetryFailed.as_view()),
    path("api/v1/posts/<post:post_id>", posts.PostDetail.as_view()),
    path("api/v1/posts/<post:post_id>/events", events.PostEvents.as_view()),
    path("api/v1/posts/<post:post_id>/schedule", posts.PostSchedule.as_view()),
    path("api/v1/posts/<post:post_id>/results", posts.PostResults.as_view()),
    path("api/v1/posts/<post:post_id>/retry", posts.PostRetry.as_view()),
    path(
        "api/v1/posts/<post:post_id>/destinations/<destination:destination_id>/resolve",
        posts.DestinationResolve.as_view(),
    ),
    # Accounts
    path("api/v1/accounts", accounts.AccountList.as_view()),
    path("api/v1/accounts/connect-link", accounts.ConnectLink.as_view()),
    path("api/v1/accounts/<account:account_id>", accounts.AccountDetail.as_view()),
    path("api/v1/accounts/<account:account_id>/health", accounts.AccountHealth.as_view()),
    path("api/v1/accounts/<account:account_id>/reconnect", accounts.AccountReconnect.as_view()),
    path("api/v1/accounts/<account:account_id>/retry-missed", accounts.RetryMissed.as_view()),
    # Connecting an account, in a browser
    path("connect/<str:token>", views.start),
    path("connect/<str:app>/return", views.callback),
    path("connect/<int:number>/choice", views.choice),
    path("connect/<int:number>/done", views.done),
    # Media
    path("api/v1/media", media.MediaList.as_view()),
    path("api/v1/media/upload", media.MediaUpload.as_view()),
    path("api/v1/media/upload-from-url", media.MediaFetch.as_view()),
    path("api/v1/media/<file:media_id>", media.MediaDetail.as_view()),
    path("api/v1/media/<file:media_id>/complete", media.MediaComplete.as_view()),
    path("uploads/<str:token>", files.UploadBytes.as_view()),
    path("media/<path:name>", files.serve),
    # What the platforms take
    path("api/v1/platform-rules", platform_rules.PlatformRules.as_view()),
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
