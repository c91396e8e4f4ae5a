"""The garbage collector pauses while tests are collected, and skips what that created (a plugin).

It goes through all objects, a million of ten thousand tests and their modules: a third of the time
to collect them.
"""

import gc

import pytest


def pytest_configure() -> None:
    gc.disable()


# Also called where xdist has its workers collect.
@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    gc.freeze()
    gc.enable()
