"""Schemathesis makes an operation's requests when its test runs.

It makes those of every operation while tests are collected: 10 s and 150 MB, in each worker.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import pytest
from schemathesis.pytest import _test_builder
from schemathesis.pytest.plugin import SchemathesisFunction

UNBUILT = pytest.StashKey[Callable[..., Any]]()
build = _test_builder.build_operation_test


def build_later(*, test_func: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """A test that asks for the same fixtures; its `build` makes the one that runs."""

    @functools.wraps(test_func)
    def unbuilt(**fixtures: Any) -> None:
        raise AssertionError("This test was not built.")

    asked = inspect.signature(test_func)
    fixtures = [each for each in asked.parameters.values() if each.name != "case"]
    unbuilt.__signature__ = asked.replace(parameters=fixtures)
    unbuilt.build = functools.partial(build, test_func=test_func, **options)
    return unbuilt


_test_builder.build_operation_test = build_later


def is_unbuilt(item: pytest.Item) -> bool:
    return isinstance(item, SchemathesisFunction) and hasattr(item.obj, "build")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if is_unbuilt(item):
        item.stash[UNBUILT] = item.obj
        item.obj = item.obj.build()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Let go of its requests."""
    if UNBUILT in item.stash:
        item.obj = item.stash[UNBUILT]
