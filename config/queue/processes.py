"""The processes of a running Dovecote, as `manage.py up` and deploy/compose.yaml start them.

A worker's `-Q` and `-X` take patterns: `publish.*.upload` means every queue for uploads. Celery
knows names only. A pattern also covers the dedicated queues that DEDICATED_QUEUES makes.
"""

import sys
from collections.abc import Iterable
from fnmatch import fnmatchcase
from itertools import pairwise

from config.queue.routing import SLOW_PATTERNS, every

#: A worker of every queue: enough alone where few files are sent.
WORKER = ("python", "-m", "config.queue", "worker")
#: Web, a worker of every queue, and beat, for a small machine.
COMPACT = ("python", "-m", "config.forking.compact")
#: How long a worker that gets SIGTERM may take: longer than any publish (`deadline_seconds` of its
#: adapter). Compose, systemd and Kubernetes wait for so long before they kill it.
STOP_SECONDS = 330
#: Which queues each worker serves, as Celery's options, with patterns.
#: `worker` excludes the other's queues rather than listing its own, so that a new queue is always
#: served.
SERVES = {
    "worker": ("-X", ",".join(SLOW_PATTERNS)),
    "uploader": ("-Q", ",".join(SLOW_PATTERNS)),
}
#: The options of a worker that take patterns.
OPTIONS = frozenset({"-Q", "--queues", "-X", "--exclude-queues"})
#: Addresses, ports and a worker's threads come from the environment (deploy/env.example).
PROCESSES: dict[str, tuple[str, ...]] = {
    "web": ("python", "-m", "config.web"),
    "worker": (*WORKER, *SERVES["worker"]),
    "uploader": (*WORKER, "-n", "uploader@%h", *SERVES["uploader"]),
    "beat": ("python", "-m", "config.queue", "beat"),
    "flower": ("python", "-m", "config.queue.flower"),
}


def argv(name: str) -> list[str]:
    """The command of a process in this Python, independent of PATH."""
    return [sys.executable, *PROCESSES[name][1:]]


def expand(options: Iterable[str]) -> list[str]:
    """Return a worker's options with names in place of patterns.

    A pattern that matches nothing stays: Celery refuses it in `-Q`, and ignores it in `-X`.
    """
    found = []
    for before, word in pairwise(("", *options)):
        name, equals, value = word.partition("=")
        if before in OPTIONS:
            word = _names(word)
        elif equals and name in OPTIONS:
            word = f"{name}={_names(value)}"
        found.append(word)
    return found


def _names(patterns: str) -> str:
    queues = every()
    matched = (
        [queue for queue in queues if fnmatchcase(queue, pattern)] or [pattern]
        for pattern in patterns.split(",")
    )
    return ",".join(dict.fromkeys(name for names in matched for name in names))
