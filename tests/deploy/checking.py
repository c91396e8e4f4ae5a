"""`manage.py check --deploy` in many environments, each a line of JSON, in forks of one process.

A fork imports only what depends on its settings: most of a start is importing the rest.
"""

import json
import os
import sys
import tempfile

# What a fork need not import again: it reads no settings.
import cron_descriptor  # noqa: F401
import cryptography.fernet  # noqa: F401
import django.contrib.postgres.fields
import django.db.backends.postgresql.base
import django.views.generic  # noqa: F401
import requests  # noqa: F401
import sqlparse  # noqa: F401

import config.celery  # noqa: F401
import manage

ARGUMENTS = ["manage.py", "check", "--deploy", "--fail-level", "WARNING", "--tag", "security"]


def check(environ: dict[str, str]) -> str:
    """What the check says; empty if it passes."""
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if child == 0:
            _run(environ, said.fileno())
        _, status = os.waitpid(child, 0)
        said.seek(0)
        return said.read().decode() if status else ""


def _run(environ: dict[str, str], output: int) -> None:
    code = 1
    try:
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.environ.clear()
        os.environ.update(environ)
        sys.argv = ARGUMENTS
        manage.main()
        code = 0
    except SystemExit as ended:
        if isinstance(ended.code, str):
            sys.stderr.write(ended.code)
        code = int(ended.code != 0 and ended.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(check(json.loads(line))) + "\n")
        sys.stdout.flush()
