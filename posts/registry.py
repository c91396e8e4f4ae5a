"""The modules of features, found by their names. Nothing else names a feature."""

from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any, TypeVar

from django.core.management.base import BaseCommand

PACKAGE = "posts.features"
T = TypeVar("T")


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


def command(name: str) -> type[BaseCommand]:
    """Return a command of manage.py that a feature has in the COMMANDS of its `commands`."""
    found = (each.COMMANDS.get(name) for each in modules("commands"))
    return next(filter(None, found), BaseCommand)


def hooks(kind: Callable[..., T], module: str = "hooks") -> tuple[T, ...]:
    """Return what features give the core: the instances of `kind` in the HOOKS of their modules.

    `kind` is an abstract class of the core. The modules are imported by the first call, so they may
    import what calls this.
    """
    return _hooks(kind, module)


@cache
def _hooks(kind: Any, module: str) -> tuple[Any, ...]:
    return tuple(
        each for found in modules(module) for each in found.HOOKS if isinstance(each, kind)
    )
