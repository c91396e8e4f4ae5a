"""The processes of a running Dovecote, as `manage.py up` and deploy/compose.yaml start them.

Imports nothing else of ours: `up` and the parent of the compact form, which run as long as the
others, would be 16 MB larger each.
"""

import sys

#: A worker of every queue: enough alone where few files are sent.
WORKER = ("python", "-m", "config.queue", "worker")
#: Web, a worker of every queue, and beat, for a small machine.
COMPACT = ("python", "-m", "config.forking.compact")
#: How long a worker that gets SIGTERM may take: longer than any publish (`deadline_seconds` of its
#: adapter). Compose, systemd and Kubernetes wait for so long before they kill it.
STOP_SECONDS = 330
#: The queues whose work takes long (`SLOW` in routing.py), the dedicated ones too.
SLOW_PATTERNS = ("media", "imports", "publish.*.upload")
#: Which queues each worker serves, as Celery's options, with patterns (routing.py).
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
