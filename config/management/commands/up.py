"""`manage.py up`: everything, on this machine, in the foreground."""

import os
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand

from deploy.local import environment
from deploy.local.console import Console
from deploy.local.signals import Stopped, ignore_signals, raise_on_signals
from deploy.local.supervisor import GaveUp
from deploy.local.up import Up


class Command(BaseCommand):
    help = "Run Dovecote with everything it needs on this machine, until Ctrl-C."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        raise_on_signals()
        started, console = time.monotonic(), Console()
        if console.colour:
            os.environ["FORCE_COLOR"] = "1"  # their lines go through a pipe to this terminal
        up, code = None, 0
        try:
            up = Up(environment.current(), console)
            up.start(started)
            up.run()
        except Stopped:
            console.say("Stopping…")
        except GaveUp as wrong:
            console.say(str(wrong))
            code = 1
        finally:
            if up:
                _stop(up, console)
        sys.exit(code)


def _stop(up: Up, console: Console) -> None:
    try:
        up.stop()
    except Stopped:  # again: somebody is in a hurry
        ignore_signals()
        up.kill()
    console.say("Everything has stopped.")
