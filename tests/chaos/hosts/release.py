"""The next release: this tree, copied, with another version and one migration more."""

import shutil
from pathlib import Path

from tests.acceptance.stack import ROOT

PARTS = ("config", "posts", "destinations", "platforms", "deploy")
VERSION = "0.0.0+next"
OLD_LINE = 'VERSION = "'
#: A column of the table that is written to most, as releases add them: with a default, so that
#: processes of the former release go on inserting.
MIGRATION = """\
from django.db import migrations

COLUMN = "next_release_note"


class Migration(migrations.Migration):
    dependencies = [("destinations", "{last}")]
    operations = [
        migrations.RunSQL(
            f"ALTER TABLE destinations_destination ADD COLUMN {{COLUMN}} text NOT NULL DEFAULT ''",
            f"ALTER TABLE destinations_destination DROP COLUMN {{COLUMN}}",
        )
    ]
"""


def make(folder: Path) -> Path:
    """Write it there; the folder."""
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part)
    shutil.copy2(ROOT / "manage.py", folder)
    settings = folder / "config" / "settings.py"
    lines = settings.read_text().splitlines(keepends=True)
    [at] = [number for number, line in enumerate(lines) if line.startswith(OLD_LINE)]
    lines[at] = f'{OLD_LINE}{VERSION}"\n'
    settings.write_text("".join(lines))
    migrations = folder / "destinations" / "migrations"
    last = max(path.stem for path in migrations.glob("[0-9]*.py"))
    number = int(last.partition("_")[0]) + 1
    (migrations / f"{number:04d}_next_release.py").write_text(MIGRATION.format(last=last))
    return folder
