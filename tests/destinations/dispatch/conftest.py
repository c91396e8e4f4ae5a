from collections.abc import Iterator

import pytest
from django.core.cache import cache

from destinations.dispatch import heartbeat
from tests.posts.conftest import ada  # noqa: F401 - a fixture


@pytest.fixture(autouse=True)
def _no_tick_so_far() -> Iterator[None]:
    """Redis has not seen other tests' databases, and no other test sees this one's."""
    cache.delete(heartbeat.KEY)
    yield
    cache.delete(heartbeat.KEY)
