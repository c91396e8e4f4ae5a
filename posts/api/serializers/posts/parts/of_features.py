"""Fields of posts that features bring in their modules `post_fields`, by their names."""

from collections.abc import Callable
from typing import Any

from rest_framework import serializers

from posts import registry

Maker = Callable[..., Any]
_MODULES = tuple(registry.modules("post_fields"))
REQUESTED: dict[str, Maker] = {
    name: maker for each in _MODULES for name, maker in getattr(each, "REQUESTED", {}).items()
}
SHOWN: dict[str, Maker] = {
    name: maker for each in _MODULES for name, maker in getattr(each, "SHOWN", {}).items()
}


def shown(*names: str) -> dict[str, serializers.Field]:
    """Return these fields of answers, as far as there are the features that bring them."""
    return {name: SHOWN[name]() for name in names if name in SHOWN}
