"""What a running Dovecote consists of. `manage.py up` and deploy/compose.yaml start the same."""

import sys

#: Addresses, ports and thread counts come from the environment (deploy/env.example).
PROCESSES: dict[str, tuple[str, ...]] = {
    "web": ("granian", "--interface", "wsgi", "config.wsgi:application"),
    "worker": ("celery", "-A", "config", "worker"),
    "beat": ("celery", "-A", "config", "beat"),
    "flower": ("celery", "-A", "config", "flower"),
}


def argv(name: str) -> list[str]:
    """The command of a process in this Python, whatever PATH says."""
    return [sys.executable, "-m", *PROCESSES[name]]
