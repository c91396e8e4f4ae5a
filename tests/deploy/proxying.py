"""The reverse proxy of compose.yaml as it is shipped, really run by Caddy."""

import os
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from deploy.local.embedded import free_port
from tests import programs
from tests.config.web.server.serving import Answer, Wire
from tests.until import until

CADDYFILE = Path(__file__).resolve().parents[2] / "deploy" / "proxy" / "Caddyfile"
#: A host of its own for the compatibility mount.
SECOND_HOST = "compat.example"
#: Until 2.6.2, which Debian has, buffers were spelt otherwise.
OLD = (2, 6, 2)


def caddy() -> tuple[str, dict[str, str]]:
    """The program, and the environment that its version needs."""
    found = programs.found("caddy")
    said = subprocess.run([found, "version"], capture_output=True, text=True, check=True).stdout
    version = tuple(int(n) for n in re.findall(r"\d+", said)[:3])
    return found, {"PROXY_BUFFERS": "buffers_2_6"} if version <= OLD else {}


@contextmanager
def proxying(home: Path, web_port: int, *others: str) -> Iterator[int]:
    """The port of a proxy in front of web, and of other addresses of it."""
    command, buffers = caddy()
    port = free_port()
    env = {
        **os.environ,
        **buffers,
        "SITE_ADDRESS": f"http://127.0.0.1:{port}, http://{SECOND_HOST}:{port}",
        "WEB_ADDRESS": " ".join([f"127.0.0.1:{web_port}", *others]),
        "PROXY_PATIENCE": "2s",
        "PROXY_TRUSTED": "192.0.2.1/32",
        "XDG_DATA_HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
    }
    with (home / "log").open("wb") as log:
        running = subprocess.Popen(
            [command, "run", "--adapter", "caddyfile", "--config", str(CADDYFILE)],
            env=env,
            stdout=log,
            stderr=log,
        )
        try:
            until(lambda: running.poll() is not None or _listens(port))
            assert running.poll() is None, (home / "log").read_text()
            yield port
        finally:
            running.terminate()
            running.wait(30)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def ask(port: int, text: str | bytes, method: str = "GET") -> Answer:
    with closing(Wire(port)) as wire:
        wire.send(text)
        return wire.answer(method)
