"""Processes that share their memory, forked from one that has imported what they need.

The fork server of `multiprocessing` has one thread and no connections, so that its forks are whole.
"""

import gc
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from typing import IO

from setproctitle import setproctitle

from config import process

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["config.forking.preloaded"])


def prepare() -> None:
    """Begin to import what will be shared, with the settings of now; this process goes on."""
    forkserver.ensure_running()


class Forked:
    """A Python module that runs in a process, and a session, of its own.

    It has what this project uses of `subprocess.Popen`. It ends when the fork server or this
    process ends. `stdout` has what it says and its errors, unless it is to inherit ours.
    """

    def __init__(
        self,
        module: str,
        arguments: Sequence[str] = (),
        stop_signal: signal.Signals = signal.SIGTERM,
        *,
        inherits_output: bool = False,
    ) -> None:
        self.stdout: IO[bytes] | None = None
        words = (module, *arguments)
        if inherits_output:
            self._start(words, stop_signal, None)
            return
        output, its_output = _context.Pipe(duplex=False)
        with output, its_output:
            self._start(words, stop_signal, its_output)
            self.stdout = os.fdopen(os.dup(output.fileno()), "rb")

    def _start(
        self, words: tuple[str, ...], stop_signal: signal.Signals, output: Connection | None
    ) -> None:
        self._process = _context.Process(target=become, args=(words, stop_signal, output))
        self._process.start()
        self.pid: int = self._process.pid or 0
        #: For `multiprocessing.connection.wait`: ready when the process has ended.
        self.sentinel: int = self._process.sentinel

    @property
    def returncode(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit code. Raises subprocess.TimeoutExpired."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Signal it. Does nothing if it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


def become(
    words: Sequence[str], stop_signal: signal.Signals, output: Connection | IO[bytes] | None
) -> None:
    """In a fork: run a module with its arguments, in a session of its own, until it ends.

    `stop_signal` comes when the parent ends. What it says goes to `output`, which is closed here.
    """
    os.setsid()
    process.end_with_parent(stop_signal)
    if output:
        with output:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
    sys.argv = [*words]
    setproctitle(" ".join((process.PREFIX, *words)))
    gc.enable()
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)
