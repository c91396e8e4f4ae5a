"""A feature is a folder and a line: without both, everything else works.

Its tables stay. Migrations are the history of one database, which goes on for every installation;
empty tables cost nothing, and a feature that comes back finds its rows.
"""

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests import migrated, programs

ROOT = Path(__file__).resolve().parents[2]
#: Of these, links.
SAME = ("config", "deploy", "destinations", "platforms", "tests", "manage.py", "pyproject.toml")
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"
MOST_SECONDS = 30


def run(folder: Path, *command: str, **more: str) -> str:
    env = {**os.environ, "PYTHONPATH": str(folder), "MEDIA_ROOT": str(folder), **more}
    whole = [sys.executable, "-P", *command]
    done = programs.run(whole, cwd=folder, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.thorough
@pytest.mark.parametrize("feature", ["ai", "calendar_feeds", "campaigns", "feeds", "hashtags"])
def test_all_else_works_without_it(feature, simulator, tmp_path):
    for name in SAME:
        (tmp_path / name).symlink_to(ROOT / name)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "posts", tmp_path / "posts", ignore=ignored)
    shutil.rmtree(tmp_path / "posts/features" / feature)
    declared = tmp_path / "posts/features/__init__.py"
    before, _, after = declared.read_text().partition(f'    "{feature}",\n')
    assert after
    declared.write_text(before + after)

    token = simulator.connect("x", "77", username="acme")
    with migrated.database(f"dovecote_without_{feature}") as address:
        servers = {"DATABASE_URL": address, "SIMULATOR_URL": simulator.url}
        told = run(tmp_path, "-m", "tests.house.without", token, **servers)

    assert [each["text"] for each in simulator.posts("x")] == ["Hello"]
    assert float(told.split()[-1]) < MOST_SECONDS
    run(tmp_path, "-c", LINT, "--no-cache")
