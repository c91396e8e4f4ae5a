from collections.abc import Callable
from typing import Any

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """One plugin for both folders: of a fixture in each there would be two stacks."""
    config.pluginmanager.import_plugin("tests.acceptance.shared")


@pytest.fixture
def sign_in(admin_client: Any, live_server: Any) -> Callable[[Any], str]:
    """Signs a browser's page in; the address of the admin. No query is made once a browser is open,
    so rows are made before.
    """
    [cookie] = admin_client.cookies.values()
    known = {"name": cookie.key, "value": cookie.value, "url": live_server.url}

    def sign_in(page: Any) -> str:
        page.context.add_cookies([known])
        return f"{live_server.url}/admin/"

    return sign_in
