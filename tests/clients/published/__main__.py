"""Play every client, and write what each call came to into posts/api/MIGRATING.md.

`python -m tests.clients.published`; ends with 1 if anything was not as promised.
"""

import os
import tempfile
from pathlib import Path

import django

import tests.services  # noqa: F401

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from tests.acceptance.stack import running  # noqa: E402
from tests.clients.published import cli, mcp, n8n, sdk, table  # noqa: E402
from tests.clients.published.ground import ground  # noqa: E402

CLIENTS = {"sdk": sdk, "mcp": mcp, "cli": cli, "n8n": n8n}


def main() -> int:
    columns, problems = {}, []
    with tempfile.TemporaryDirectory() as home, running(Path(home)) as stack:
        for name, client in CLIENTS.items():
            folder = Path(home) / name
            folder.mkdir()
            with ground(stack) as around:
                journal = client.play(around, folder)
            columns[name] = table.column(journal)
            problems += [f"{name}: {each}" for each in journal.problems]
    print("\n".join(problems))
    table.write(columns)
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
