"""URL patterns of resources, and those of features."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from django.urls import URLPattern, URLResolver, get_resolver, register_converter
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

# Before the first pattern is made. A malformed id matches no endpoint: 404 for every method,
# in the words of `unlike_ids`.
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


def unlike_ids(path: str) -> str | None:
    """Return the word for what a path names by an id of another form; None if it is no endpoint."""
    said = path.strip("/").split("/")
    for steps in _routes_with_ids():
        if len(steps) == len(said) and (word := _unlike(steps, said)):
            return word
    return None


def _unlike(steps: Sequence[str], said: Sequence[str]) -> str | None:
    """Return the word for the first id that is of no such form, if all other steps are the same."""
    found = None
    for step, text in zip(steps, said, strict=True):
        word = step[1:].partition(":")[0] if step.startswith("<") else ""
        if not word and step != text:
            return None
        if word in _PATTERNS and not found and not re.fullmatch(_PATTERNS[word], text):
            found = word.replace("_", " ")
    return found


@cache
def _routes_with_ids() -> list[list[str]]:
    every = _routes(get_resolver().url_patterns, "")
    return [route.strip("/").split("/") for route in every if "<" in route]


def _routes(patterns: Sequence[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for each in patterns:
        route = f"{before}{each.pattern}"
        if isinstance(each, URLResolver):
            yield from _routes(each.url_patterns, route)
        elif route.startswith(("api/", "compat/")):
            yield route
