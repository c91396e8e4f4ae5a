"""One process of ours: what to run, how to stop it, how to see that it works."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from deploy.local import die_with_parent


@dataclass(frozen=True, slots=True)
class User:
    """The operating system's user a server runs as, when that is not us."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Service:
    name: str
    command: tuple[str, ...]
    cwd: Path
    #: Whether it answers. A service without this question is ready once it runs.
    is_ready: Callable[[], bool] | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    user: User | None = None
    #: Lines with one of these in them are not shown: nobody here can act on them.
    noise: tuple[str, ...] = ()


def launch(service: Service, output: int | IO[bytes]) -> "subprocess.Popen[bytes]":
    """Start a service on a leash, in a session of its own, so that only we signal it.

    To be called from the main thread: the leash is tied to the thread that starts.
    """
    user = f"{service.user.uid}:{service.user.gid}" if service.user else "-"
    arguments = [str(os.getpid()), str(int(service.stop_signal)), user, *service.command]
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-I", "-S", die_with_parent.__file__, *arguments],
        cwd=service.cwd,
        env={**os.environ, **service.environ},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def signal_group(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    """Signal a process and whatever it has started. Nothing happens if all of it is gone."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        # Darwin answers EPERM for a group of zombies.
        return
