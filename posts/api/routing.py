"""URL patterns of resources, and those of features."""

from django.urls import URLPattern, URLResolver, register_converter
from django.urls.converters import StringConverter
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ViewSetMixin

from posts import registry

_UUID = "[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}"
_PATTERNS = {
    "post": f"(?:post_[0-9a-zA-Z]+|{_UUID})",
    "destination": f"(?:dest_[0-9a-zA-Z]+|{_UUID})",
    "account": f"(?:[0-9]+|{_UUID})",
    "file": _UUID,
    "queue": _UUID,
    "recurrence": _UUID,
    "session": "[0-9]{1,19}",
    "campaign": "[0-9]{1,18}",
    "webhook": _UUID,
    "delivery": _UUID,
    "import": _UUID,
    "calendar_feed": _UUID,
    "feed": _UUID,
    "hashtag_set": _UUID,
    "link": _UUID,
}

# Before the first pattern is made. A malformed id matches no endpoint: 404 for every method.
for name, pattern in _PATTERNS.items():
    register_converter(type(name, (StringConverter,), {"regex": pattern}), name)


def resource(
    prefix: str, viewset: type[ViewSetMixin], basename: str
) -> list[URLPattern | URLResolver]:
    """Return the patterns of a view set, without trailing slashes."""
    router = SimpleRouter(trailing_slash=False, use_regex_path=False)
    router.register(prefix, viewset, basename=basename)
    return router.urls


def of_features(name: str) -> list[URLPattern | URLResolver]:
    """Return the patterns that features have under `name`.

    They stand in its `api`: `SHARED` is for both mounts, `urlpatterns` for the reference alone,
    `COMPAT` for the other one, `PUBLIC` for neither.
    """
    return [each for api in registry.modules("api") for each in getattr(api, name, [])]
