"""`manage.py up`, really run: from nothing to ready, and to nothing again."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from deploy.local.demo import features
from deploy.local.demo.client import Api
from deploy.local.demo.networks import DEMO_ACCOUNTS, KINDS, TEXT_ALONE
from deploy.local.environment import Ports, read_demo_env
from deploy.local.home import TRAVERSE
from deploy.local.readiness import answers
from deploy.local.supervisor import GaveUp
from platforms.registry import ADAPTERS
from tests import forms, programs
from tests.deploy.conftest import server_folder
from tests.until import until

pytestmark = pytest.mark.thorough
ROOT = Path(__file__).resolve().parents[3]
READY = "Ctrl-C here stops everything"
GIVEN = ("DATABASE_URL", "REDIS_URL", "DEBUG", "SECRET_KEY", "CREDENTIAL_KEYS")


def three_free_ports() -> int:
    for first in range(21000, 60000, 7):
        try:
            Ports(first, first + 1, first + 2).require_free()
            return first
        except GaveUp:
            continue
    raise AssertionError("no free ports")


def environment(home: Path, port: int = 0) -> dict[str, str]:
    environ = {name: value for name, value in os.environ.items() if name not in GIVEN}
    return {**environ, "DOVECOTE_HOME": str(home), **({"PORT": str(port)} if port else {})}


class Up(subprocess.Popen[bytes]):
    """A running `up`. Its output goes to a file: a pipe that the test leaves unread would fill."""

    def __init__(self, home: Path, port: int, output: Path) -> None:
        self.home, self.port, self.output = home, port, output
        with output.open("wb") as file:
            super().__init__(
                [sys.executable, "manage.py", "up"],
                cwd=ROOT,
                # Collected once for all: that takes seconds.
                env={**environment(home, port), "STATIC_ROOT": str(output.parent / "static")},
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def said_by_the_end(self, seconds: float = 120) -> str:
        """All that it said, once it has ended."""
        self.wait(seconds)
        return self.said()

    def secrets(self) -> dict[str, str]:
        return read_demo_env(self.home)

    def manage(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """A command of another terminal, which knows no more than the folder that `up` uses."""
        return programs.run(
            [sys.executable, "manage.py", *words], cwd=ROOT, env=environment(self.home), timeout=240
        )


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up")


@contextmanager
def start(home: Path, port: int, outputs: Path) -> Iterator[Up]:
    """A running `up`, which ends with the test, also with one that fails."""
    with Up(home, port, outputs / home.name) as up:
        try:
            yield up
        finally:
            up.terminate()


@pytest.fixture(scope="module")
def up(outputs: Path) -> Iterator[Up]:
    """One that is ready; the last test that uses it stops it."""
    with server_folder() as home:
        (home / "media").mkdir(mode=0o755)  # to be closed to others
        with start(home, three_free_ports(), outputs) as running:
            read_until(running, READY)
            yield running


def is_alive(process: psutil.Process) -> bool:
    """Return whether a process runs; the fork server ends a moment after `up`."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def read_until(up: Up, text: str, seconds: float = 180) -> str:
    """What it has said once it has said this text; fails when the text does not come."""
    give_up_at = time.monotonic() + seconds
    while text not in up.said():
        assert time.monotonic() < give_up_at, up.said()
        assert up.poll() is None, up.said()
        time.sleep(0.05)
    return up.said()


def test_up_starts_everything_and_says_where_it_is(up: Up) -> None:
    values = up.secrets()
    assert answers(values["ADMIN_URL"] + "login/")
    assert answers(values["FLOWER_URL"])
    assert answers(values["SIMULATOR_URL"] + "/wall.json")
    assert values["API_URL"] == f"http://127.0.0.1:{up.port}/api/v1"
    assert values["API_KEY"].startswith("pe_live_")
    assert f'"media_ids": [{values["MEDIA_IDS"]}]' in up.said()
    bearer = {"Authorization": f"Bearer {values['METRICS_TOKEN']}"}
    metrics = httpx.get(values["METRICS_URL"], headers=bearer, trust_env=False)
    assert "dovecote_workers_alive" in metrics.text


def test_what_up_keeps_is_private(up: Up) -> None:
    assert (up.home / "demo.env").stat().st_mode & 0o777 == 0o600
    assert open_to_others(up.home) == []
    for name in ("media", "simulator"):
        assert (up.home / name).stat().st_mode & 0o777 == 0o700


def test_manage_in_another_terminal_uses_the_running_installation(up: Up) -> None:
    made = up.manage("create_api_key", "--workspace", "Demo", "--name", "mine")

    assert made.returncode == 0, made.stderr
    assert Api(up.secrets()["API_URL"], made.stdout.strip()).accounts()


def open_to_others(home: Path) -> list[tuple[str, str]]:
    """What others may do more than pass through, by path and mode; static files are public."""
    paths = [home, *(path for path in home.rglob("*") if home / "static" not in path.parents)]
    modes = [(str(path.relative_to(home)), path.lstat()) for path in paths]
    return [
        (name, oct(found.st_mode))
        for name, found in modes
        if not stat.S_ISLNK(found.st_mode)
        and not stat.S_ISSOCK(found.st_mode)
        and found.st_mode & (stat.S_IRWXG | stat.S_IRWXO) & ~TRAVERSE
    ]


def test_one_post_of_demo_env_reaches_all_networks(up: Up) -> None:
    values = up.secrets()
    api = Api(values["API_URL"], values["API_KEY"])
    account_ids = json.loads(f"[{values['ACCOUNT_IDS']}]")
    post_id = api.publish("Hello", account_ids, json.loads(f"[{values['MEDIA_IDS']}]"))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        statuses = {result["platform"]: result["status"] for result in api.results(post_id)}
        if set(statuses.values()) == {"published"}:
            break
        time.sleep(0.1)
    assert statuses == dict.fromkeys(ADAPTERS, "published")


def test_the_owner_of_the_demos_x_account_can_reconnect_it(up: Up) -> None:
    values = up.secrets()
    headers = {"Authorization": f"Bearer {values['API_KEY']}"}
    with httpx.Client(trust_env=False) as person:
        made = person.post(
            f"{values['API_URL']}/accounts/connect-link", json={"platform": "x"}, headers=headers
        )

        def allow(away: str) -> str:
            scopes = re.findall(r'name="scope" value="([^"]+)"', person.get(away).text)
            account = next(demo for demo in DEMO_ACCOUNTS if demo.platform == "x")
            form = {"account": account.platform_account_id, "scope": scopes, "answer": "allow"}
            return person.post(away, data=form).headers["location"]

        assert "@pigeonpost" in forms.connect(person, made.json()["data"]["url"], allow).text


def test_the_demo_publishes_every_kind_of_post(up: Up) -> None:
    demo = up.manage("demo")

    assert demo.returncode == 0, demo.stdout + demo.stderr
    # The first post, the scheduled one of text alone, and every kind of every network.
    wanted = len(ADAPTERS) + len(TEXT_ALONE) + len(KINDS)
    assert demo.stdout.count(" published ") == wanted
    assert "not seen" not in demo.stdout
    assert [
        name for name in features.NAMES if not re.search(rf"{name} +. seen ", demo.stdout)
    ] == []
    assert demo.stdout.endswith(f"\nhttp://127.0.0.1:{up.port + 2}/\n")


def test_sigterm_stops_everything_that_up_has_started(up: Up) -> None:
    family = psutil.Process(up.pid).children(recursive=True)
    assert len(family) >= 8
    up.send_signal(signal.SIGTERM)

    said = up.said_by_the_end()

    assert up.returncode == 0
    assert said.endswith("Everything has stopped.\n")
    start = said.partition(READY)[0]
    assert not re.search("ERROR|FATAL|error|warning|Traceback", start), start
    until(lambda: not any(map(is_alive, family)))


def test_a_signal_while_processes_start_stops_them(up: Up, outputs: Path) -> None:
    """In the folder of the one that was stopped, where what takes long has been done."""
    if up.poll() is None:
        up.terminate()
        up.wait(120)
    interrupt(up.home, outputs, "Waiting for")


def test_a_signal_during_a_first_start_stops_what_runs_by_then(home: Path, outputs: Path) -> None:
    for step in ("Starting postgres", "Creating and updating"):
        interrupt(home, outputs, step)


def interrupt(home: Path, outputs: Path, step: str) -> None:
    with start(home, three_free_ports(), outputs) as up:
        read_until(up, step)
        family = psutil.Process(up.pid).children(recursive=True)
        up.send_signal(signal.SIGINT)
        rest = up.said_by_the_end()
    assert up.returncode == 0, step
    assert rest.endswith("Everything has stopped.\n"), step
    until(lambda: not any(map(is_alive, family)))


def test_flower_may_be_left_out(home: Path, outputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWER", "0")
    with start(home, three_free_ports(), outputs) as up:
        said = read_until(up, READY)
        family = psutil.Process(up.pid).children(recursive=True)

        assert "Flower   off (FLOWER=0)" in said
        assert up.secrets()["FLOWER_URL"] == ""
        assert not [each for each in family if "flower" in " ".join(each.cmdline())]


def test_a_busy_port_is_named_before_anything_is_started(home: Path, outputs: Path) -> None:
    port = three_free_ports()
    with socket.create_server(("127.0.0.1", port + 1)), start(home, port, outputs) as up:
        said = up.said_by_the_end()
    assert f"In use by another program: port {port + 1} (for Flower)" in said
    assert up.returncode == 1
    assert not (home / "postgres").exists()
