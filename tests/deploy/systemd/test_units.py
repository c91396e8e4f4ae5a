"""The units of deploy/systemd, as systemd itself reads and judges them, and against the product."""

import os
import re
import shutil
import subprocess
import sys

import pytest
from django.core.management import get_commands

from config import settings as product
from config.queue.processes import COMPACT, PROCESSES
from config.queue.routing import ALL
from platforms.registry import ADAPTERS
from tests import programs
from tests.deploy.conftest import ROOT
from tests.deploy.kubernetes.test_objects import queues_of
from tests.deploy.proxying import CADDYFILE, caddy
from tests.deploy.test_compose import COMPOSE

FOLDER = ROOT / "deploy/systemd"
SERVICES = sorted(path.name for path in FOLDER.glob("*.service"))
#: The process of each unit; the proxy is another program, and migrations are commands.
UNITS = {
    "web": "dovecote-web.service",
    "worker": "dovecote-worker@.service",
    "uploader": "dovecote-uploader.service",
    "beat": "dovecote-beat.service",
    "flower": "dovecote-flower.service",
}
#: What `systemd-analyze security` may find at most, of 10: 1.2, and 1.5 for the ports of the proxy.
EXPOSURE = 1.6
PYTHON = "/opt/dovecote/current/venv/bin/python"


def read(*names: str) -> dict[str, list[str]]:
    """Every assignment of these files below deploy/systemd, by key, in their order."""
    found: dict[str, list[str]] = {}
    for name in names:
        for key, value in re.findall(r"^(\w+)=(.*)$", (FOLDER / name).read_text(), re.M):
            found.setdefault(key, []).append(value)
    return found


def command(unit: str) -> list[str]:
    [line] = read(unit)["ExecStart"]
    return line.split()


@pytest.fixture(scope="module")
def analyze(tmp_path_factory):
    """Runs systemd-analyze on the units, with a program that is on this machine."""
    folder = tmp_path_factory.mktemp("units") / "units"
    shutil.copytree(FOLDER, folder)
    for path in folder.glob("*.service"):
        path.write_text(re.sub(rf"{PYTHON}|/usr/bin/caddy", sys.executable, path.read_text()))

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [programs.found("systemd-analyze"), *arguments],
            env={**os.environ, "SYSTEMD_UNIT_PATH": f"{folder}:", "LC_ALL": "C"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    return run


def instance(unit: str) -> str:
    return unit.replace("@.", "@1.")


@pytest.mark.needs("systemd-analyze")
def test_systemd_understands_every_line(analyze):
    names = [instance(name) for name in (*SERVICES, "dovecote.target")]
    said = analyze("verify", "--man=no", *names)

    assert [line for line in said.stdout.splitlines() if "dovecote" in line] == []
    assert said.returncode == 0


@pytest.mark.needs("systemd-analyze")
@pytest.mark.parametrize("name", SERVICES)
def test_no_unit_may_more_than_it_needs(analyze, name):
    said = analyze("security", "--offline=true", "--no-pager", instance(name))

    [level] = re.findall(r"Overall exposure level for \S+: ([\d.]+)", said.stdout)
    assert float(level) <= EXPOSURE, said.stdout


@pytest.mark.parametrize("name", UNITS)
def test_units_start_the_processes_of_compose(name):
    """Beside where each is, and what a worker calls itself."""
    words = command(UNITS[name])
    extra = ["--address=127.0.0.1"] if name == "flower" else []
    if "-n" in words:
        del words[words.index("-n") : words.index("-n") + 2]
    expected = [each for each in PROCESSES[name] if each not in ("-n", "uploader@%h")]

    assert words == [PYTHON, *expected[1:], *extra]


def test_every_queue_is_served_once():
    served = []
    for name in ("worker", "uploader"):
        words = command(UNITS[name])
        served += queues_of(["python", *words[1:]])

    assert sorted(served) == sorted(ALL)


def test_two_workers_of_a_host_have_two_names():
    words = command(UNITS["worker"])

    assert "%i" in words[words.index("-n") + 1]


def test_the_compact_unit_runs_everything_but_flower_which_it_does_not_name():
    found = read("dovecote-compact.service")

    assert command("dovecote-compact.service") == [PYTHON, *COMPACT[1:]]
    assert found["UnsetEnvironment"] == ["FLOWER_URL"]
    assert COMPOSE["services"]["worker"]["stop_grace_period"] == f"{found['TimeoutStopSec'][0]}s"
    others = {unit for unit in UNITS.values() if "@" not in unit}
    assert set(found["Conflicts"][0].split()) == others


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_has_the_memory_and_the_time_of_its_container(name):
    unit, service = read(UNITS[name]), COMPOSE["services"][name]
    memory = re.sub(r"\$\{\w+:-(\w+)\}", r"\1", service["mem_limit"])
    [seconds] = unit["TimeoutStopSec"]

    assert unit["MemoryMax"] == [memory.upper()]
    if name in ("worker", "uploader"):
        assert int(seconds) > max(adapter.deadline_seconds for adapter in ADAPTERS.values())
        assert f"{seconds}s" == service["stop_grace_period"]
    if name == "web":
        assert int(seconds) > product.WEB_STOP_SECONDS


def test_every_command_and_setting_exists():
    asked = re.findall(r"manage\.py (\w+)", " ".join(read("dovecote-migrate.service")["ExecStart"]))
    example = (ROOT / "deploy/env.example").read_text()
    known = set(re.findall(r"^#?([A-Z0-9_]+)=", example, re.M))
    foreign = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "TMPDIR", "FLOWER_URL_PREFIX"}
    given = set()
    for name in ("dovecote-.service.d/10-every.conf", *SERVICES):
        for line in read(name).get("Environment", []):
            given |= {word.partition("=")[0] for word in line.split()}

    assert asked == ["check", "migrate"]
    assert set(asked) <= set(get_commands())
    assert given <= known | foreign | {"FLOWER_READ_ONLY"}


def test_every_unit_is_started_at_boot():
    """systemd reads no [Install] of drop-ins."""
    for name in SERVICES:
        assert read(name)["WantedBy"] == ["dovecote.target"]
    assert read("dovecote.target")["WantedBy"] == ["multi-user.target"]


def test_every_line_of_an_environment_file_names_one():
    """systemd takes the whole line for a path, and finds out when it starts the unit."""
    files = [path.relative_to(FOLDER) for path in FOLDER.rglob("*.conf")]
    paths = [path for name in files for path in read(str(name)).get("EnvironmentFile", [])]

    assert sorted(filter(None, paths)) == [
        "/etc/dovecote/caddy.env",
        "/etc/dovecote/dovecote.env",
        "/etc/dovecote/proxy.env",
    ]


def test_nothing_starts_before_the_tables_are_there():
    for unit in (*UNITS.values(), "dovecote-compact.service"):
        found = read(unit)
        assert found["Requires"] == ["dovecote-migrate.service"]
        assert "dovecote-migrate.service" in found["After"][0].split()


@pytest.mark.needs("caddy")
def test_the_proxy_runs_our_configuration_without_the_secrets_of_the_others(tmp_path):
    found = read("dovecote-proxy.service.d/20-proxy.conf")
    given = dict(word.split("=", 1) for line in found["Environment"] for word in line.split())
    program, buffers = caddy()
    home = {name: str(tmp_path) for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "HOME")}
    address = {"SITE_ADDRESS": "https://dovecote.example.com"}
    checked = programs.run(
        [program, "validate", "--adapter", "caddyfile", "--config", CADDYFILE],
        env={**given, **buffers, **address, **home},
    )

    assert checked.returncode == 0, checked.stderr
    assert given["WEB_ADDRESS"] == f"127.0.0.1:{product.WEB_PORT}"
    # An empty assignment takes back what every unit has.
    assert found["EnvironmentFile"][0] == found["StateDirectory"][0] == ""
    assert command("dovecote-proxy.service")[-1].endswith("app/deploy/proxy/Caddyfile")


def test_what_differs_for_the_proxy_is_read_last():
    """systemd reads drop-ins by the names of their files, whichever folder they are in."""
    names = [path.name for path in FOLDER.glob("*.d/*.conf")]

    assert sorted(names) == ["10-every.conf", "20-proxy.conf"]
