"""The modules of features, found by their names. Nothing else names a feature."""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

PACKAGE = "posts.features"


def modules(name: str) -> Iterator[ModuleType]:
    """Import and yield `name` of each feature that has it, in the order of `FEATURES`."""
    for feature in import_module(PACKAGE).FEATURES:
        path = f"{PACKAGE}.{feature}.{name}"
        if find_spec(path):
            yield import_module(path)


def load(name: str) -> None:
    """Import `name` of each feature that has it."""
    for _ in modules(name):
        pass
