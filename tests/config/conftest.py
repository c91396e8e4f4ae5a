from collections.abc import Callable, Iterator

import pytest
import redis
from django.conf import settings

from config.queue import heartbeats


@pytest.fixture
def no_workers() -> Iterator[Callable[[], None]]:
    """Redis knows no worker, before the test and after; call it to forget those it left."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:

        def forget() -> None:
            client.delete(heartbeats.KEY)

        forget()
        yield forget
        forget()
