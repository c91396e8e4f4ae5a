import pytest

from tests.posts.conftest import ada  # noqa: F401 - a fixture


@pytest.fixture(autouse=True)
def _no_tick_so_far(no_tick_so_far: None) -> None:
    """Ticks of one test say nothing to another."""
