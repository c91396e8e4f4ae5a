"""nostr-relay, running on this machine. It comes from PyPI by hashes, below `.dovecote/real`."""

import fcntl
import hashlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import programs
from tests.acceptance.stack import dying_with_us
from tests.programs import ROOT
from tests.real.install import STEP_SECONDS, NotInstalled, once
from tests.until import until

PINS = Path(__file__).with_name("requirements.txt")
START_SECONDS = 120
#: The longest content that it takes: what the adapter sends at most fits, with nothing to spare.
MOST_CHARS = 30_000
CONFIG = """
storage:
  sqlalchemy.url: sqlite+aiosqlite:///{home}/relay.sqlite3
  validators:
    - nostr_relay.validators.is_not_too_large
    - nostr_relay.validators.is_signed
    - nostr_relay.validators.is_recent
    - nostr_relay.validators.is_not_hellthread
verification:
  nip05_verification: disabled
gunicorn:
  bind: 127.0.0.1:{port}
  workers: 1
  control_socket: {home}/control
max_event_size: {most}
hellthread_limit: 100
"""


@dataclass(frozen=True)
class Server:
    """The running relay."""

    url: str
    version: str


@once
def installed() -> Path:
    """Return the folder with the relay's programs. Raises NotInstalled."""
    name = hashlib.sha256(PINS.read_bytes()).hexdigest()[:12]
    home = ROOT / ".dovecote" / "real" / f"nostr-{name}"
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "complete").exists():
            _run([sys.executable, "-m", "venv", home / "venv"])
            pip = [home / "venv" / "bin" / "pip", "--disable-pip-version-check", "install"]
            _run([*pip, "--quiet", "--require-hashes", "-r", PINS])
            (home / "complete").touch()
    return home / "venv" / "bin"


def _run(words: list[object]) -> None:
    done = programs.run(["timeout", "--kill-after=5", str(STEP_SECONDS), *map(str, words)])
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:] or ["no reason"]
        raise NotInstalled(f"pip failed: {said[0]}")


@contextmanager
def running(home: Path) -> Iterator[Server]:
    """Run the relay with its data below `home`. Raises NotInstalled."""
    found = installed()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = home / "relay.yaml"
    config.write_text(CONFIG.format(home=home, port=port, most=MOST_CHARS))
    said = programs.run([str(found / "pip"), "show", "nostr-relay"]).stdout
    version = next(line for line in said.splitlines() if line.startswith("Version: "))
    words = [*dying_with_us(), str(found / "nostr-relay"), "-c", str(config), "serve"]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log, cwd=home)
    try:
        until(lambda: _answers(port), START_SECONDS)
        yield Server(f"http://127.0.0.1:{port}", f"nostr-relay {version.partition(' ')[2]}")
    finally:
        process.terminate()
        process.wait(10)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
