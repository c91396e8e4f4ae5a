"""The processes of a running Dovecote, as `manage.py up` and deploy/compose.yaml start them."""

import sys

from config.queue.routing import SLOW_PATTERNS

#: A worker of every queue: enough alone where few files are sent.
WORKER = ("python", "-m", "config.queue", "worker")
#: How long a worker that gets SIGTERM may take: longer than any publish (`deadline_seconds` of its
#: adapter). Compose, systemd and Kubernetes wait for so long before they kill it.
STOP_SECONDS = 330
#: Which queues each worker serves, as Celery's options, with patterns (config/queue/patterns.py).
#: `worker` excludes the other's queues rather than listing its own, so that a new queue is always
#: served.
SERVES = {
    "worker": ("-X", ",".join(SLOW_PATTERNS)),
    "uploader": ("-Q", ",".join(SLOW_PATTERNS)),
}
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
