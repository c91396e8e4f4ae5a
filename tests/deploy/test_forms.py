"""The forms of compose: what Docker Compose itself makes of the files, together."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.conftest import ROOT
from tests.deploy.postgres.archive import CONFIGURATION, FOLDER, INSTALLED

SMALL = "compose.yaml"
ARCHIVED = f"{SMALL}:compose.archive.yaml"
FORMS = (SMALL, ARCHIVED)

Services = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Services]:
    """The services of a form, as Docker Compose reads it in deploy/ with new secrets."""
    program = shutil.which("docker-compose")
    assert program, "apt-get install docker-compose (see .ci/run)."
    home = tmp_path_factory.mktemp("forms") / "dovecote"
    shutil.copytree(ROOT / "deploy", home / "deploy", ignore=shutil.ignore_patterns(".env"))
    environment = home / "deploy/.env"
    script = home / "deploy/new-env.sh"
    subprocess.run([script, "dovecote.example.com"], check=True, stdout=subprocess.DEVNULL)
    secrets = environment.read_text()

    def read(form: str) -> Services:
        environment.write_text(f"{secrets}\nCOMPOSE_FILE={form}\nARCHIVE_FOLDER={FOLDER}\n")
        done = subprocess.run(
            [program, "config"],
            cwd=home / "deploy",
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        services: Services = yaml.safe_load(done.stdout)["services"]
        return services

    return read


@pytest.mark.parametrize("form", FORMS)
def test_docker_compose_reads_every_form(read, form):
    assert {"web", "worker", "uploader", "beat", "valkey"} <= read(form).keys()


def test_the_archive_of_compose_is_that_of_a_host_without_it(read):
    small, archived = read(SMALL)["postgres"], read(ARCHIVED)["postgres"]
    mounted = {volume["target"]: volume["source"] for volume in archived["volumes"]}
    options = set(archived["command"][2::2])
    places = {INSTALLED: "/opt/dovecote", FOLDER: "/archive"}
    ours = set(small["command"][2::2])
    for name, value in CONFIGURATION.items():
        for there, here in places.items():
            value = value.replace(there, here)
        ours.add(f"{name}={value}")

    assert options == ours
    assert mounted["/archive"] == FOLDER
    assert Path(mounted["/opt/dovecote"]).joinpath("archive-wal").stat().st_mode & 0o111
    assert mounted.keys() > {volume["target"] for volume in small["volumes"]}
