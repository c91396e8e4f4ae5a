import pytest


def pytest_configure(config: pytest.Config) -> None:
    """One plugin for both folders: of a fixture in each there would be two stacks."""
    config.pluginmanager.import_plugin("tests.acceptance.shared")
