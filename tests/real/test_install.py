"""Servers are installed before a test's time runs, once in each process."""

import pytest

from tests.real import conftest
from tests.real.install import NotInstalled, once


def test_the_servers_of_the_chosen_tests_are_installed_when_tests_are_chosen(monkeypatch):
    brought = []
    monkeypatch.setattr(
        conftest, "INSTALLATIONS",
        {name: ((), lambda name=name: brought.append(name)) for name in conftest.INSTALLATIONS},
    )  # fmt: skip
    others = ["tests/a.py::test_nostr", "tests/real/test_install.py::test_each[bluesky]"]
    conftest.install(["tests/real/test_killed.py::test_each[wordpress]", *others])
    assert brought == ["wordpress"]
    conftest.install(
        f"tests/real/{name}/test_contract.py::test_it" for name in ("bluesky", "nostr")
    )
    assert brought == ["wordpress", "bluesky", "nostr"]


@pytest.mark.parametrize("network", conftest.INSTALLATIONS)
def test_each_server_that_is_installed_is_installed_once(network):
    assert hasattr(conftest.INSTALLATIONS[network][1], "__wrapped__")


def test_an_installation_that_failed_is_not_tried_again_in_a_tests_time():
    tried = []

    @once
    def install() -> None:
        tried.append(1)
        raise NotInstalled("npm took too long")

    for _ in range(3):
        with pytest.raises(NotInstalled, match="npm took too long"):
            install()
    assert tried == [1]
