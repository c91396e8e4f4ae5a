"""A Redis that no other test uses: it may be paused, stopped and started again."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local import embedded
from deploy.local.supervisor import launch

PATIENCE_SECONDS = 30
PASSWORD = "secret"


@contextmanager
def own_redis(home: Path, port: int) -> Iterator[str]:
    """Its address. What it held is lost with it."""
    service = embedded.valkey(home, port, PASSWORD)
    with (home / "valkey.log").open("ab") as output:
        process = launch(service, output)
    try:
        wait(service.is_ready)
        yield embedded.redis_url(port, PASSWORD)
    finally:
        process.terminate()
        process.wait()


def wait(condition: Callable[[], object]) -> None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < give_up_at
        time.sleep(0.02)
