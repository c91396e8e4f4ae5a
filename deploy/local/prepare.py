"""`python -m deploy.local.prepare`: what `up` needs Django for, in a process that ends.

Makes tables, static files and the demo workspace, and makes the simulator know its accounts. Writes
the name of each step to its output when that is done, and how far a long one is; everything else
there is for people.
"""

import hashlib
import io
import json
import os
import sys
import time
from pathlib import Path

import django
from django.core.exceptions import ImproperlyConfigured

from deploy.local import environment, report
from deploy.local.supervisor import GaveUp

TABLES, STATIC, DEMO = "tables-done", "static-done", "demo-done"
PROGRESS = "progress"
PROGRESS_SECONDS = 2.0


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    local = environment.current()
    try:
        django.setup()
        _make_tables()
        _say(TABLES)
        _collect_static()
        _say(STATIC)
        _say(DEMO, json.dumps(_make_demo(local)))
    except (GaveUp, ImproperlyConfigured) as wrong:
        sys.exit(str(wrong))


def _say(*words: str) -> None:
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


class _Progress(io.TextIOBase):
    """The output of a command with a line a step; says now and then how many there were."""

    def __init__(self, steps: str) -> None:
        self._steps, self._done, self._said_at = steps, 0, time.monotonic()

    def write(self, text: str) -> int:
        self._done += text.endswith("\n")
        if time.monotonic() - self._said_at >= PROGRESS_SECONDS:
            self._said_at = time.monotonic()
            _say(PROGRESS, f"{self._done} {self._steps}…")
        return len(text)


def _make_tables() -> None:
    from django.core.management import call_command

    progress = _Progress("changes of tables made")
    call_command("migrate", interactive=False, verbosity=1, stdout=progress)


def _make_demo(local: environment.Local) -> tuple[dict[str, str], bool]:
    """Return what demo.env says, and whether the admin still has the password in it."""
    from deploy.local.demo import workspace as demo

    workspace = demo.make_workspace()
    state = demo.make_key(local.home, local.state, workspace)
    admin_known = demo.make_admin(state.admin_password)
    media_ids = demo.make_files(workspace)
    demo.introduce_accounts(workspace, local.simulator_url)
    account_ids = demo.account_ids(workspace)
    return report.values(local, state, demo.ADMIN, account_ids, media_ids), admin_known


def _collect_static() -> None:
    """Collect the static files of the admin and the API's pages if they have changed."""
    from django.conf import settings
    from django.core.management import call_command

    mark, now = Path(settings.STATIC_ROOT) / ".collected", _fingerprint()
    if mark.exists() and mark.read_text() == now:
        return
    progress = _Progress("files collected")
    call_command("collectstatic", interactive=False, verbosity=2, stdout=progress)
    mark.write_text(now)


def _fingerprint() -> str:
    """Of every file's name, size and time: reading them all would take seconds."""
    from django.contrib.staticfiles import finders

    digest = hashlib.sha256()
    for finder in finders.get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
