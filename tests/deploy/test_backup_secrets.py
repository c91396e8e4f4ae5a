"""The keys that open what is encrypted are in no backup."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.deploy.conftest import ROOT

KEYS = "CREDENTIAL_KEYS=the-key-that-opens-tokens"
#: A pg_dump that writes what it was told to.
PG_DUMP = '#!/bin/sh\nwhile [ "$1" != --file ]; do shift; done\necho rows >"$2"\n'


def test_a_backup_has_the_database_and_the_files_and_no_key(tmp_path: Path):
    deploy, media, saved = (tmp_path / name for name in ("deploy", "media", "saved"))
    for folder in (deploy, media):
        folder.mkdir()
    shutil.copy(ROOT / "deploy/backup.sh", deploy)
    (deploy / ".env").write_text(KEYS)
    (media / "a.jpg").write_text("picture")
    (tmp_path / "pg_dump").write_text(PG_DUMP)
    (tmp_path / "pg_dump").chmod(0o755)
    name, _, value = KEYS.partition("=")
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"

    subprocess.run(
        [deploy / "backup.sh", saved],
        env={"PATH": path, name: value, "DATABASE_URL": "postgres://a", "MEDIA_ROOT": str(media)},
        capture_output=True,
        check=True,
    )

    assert {each.name for each in saved.rglob("*")} == {"database.dump", "media.tar"}
    assert b"picture" in (saved / "media.tar").read_bytes()
    assert not [each for each in saved.iterdir() if value.encode() in each.read_bytes()]
