from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from config.web import proxies
from tests.posts.features.webhooks.receiver import Received, Receiver, serve


@dataclass
class Post:
    """A receiver with what it received, oldest first."""

    receiver: Receiver
    received: list[Received] = field(default_factory=list)

    def url(self, path: str) -> str:
        return self.receiver.url(path)


@pytest.fixture
def receiver(settings: Any) -> Iterator[Post]:
    """A receiver on this machine, which webhooks may reach."""
    settings.WEBHOOK_ALLOW_PRIVATE = proxies.networks("127.0.0.0/8")
    received: list[Received] = []
    with serve(received.append) as running:
        yield Post(running, received)
