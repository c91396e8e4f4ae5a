"""The forms of compose: what Docker Compose itself makes of the files, together."""

import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from config.queue import processes
from config.queue.routing import ALL
from tests import programs
from tests.deploy.conftest import ROOT
from tests.deploy.kubernetes.rendering import of_kind
from tests.deploy.kubernetes.test_objects import queues_of
from tests.deploy.postgres.archive import CONFIGURATION, FOLDER, INSTALLED

SMALL = "compose.yaml"
ARCHIVED = f"{SMALL}:compose.archive.yaml"
LARGE = f"{SMALL}:compose.large.yaml"
COMPACT = f"{SMALL}:compose.compact.yaml"
FORMS = (SMALL, ARCHIVED, LARGE)
#: What an operator sets beside new-env.sh.
OWN = (f"ARCHIVE_FOLDER={FOLDER}", "POSTGRES_HOST=db.internal", "MEDIA_S3_BUCKET=files")
#: Whose connections all work at once, and who changes tables.
WITHOUT_A_POOL = {"web", "migrate", "flower"}
GROUPS = ("worker", "uploader", "webhooks")
pytestmark = pytest.mark.needs("docker-compose", "openssl")

Services = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Services]:
    """The services of a form, as Docker Compose reads it in deploy/ with new secrets."""
    home = tmp_path_factory.mktemp("forms") / "dovecote"
    shutil.copytree(ROOT / "deploy", home / "deploy", ignore=shutil.ignore_patterns(".env"))
    environment = home / "deploy/.env"
    script = home / "deploy/new-env.sh"
    subprocess.run([script, "dovecote.example.com"], check=True, stdout=subprocess.DEVNULL)
    secrets = environment.read_text()

    def read(form: str) -> Services:
        lines = (secrets, f"COMPOSE_FILE={form}", *OWN)
        environment.write_text("\n".join(lines) + "\n")
        done = programs.run(
            [programs.found("docker-compose"), "config"],
            cwd=home / "deploy",
            env={"PATH": os.environ["PATH"]},
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


def test_the_large_form_has_no_database_of_its_own_and_its_files_in_a_bucket(read):
    large = read(LARGE)
    ours = {name: service for name, service in large.items() if service.get("image") == "dovecote"}

    assert "postgres" not in large
    assert not any("postgres" in service.get("depends_on", {}) for service in large.values())
    assert {service["environment"]["MEDIA_S3_BUCKET"] for service in ours.values()} == {"files"}
    assert all(service["mem_limit"] and service["logging"] for service in large.values())
    for name, service in ours.items():
        host = urlsplit(service["environment"]["DATABASE_URL"]).hostname
        assert host == ("postgres" if name in WITHOUT_A_POOL else "pgbouncer"), name


def test_the_compact_form_has_one_container_of_ours(read):
    compact = read(COMPACT)
    ours = {name for name, service in compact.items() if service.get("image") == "dovecote"}

    assert ours == {"web", "migrate"}
    assert compact["web"]["command"] == list(processes.COMPACT)
    assert compact["web"]["stop_grace_period"] == read(SMALL)["worker"]["stop_grace_period"]
    assert compact.keys() - ours == {"postgres", "valkey", "proxy"}


@pytest.mark.needs("kustomize")
def test_the_groups_of_workers_serve_every_queue_once_as_on_kubernetes(read):
    large = read(LARGE)
    served = {name: queues_of(large[name]["command"]) for name in GROUPS}

    assert Counter(queue for queues in served.values() for queue in queues) == Counter(ALL)
    for name in GROUPS:
        [container] = of_kind("large", "Deployment")[name]["spec"]["template"]["spec"]["containers"]
        assert large[name]["command"] == container["command"]
        assert large[name]["stop_grace_period"] == "5m30s"
        named = "celery" if name == "worker" else name
        assert f"{named}@" in large[name]["healthcheck"]["test"][1]
