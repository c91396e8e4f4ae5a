from collections.abc import Iterator

import pytest

from tests.destinations.publishing.model_worker import Worker


@pytest.fixture
def workers(settings) -> Iterator[list[Worker]]:
    """Two workers for games, in which no person waits for a deletion."""
    settings.DELETE_WAIT_SECONDS = 0
    two = [Worker("a"), Worker("b")]
    yield two
    for worker in two:
        worker.close()
