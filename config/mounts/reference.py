"""The reference mount, with the documented shapes of the hosted service."""

from django.urls import include, path

urlpatterns = [path("api/v1/", include("posts.api.urls"))]
