"""`python -m config.queue worker|beat`, with the options of `celery worker` and `celery beat`.

The `celery` program imports all of its commands and plugins, a shell and Flower among them: 12 MB
in every process.
"""

import sys
from importlib import import_module

from celery.bin.base import CLIContext

from config.celery import app

COMMANDS = ("worker", "beat")


def main() -> None:
    name, *options = sys.argv[1:] or [""]
    if name not in COMMANDS:
        sys.exit(f"Usage: python -m config.queue {'|'.join(COMMANDS)} [options]")
    command = getattr(import_module(f"celery.bin.{name}"), name)
    context = CLIContext(app, no_color=False, workdir=None, quiet=True)
    command.main(options, prog_name=name, obj=context)


if __name__ == "__main__":
    main()
