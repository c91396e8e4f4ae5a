"""A Redis that no other test uses: it may be paused, stopped and started again."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local import embedded
from deploy.local.supervisor import launch
from tests.until import until

PASSWORD = "secret"


@contextmanager
def own_redis(home: Path, port: int) -> Iterator[str]:
    """Its address. What it held is lost with it."""
    service = embedded.valkey(home, port, PASSWORD)
    with (home / "valkey.log").open("ab") as output:
        process = launch(service, output)
    try:
        until(service.is_ready)
        yield embedded.redis_url(port, PASSWORD)
    finally:
        process.terminate()
        process.wait()
