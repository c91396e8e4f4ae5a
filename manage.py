#!/usr/bin/env python
"""Dovecote's command line."""

import os
import sys

#: What runs on a machine where nothing is set up yet; see config/local.
LOCAL_COMMANDS = ("up", "demo")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:2] and sys.argv[1] in LOCAL_COMMANDS:
        # Django reads its settings before it knows the command, and these two make them.
        from config.local import environment
        from config.local.supervisor import GaveUp

        try:
            environment.current()
        except GaveUp as wrong:
            sys.exit(str(wrong))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
