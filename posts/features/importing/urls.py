from django.urls import path

from posts.api import routing
from posts.features.importing.api import views

urlpatterns = [
    path("posts/export", views.PostExport.as_view()),
    path("posts/import", views.PostImport.as_view()),
    *routing.resource("imports", views.ImportViewSet, "import"),
]
