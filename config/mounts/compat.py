"""The compatibility mount, with the shapes that the published clients read."""

from django.urls import include, path

urlpatterns = [path("compat/api/v1/", include("posts.api.compat.urls"))]
