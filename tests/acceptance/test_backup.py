"""The scripts of deploy/ on a real installation: backed up, lost, put back."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.local import embedded
from tests import programs
from tests.acceptance.stack import ROOT, Stack
from tests.platforms.driver import image

pytestmark = pytest.mark.thorough

PROCESSES = ("web", "beat", "worker")
#: Until a post is due that the backup does not know to be public.
SOON_SECONDS = 12


def run(stack: Stack, script: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """A script as it is run where there is no compose."""
    path = f"{embedded.binaries()}{os.pathsep}{os.environ['PATH']}"
    return programs.run(
        [ROOT / "deploy" / script, folder],
        cwd=ROOT,
        env={**stack._env(), "PATH": path, "PYTHON": sys.executable},
    )


def test_a_restored_backup_has_everything_and_sends_nothing_again(stack: Stack, tmp_path: Path):
    team = stack.team(x=1)
    media_id = team.upload("a.jpg", "image/jpeg", image(600, 600, "JPEG"))
    first = team.published(team.post("Before", media_ids=[media_id]))
    at = datetime.now(UTC) + timedelta(seconds=SOON_SECONDS)
    later = team.post("Since", scheduled_at=at.isoformat())
    backed_up = run(stack, "backup.sh", tmp_path)
    assert backed_up.returncode == 0, backed_up.stderr
    assert datetime.now(UTC) < at
    sent = team.published(later)

    in_use = run(stack, "restore.sh", tmp_path)
    assert (in_use.returncode, "in use" in in_use.stderr) == (1, True)
    team.assert_each_once([*first, *sent])

    for name in PROCESSES:
        stack.stop(name)
    for file in (stack.home / "media").rglob("*"):
        if file.is_file():
            file.unlink()
    restored = run(stack, "restore.sh", tmp_path)
    assert restored.returncode == 0, restored.stderr
    # Other tests on this installation may have left posts that were due, too.
    assert re.search("May be public: [1-9]", restored.stdout)
    for name in PROCESSES:
        stack.start(name)
    stack.wait("everything answers", stack.is_ready)
    stack.ticks(3)

    (doubted,) = team.results(later)
    assert (doubted["status"], "live" in doubted["error"]) == ("failed", True)
    assert len(team.wall()) == 2
    assert team.http.get(f"media/{media_id}").json()["data"]["media_status"] == "ready"
    assert [path for path in (stack.home / "media").rglob("*") if path.is_file()]
    # Once more, as after a second accident: what was restored can be backed up and restored.
    assert run(stack, "backup.sh", tmp_path).returncode == 0
