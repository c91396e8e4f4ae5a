"""The whole URL map, but what machines ask: `probes` answers that first."""

from django.contrib import admin
from django.urls import path, re_path

from config.admin import registration  # noqa: F401
from config.mounts import compat, reference
from config.web import documentation, error_pages
from config.web.quickstart import quick_start
from destinations.accounts import views
from posts.api import errors, routing
from posts.api.oauth import views as oauth
from posts.api.views import files
from posts.mcp import views as mcp

urlpatterns = [
    *reference.urlpatterns,
    *compat.urlpatterns,
    # Connecting programs by OAuth
    *oauth.urlpatterns,
    # Signed URLs of files
    path("uploads/<str:token>", files.UploadBytes.as_view()),
    path("media/<path:name>", files.serve),
    # Connecting an account, in a browser
    path("connect/<str:token>", views.start),
    path("connect/<str:app>/return", views.callback),
    path("connect/<str:app>/<str:name>.json", views.document),
    path("connect/<int:number>/form", views.form),
    path("connect/<int:number>/choice", views.choice),
    path("connect/<int:number>/done", views.done),
    # What features show outside the API
    *routing.of_features("PUBLIC"),
    # The API, described
    path("api/v1/openapi.json", documentation.OpenApiView.as_view(), name="openapi"),
    path("api/docs", documentation.Swagger.as_view()),
    path("api/redoc", documentation.Redoc.as_view()),
    path("compat/api/v1/openapi.json", documentation.CompatDocument.as_view(), name="compat"),
    path("compat/api/docs", documentation.Swagger.as_view(url_name="compat")),
    path("compat/api/redoc", documentation.Redoc.as_view(url_name="compat")),
    # Tools for agents
    path("mcp", mcp.serve),
    re_path(r"^(?:api|compat|uploads|mcp)(?:/|$)", errors.unknown_path),
    # People
    path("", quick_start),
    path("admin/", admin.site.urls),
]

handler400 = error_pages.bad_request
handler403 = error_pages.forbidden
handler404 = error_pages.not_found
handler500 = error_pages.server_error
