"""The most expensive requests that the API accepts, against the real WSGI application.

Prints the CPU seconds of each in the web process and the size of its answer; exits with 1 if one is
over a limit. `python -m tests.bench.requests [part of a name]`
"""

import io
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".dovecote" / "bench-requests"

os.environ.update(
    DJANGO_SETTINGS_MODULE="config.settings",
    DOVECOTE_HOME=str(HOME),
    SECRET_KEY="bench",
    CREDENTIAL_KEYS="MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    DEBUG="true",
    LOG_FORMAT="json",
    LOG_LEVEL="CRITICAL",
    RATE_LIMIT_REQUESTS="none",
    RATE_LIMIT_POSTS="none",
)

from deploy.local import embedded  # noqa: E402

embedded.start(HOME)

from config.wsgi import application  # noqa: E402

# isort: split

from django.core.management import call_command  # noqa: E402

from posts.keys import keys  # noqa: E402
from posts.models import Workspace  # noqa: E402
from tests import worst_requests  # noqa: E402
from tests.worst_requests import ANSWER_BYTES, CPU_SECONDS, Wanted  # noqa: E402


@dataclass(frozen=True)
class Cost:
    name: str
    status: int
    cpu_seconds: float
    answer_bytes: int

    @property
    def is_over(self) -> bool:
        is_large = self.status >= 400 and self.answer_bytes > ANSWER_BYTES
        return self.cpu_seconds > CPU_SECONDS or is_large or self.status >= 500


def send(secret: str, wanted: Wanted, key: str = "") -> Cost:
    """What a request costs; `key` is its Idempotency-Key."""
    address = urlsplit(f"/api/v1{wanted.path}")
    environ = {
        "REQUEST_METHOD": wanted.method,
        "PATH_INFO": address.path,
        "QUERY_STRING": address.query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_AUTHORIZATION": f"Bearer {secret}",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(wanted.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(wanted.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if key:
        environ["HTTP_IDEMPOTENCY_KEY"] = key
    statuses: list[str] = []
    began = time.process_time()
    answer = application(environ, lambda status, headers, *rest: statuses.append(status))
    size = sum(map(len, answer))
    answer.close()
    cost = time.process_time() - began
    return Cost(wanted.name, int(statuses[0].split()[0]), cost, size)


def costs(secret: str, world: worst_requests.World, part: str) -> Iterator[Cost]:
    every = [*worst_requests.texts(world), *worst_requests.shapes(world)]
    for wanted in [*every, *worst_requests.forms(world)]:
        if part in wanted.name:
            yield send(secret, wanted)
    for number, wanted in enumerate(worst_requests.shapes(world)):
        if "account_ids" in wanted.name and part in wanted.name:
            named = Wanted(f"named: {wanted.name}", wanted.method, wanted.path, wanted.body)
            yield send(secret, named, f"{os.getpid()}-{number}")


def main() -> int:
    call_command("migrate", verbosity=0)
    workspace = Workspace.objects.create(name="Bench")
    _, secret = keys.create(workspace, "Bench", ("read", "write"))
    world = worst_requests.make_world(workspace)
    part = sys.argv[1] if len(sys.argv) > 1 else ""
    found = sorted(costs(secret, world, part), key=lambda cost: -cost.cpu_seconds)
    over = [cost for cost in found if cost.is_over]
    largest = sorted((cost for cost in found if cost.status >= 400), key=lambda c: -c.answer_bytes)
    for title, shown in (
        ("Most CPU", found[:15]),
        ("Largest refusals", largest[:8]),
        ("Over", over),
    ):
        print(f"\n{title}")
        for cost in shown:
            print(
                f"{cost.cpu_seconds:7.3f} s of {CPU_SECONDS}  {cost.answer_bytes:8,} B"
                f" of {ANSWER_BYTES:,}  {cost.status}  {cost.name[:70]}"
            )
    print(f"\n{len(found)} requests, {len(over)} over their limits.")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
