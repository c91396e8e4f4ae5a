"""URL patterns of resources, and those of features."""

from django.urls import URLPattern, URLResolver
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ViewSetMixin

from posts import registry
from posts.api import paths

# Before the first pattern is made.
paths.register()


def resource(
    prefix: str, viewset: type[ViewSetMixin], basename: str
) -> list[URLPattern | URLResolver]:
    """Return the patterns of a view set, without trailing slashes."""
    router = SimpleRouter(trailing_slash=False, use_regex_path=False)
    router.register(prefix, viewset, basename=basename)
    return router.urls


def of_features(name: str) -> list[URLPattern | URLResolver]:
    """Return the patterns that features have under `name`.

    `SHARED` is for both mounts, `urlpatterns` for the reference alone, `COMPAT` for the other one.
    """
    return [each for urls in registry.modules("urls") for each in getattr(urls, name, [])]
