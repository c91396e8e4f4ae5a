"""The new version's migrations, as an operator runs them."""

import time

from tests.acceptance.stack import Stack


def migrate(stack: Stack) -> float:
    """Migrate; how many seconds it took."""
    began = time.monotonic()
    done = stack.command("manage.py", "migrate", "--verbosity", "0")
    assert done.returncode == 0, done.stderr
    return time.monotonic() - began
