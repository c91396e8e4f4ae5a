"""`python -m config.queue worker|beat`, with the options of `celery worker` and `celery beat`.

`-Q` and `-X` take patterns too (config/queue/routing.py).

The `celery` program imports all of its commands and plugins, a shell and Flower among them: 12 MB
in every process.
"""

import sys
from importlib import import_module

import django
from celery.bin.base import CLIContext
from celery.signals import beat_init, worker_ready

from config import process
from config.celery import app
from config.queue import routing

#: Each command, and options that it always has. Workers tell each other nothing, and Flower every
#: ten seconds that they are alive: by Celery's defaults these messages are half of a worker's CPU
#: time at rest.
COMMANDS = {
    "worker": ("--without-gossip", "--without-mingle", "--heartbeat-interval=10"),
    "beat": (),
}


def main() -> None:
    name, *options = sys.argv[1:] or [""]
    if name not in COMMANDS:
        sys.exit(f"Usage: python -m config.queue {'|'.join(COMMANDS)} [options]")
    process.set_name(name)
    for started in (worker_ready, beat_init):
        started.connect(process.settle)
    if name == "beat":
        # Not the tasks, which it sends by their names.
        app.loader.import_default_modules = django.setup
    command = getattr(import_module(f"celery.bin.{name}"), name)
    context = CLIContext(app, no_color=False, workdir=None, quiet=True)
    command.main([*COMMANDS[name], *routing.expand(options)], prog_name=name, obj=context)


if __name__ == "__main__":
    main()
