"""Install the servers of the chosen tests before any test's time runs.

A test with its fixtures has 15 minutes (`faulthandler_timeout`); npm alone may take 20 on a slow
machine, and tests of other processes wait for it.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress

import pytest

from tests import programs
from tests.real.bluesky import server as bluesky
from tests.real.install import NotInstalled
from tests.real.nostr import server as nostr
from tests.real.wordpress import server as wordpress

#: By network: the programs that its installation runs, and the installation.
INSTALLATIONS: dict[str, tuple[tuple[str, ...], Callable[[], object]]] = {
    "bluesky": (("g++", "make", "npm"), bluesky.install),
    "nostr": ((), nostr.installed),
    "wordpress": (("apt-get", "dpkg"), wordpress.install),
}


def pytest_collection_finish(session: pytest.Session) -> None:
    if not session.config.option.collectonly:
        install(item.nodeid for item in session.items)


def install(tests: Iterable[str]) -> None:
    """Install the servers that these tests name; the tests themselves say what cannot be had."""
    chosen = list(tests)
    for network, (needed, bring) in INSTALLATIONS.items():
        its_own = f"tests/real/{network}/", "tests/real/test_killed.py"
        is_chosen = any(each.startswith(its_own) and network in each for each in chosen)
        if is_chosen and all(map(programs.find, needed)):
            with suppress(NotInstalled):
                bring()
