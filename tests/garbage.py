"""Python looks for no garbage among what it has collected of tests: it is never any (a plugin).

A search goes through all objects; those of ten thousand tests and their modules are a million, and
a third of the time to collect them went into it.
"""

import gc


def pytest_configure() -> None:
    gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()
