"""What makes thousands of requests cheaper, as in production or without a trace in an answer."""

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _keys_are_looked_up_once(settings) -> None:
    settings.KEY_CACHE_SECONDS = 60


@pytest.fixture
def unlogged() -> Iterator[None]:
    """For requests whose paths, which are logged, are ordinary ones."""
    logging.disable(logging.INFO)
    yield
    logging.disable(logging.NOTSET)
