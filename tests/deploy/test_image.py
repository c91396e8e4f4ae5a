"""deploy/image/build asks Docker for the image of a release; the lists of packages are complete."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import programs
from tests.deploy.conftest import ROOT

DIGEST = "sha256:" + "a1" * 32
#: A Docker that notes what it was asked for, and answers as buildx does.
DOCKER = f"""#!/bin/sh
echo "$@" >>"$ASKED"
case "$*" in
    "buildx imagetools inspect "*) echo "${{FOUND-{DIGEST}}}" ;;
    *) while [ "$1" != --metadata-file ]; do shift; done
       echo '{{"containerimage.digest": "{DIGEST}"}}' >"$2" ;;
esac
"""
NAME = "images.example.com/dovecote"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clean checkout of what a build reads."""
    home = tmp_path / "dovecote"
    (home / "deploy/image").mkdir(parents=True)
    for name in ("deploy/Dockerfile", "deploy/image/build"):
        shutil.copy(ROOT / name, home / name)
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    for command in (("init", "-q"), ("add", "."), (*identity, "commit", "-qm", "Release")):
        subprocess.run(["git", *command], cwd=home, check=True)
    (tmp_path / "docker").write_text(DOCKER)
    (tmp_path / "docker").chmod(0o755)
    (tmp_path / "asked").touch()
    return home


def build(checkout: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    beside = checkout.parent
    path = f"{beside}{os.pathsep}{os.environ['PATH']}"
    return programs.run(
        [checkout / "deploy/image/build", NAME, "0.2.0"],
        env={"PATH": path, "ASKED": str(beside / "asked"), **environ},
    )


def test_an_image_is_built_for_both_machines_of_a_base_named_by_its_digest(checkout):
    done = build(checkout)
    assert done.returncode == 0, done.stderr

    inspected, built = (checkout.parent / "asked").read_text().splitlines()
    base = re.findall(r"^ARG BASE=(.+)$", (ROOT / "deploy/Dockerfile").read_text(), re.M)[0]
    assert inspected.startswith(f"buildx imagetools inspect {base} ")
    assert f"--build-arg BASE={base}@{DIGEST} " in built
    for option in ("--platform linux/amd64,linux/arm64", "--sbom=true", "--provenance=mode=max"):
        assert option in built
    assert done.stdout == f"Pushed {NAME}:0.2.0@{DIGEST}, on {base}@{DIGEST}.\n"


def test_nothing_is_built_of_changes_or_on_a_base_without_a_digest(checkout):
    unknown = build(checkout, FOUND="")
    (checkout / "changed").touch()
    changed = build(checkout)

    assert (unknown.returncode, "has no digest" in unknown.stderr) == (1, True)
    assert (changed.returncode, "Commit first" in changed.stderr) == (1, True)
    assert "buildx build" not in (checkout.parent / "asked").read_text()


@pytest.mark.parametrize("name", ["requirements.txt", "deploy/image/requirements-sbom.txt"])
def test_every_pin_has_its_hashes(name):
    entries = re.split(r"\n(?=[a-z])", (ROOT / name).read_text())[1:]

    assert len(entries) > 20
    assert [each for each in entries if "==" not in each or "--hash=sha256:" not in each] == []
