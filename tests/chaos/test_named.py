"""Scenarios that install a network's server: when they are played, and what is said if not."""

import sys

import pytest

from tests import programs
from tests.chaos import __main__ as chaos
from tests.chaos.registry import SCENARIOS
from tests.chaos.scenario import Scenario

LACKING = Scenario("real-none", "Nothing is proven.", lambda _: None, install=lambda: "npm")


@pytest.mark.parametrize(
    ("beginning", "is_meant"),
    [("", False), ("re", False), ("real", False), ("*", False), ("real-", True), ("real-n", True)],
)
def test_what_installs_a_server_is_played_only_if_it_is_named(beginning, is_meant):
    assert LACKING.is_meant(beginning) == is_meant


def test_every_real_server_that_lists_posts_has_a_scenario_that_installs_it():
    servers = (programs.ROOT / "tests" / "real").glob("*/live.py")
    named = {name for name, each in SCENARIOS.items() if each.install}
    assert named == {f"real-{server.parent.name}" for server in servers}


def test_a_server_that_cannot_be_had_is_named_and_the_run_fails(monkeypatch, capsys):
    monkeypatch.setitem(SCENARIOS, LACKING.name, LACKING)
    monkeypatch.setattr(sys, "argv", ["chaos", "--scenario", LACKING.name])

    assert chaos.main() == 1
    assert "real-none: not played: needs npm" in capsys.readouterr().out
