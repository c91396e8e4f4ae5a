#!/usr/bin/env python3
"""Dovecote's command line."""

import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path

#: Commands for a machine where nothing is set up yet; see deploy/local.
LOCAL_COMMANDS = ("up", "demo")
#: Required by every command but WITHOUT_SETTINGS, also as NAME_FILE.
REQUIRED = ("SECRET_KEY", "CREDENTIAL_KEYS", "DATABASE_URL", "REDIS_URL")
WITHOUT_SETTINGS = ("help", "--help", "-h", "version", "--version")


def main() -> None:
    _use_installed_python()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    command = sys.argv[1] if sys.argv[1:] else "help"
    # Django reads its settings before it knows the command.
    if command in LOCAL_COMMANDS:
        from deploy.local import environment

        _prepare(environment.current)
        if sys.argv[1:] == ["up"]:
            # Without Django, which would be 100 MB for as long as it runs.
            from deploy.local import up

            sys.exit(up.run())
    elif command not in WITHOUT_SETTINGS and not _is_configured():
        _attach()
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as wrong:
        sys.exit(str(wrong))


def _use_installed_python() -> None:
    """Continue in `.venv`, where `make up` installs, if this Python has no Django."""
    if importlib.util.find_spec("django"):
        return
    python = Path(__file__).resolve().parent / ".venv" / "bin" / "python"
    if not python.exists() or Path(sys.prefix) == python.parent.parent:
        sys.exit("Nothing is installed here yet: run `make up`, or see deploy/README.md.")
    os.execv(python, [str(python), *sys.argv])  # noqa: S606


def _is_configured() -> bool:
    """Whether any required setting is given; then none of them is taken from a running `up`."""
    return any(os.environ.get(name) or os.environ.get(f"{name}_FILE") for name in REQUIRED)


def _attach() -> None:
    # Not installed in production, where Django names the missing setting.
    if importlib.util.find_spec("psutil"):
        from deploy.local import environment

        _prepare(lambda: environment.attach(REQUIRED))


def _prepare(prepare: Callable[[], object]) -> None:
    from deploy.local.supervisor import GaveUp

    try:
        prepare()
    except GaveUp as wrong:
        sys.exit(str(wrong))


if __name__ == "__main__":
    main()
