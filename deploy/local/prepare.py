"""`python -m deploy.local.prepare`: what `up` needs Django for, in a process that ends.

Makes tables, static files and the demo workspace, and makes the simulator know its accounts. Writes
the name of each step to its output when that is done; everything else there is for people.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

import django
from django.core.exceptions import ImproperlyConfigured

from deploy.local import environment, report
from deploy.local.supervisor import GaveUp

TABLES, STATIC, DEMO = "tables-done", "static-done", "demo-done"


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


def _make_tables() -> None:
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)


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
    call_command("collectstatic", interactive=False, verbosity=0)
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
