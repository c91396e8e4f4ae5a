"""What hosts run beside Dovecote itself: servers that others made."""

import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from deploy.local import die_with_parent
from tests.chaos.hosts.network import Network

WITHIN_SECONDS = 90


class Servers:
    """Starts a server on each host; all of them end with this process, or by `end`."""

    def __init__(self, network: Network, home: Path) -> None:
        self.network, self.home = network, home
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(
        self,
        host: str,
        argv: Sequence[str],
        user: pwd.struct_passwd | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Start it as this user; its log is named after the host."""
        owner = f"{user.pw_uid}:{user.pw_gid}" if user else "-"
        # Inside first: only root may enter another namespace.
        dying = [sys.executable, "-I", "-S", die_with_parent.__file__]
        dying += [str(os.getpid()), f"{signal.SIGKILL:d}", owner]
        with (self.home / f"{host}.log").open("ab") as log:
            self._running[host] = subprocess.Popen(
                [*self.network.inside(host), *dying, *argv],
                cwd="/",
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def signal(self, host: str, number: signal.Signals) -> None:
        self._running[host].send_signal(number)

    def wait(self, what: str, condition: Callable[[], Any]) -> Any:
        """The first true value of the condition; what it raises counts as none."""
        give_up_at = time.monotonic() + WITHIN_SECONDS
        while True:
            with suppress(Exception):
                if value := condition():
                    return value
            ended = [host for host, child in self._running.items() if child.poll() is not None]
            assert not ended, f"Ended: {ended}.\n{self._last_words(ended)}"
            assert time.monotonic() < give_up_at, f"Not seen: {what}.\n{self._last_words()}"
            time.sleep(0.1)

    def end(self) -> None:
        for child in self._running.values():
            with suppress(ProcessLookupError):
                child.send_signal(signal.SIGKILL)
            child.wait(30)

    def _last_words(self, hosts: Sequence[str] = ()) -> str:
        logs = [self.home / f"{host}.log" for host in hosts or self._running]
        return "\n".join(f"--- {log.name}\n{log.read_text()[-1000:]}" for log in logs)
