"""The settings and servers of `make up`, below .dovecote/bench. The import starts the servers.

`DATABASE_URL` and `REDIS_URL` win, as everywhere. What is in that database is deleted.
"""

import logging
import os
import socket
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CPUS = os.cpu_count() or 1
HOME = ROOT / ".dovecote" / "bench"


def _free_ports(count: int) -> int:
    """The first of so many free ports in a row."""
    while True:
        with ExitStack() as held:
            first = held.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1]
            try:
                for port in range(first + 1, first + count):
                    held.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue
            return int(first)


os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
os.environ["DOVECOTE_HOME"] = str(HOME)
os.environ["PORT"] = str(_free_ports(3))

from deploy.local import embedded  # noqa: E402
from deploy.local import environment as local  # noqa: E402

embedded.start(HOME, careless=False)
LOCAL = local.current()
#: Where the product looks for every network.
NETWORK_PORT = LOCAL.ports.simulator
NETWORK_URL = LOCAL.simulator_url

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402

# It logs every request.
logging.getLogger("httpx").setLevel(logging.WARNING)
(HOME / "static").mkdir(exist_ok=True)
call_command("migrate", verbosity=0)
