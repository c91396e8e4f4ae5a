"""Processes forked from one that has imported what they need, as `manage.py up` forks them.

Starting Python and importing everything takes five seconds of a processor, a fork a tenth of one.
`python -m tests.acceptance.forks` is the one that is forked: it takes orders as JSON, one a line,
and says in the same way which process it has made, and what each ended with.
"""

import importlib
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from config import forking
from destinations.runtime import failpoints


class Forked:
    """A process that was forked. It has what a stack uses of `subprocess.Popen`."""

    def __init__(self, forks: "Forks", pid: int) -> None:
        self.pid, self._forks = pid, forks

    def poll(self) -> int | None:
        return self._forks.code(self.pid, 0)

    def wait(self, timeout: float) -> int:
        code = self._forks.code(self.pid, timeout)
        if code is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Forks:
    """The process that is forked, which has `env`. All of them end with it."""

    def __init__(self, before: Sequence[str], env: Mapping[str, str], cwd: Path) -> None:
        self.env = env
        self._parent = subprocess.Popen(
            [*before, sys.executable, "-m", __spec__.name],
            cwd=cwd,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._told = threading.Condition()
        self._last, self._codes, self._is_over = 0, dict[int, int](), False
        threading.Thread(target=self._listen, daemon=True).start()

    def fork(self, words: Sequence[str], env: Mapping[str, str], log: Path) -> Forked:
        """Run a module with its arguments, `env` beyond that of all, and its output in a file."""
        order = {"words": [*words], "env": {**env}, "log": str(log)}
        with self._told:
            self._last = 0
            assert self._parent.stdin
            self._parent.stdin.write(json.dumps(order) + "\n")
            self._parent.stdin.flush()
            self._told.wait_for(lambda: self._last or self._is_over)
            assert self._last, "The process that is forked has ended."
            return Forked(self, self._last)

    def code(self, pid: int, within_seconds: float) -> int | None:
        """What a process ended with, or None if it still runs."""
        with self._told:
            self._told.wait_for(lambda: pid in self._codes or self._is_over, within_seconds)
            return self._codes.get(pid, -signal.SIGKILL if self._is_over else None)

    def end(self) -> None:
        self._parent.kill()
        self._parent.communicate()

    def _listen(self) -> None:
        assert self._parent.stdout
        for line in self._parent.stdout:
            said = json.loads(line)
            with self._told:
                if "code" in said:
                    self._codes[said["pid"]] = said["code"]
                else:
                    self._last = said["pid"]
                self._told.notify_all()
        with self._told:
            self._is_over = True
            self._told.notify_all()


def _serve() -> dict[str, Any]:
    """Fork for each order, and return the order in the fork. Ends this process with its input."""
    waiting = selectors.DefaultSelector()
    waiting.register(sys.stdin, selectors.EVENT_READ)
    while True:
        for key, _ in waiting.select():
            if key.data:
                waiting.unregister(key.fd)
                os.close(key.fd)
                _say(pid=key.data, code=os.waitstatus_to_exitcode(os.waitpid(key.data, 0)[1]))
                continue
            # The stack waits for the answer, so no second order is in the buffer.
            if not (line := sys.stdin.readline()):
                sys.exit()
            order: dict[str, Any] = json.loads(line)
            pid = os.fork()
            if not pid:
                waiting.close()
                return order
            waiting.register(os.pidfd_open(pid), selectors.EVENT_READ, pid)
            _say(pid=pid)


def _say(**said: int) -> None:
    print(json.dumps(said), flush=True)


def main() -> None:
    importlib.import_module("config.forking.preloaded")
    order = _serve()
    os.environ.update(order["env"])
    importlib.reload(failpoints)
    with Path(os.devnull).open() as nothing, Path(order["log"]).open("ab") as log:
        os.dup2(nothing.fileno(), 0)
        forking.become(order["words"], signal.SIGKILL, log)


if __name__ == "__main__":
    main()
