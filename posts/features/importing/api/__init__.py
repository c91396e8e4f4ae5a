"""The endpoints of imports and exports."""

from django.urls import path

from posts.api import routing
from posts.features.importing.api import compat, views

urlpatterns = [
    path("posts/export", views.PostExport.as_view()),
    path("posts/import", views.PostImport.as_view()),
    *routing.resource("imports", views.ImportViewSet, "import"),
]
COMPAT = [
    path("posts/export", compat.PostExport.as_view()),
    path("posts/import", compat.PostImport.as_view()),
    *routing.resource("imports", compat.ImportViewSet, "compat-import"),
]
