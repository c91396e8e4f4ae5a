"""deploy/backup-media.sh saves what is new, deploy/restore-media.sh puts back what is missing."""

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests import programs
from tests.deploy.conftest import ROOT

#: When an archive was made, as its name has it.
LONG_AGO, LAST_MONTH = "20200101T000000Z", "20200201T000000Z"


@pytest.fixture
def media(tmp_path: Path) -> Path:
    (tmp_path / "media/a").mkdir(parents=True)
    (tmp_path / "media/a/one.jpg").write_text("one")
    return tmp_path / "media"


def run(script: str, media: Path) -> "subprocess.CompletedProcess[str]":
    return programs.run(
        [ROOT / "deploy" / script, media.parent / "saved"],
        env={**os.environ, "MEDIA_ROOT": str(media)},
        check=True,
    )


def saved(media: Path) -> list[str]:
    return sorted(path.name for path in (media.parent / "saved").iterdir())


def test_what_was_deleted_comes_back_and_what_is_there_stays(media):
    run("backup-media.sh", media)
    [full] = saved(media)
    # Two archives of the same second would be one.
    an_hour_ago = f"{datetime.now(UTC) - timedelta(hours=1):%Y%m%dT%H%M%SZ}.full.tar"
    (media.parent / "saved" / full).rename(media.parent / "saved" / an_hour_ago)
    (media / "two.jpg").write_text("two")
    run("backup-media.sh", media)
    (media / "a/one.jpg").unlink()
    (media / "two.jpg").unlink()
    (media / "three.jpg").write_text("three")
    said = run("restore-media.sh", media).stdout

    assert [name.split(".")[1] for name in saved(media)] == ["full", "new"]
    assert said.count("Put back") == 2
    kept = {path.name: path.read_text() for path in media.rglob("*.jpg")}
    assert kept == {"one.jpg": "one", "two.jpg": "two", "three.jpg": "three"}


def test_old_archives_go_once_a_full_one_of_that_age_is_there(media):
    folder = media.parent / "saved"
    folder.mkdir()
    for name in (f"{LONG_AGO}.full", f"{LONG_AGO}.new", f"{LAST_MONTH}.full", f"{LAST_MONTH}.new"):
        (folder / f"{name}.tar").touch()
    run("backup-media.sh", media)

    *old, made = saved(media)
    assert old == [f"{LAST_MONTH}.full.tar", f"{LAST_MONTH}.new.tar"]
    assert made.endswith(".full.tar")
