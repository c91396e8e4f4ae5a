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

from deploy.local import demo_matrix
from deploy.local.demo_accounts import DEMO_ACCOUNTS
from deploy.local.demo_client import Api, read_env
from deploy.local.home import TRAVERSE
from deploy.local.ports import Ports
from deploy.local.supervisor import GaveUp
from deploy.local.web import answers
from platforms.registry import ADAPTERS
from tests import forms

ROOT = Path(__file__).resolve().parents[3]
GIVEN = ("DATABASE_URL", "REDIS_URL", "DEBUG", "SECRET_KEY", "CREDENTIAL_KEYS")


def three_free_ports() -> int:
    for first in range(21000, 60000, 7):
        try:
            Ports(first, first + 1, first + 2).require_free()
            return first
        except GaveUp:
            continue
    raise AssertionError("no free ports")


def environment(home: Path, port: int) -> dict[str, str]:
    environ = {name: value for name, value in os.environ.items() if name not in GIVEN}
    return {**environ, "DOVECOTE_HOME": str(home), "PORT": str(port)}


class Up(subprocess.Popen[bytes]):
    """A running `up`. Its output goes to a file: a pipe that the test leaves unread would fill."""

    def __init__(self, home: Path, port: int, output: Path) -> None:
        self.output = output
        with output.open("wb") as file:
            super().__init__(
                [sys.executable, "manage.py", "up"],
                cwd=ROOT,
                env=environment(home, port),
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def said_by_the_end(self, seconds: float = 120) -> str:
        """All that it said, once it has ended."""
        self.wait(seconds)
        return self.said()


@contextmanager
def start(home: Path, port: int) -> Iterator[Up]:
    """A running `up`, which ends with the test, also with one that fails."""
    output = home.with_name(f"{home.name}.output")
    try:
        with Up(home, port, output) as up:
            try:
                yield up
            finally:
                up.terminate()
    finally:
        output.unlink()


def read_until(up: Up, text: str, seconds: float = 180) -> str:
    """What it has said once it has said this text; fails when the text does not come."""
    give_up_at = time.monotonic() + seconds
    while text not in up.said():
        assert time.monotonic() < give_up_at, up.said()
        assert up.poll() is None, up.said()
        time.sleep(0.05)
    return up.said()


def assert_manage_works_beside(home: Path) -> None:
    """With no more than the folder that `up` uses: it has one of its own in this test."""
    environ = environment(home, 1)
    del environ["PORT"]
    made = subprocess.run(
        [sys.executable, "manage.py", "create_api_key", "--workspace", "Demo", "--name", "mine"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    values = read_env(home / "demo.env")
    assert Api(values["API_URL"], made.stdout.strip()).accounts()


def test_up_starts_everything_and_sigterm_leaves_nothing(home: Path) -> None:
    port = three_free_ports()
    # As an older release left it.
    (home / "media").mkdir(mode=0o755, parents=True)
    with start(home, port) as up:
        said = read_until(up, "Ctrl-C here stops everything")
        family = psutil.Process(up.pid).children(recursive=True)
        values = read_env(home / "demo.env")
        assert answers(values["ADMIN_URL"] + "login/")
        assert answers(values["FLOWER_URL"])
        assert answers(values["SIMULATOR_URL"] + "/wall.json")
        assert values["API_URL"] == f"http://127.0.0.1:{port}/api/v1"
        assert values["API_KEY"].startswith("pe_live_")
        assert (home / "demo.env").stat().st_mode & 0o777 == 0o600
        assert_manage_works_beside(home)
        bearer = {"Authorization": f"Bearer {values['METRICS_TOKEN']}"}
        metrics = httpx.get(values["METRICS_URL"], headers=bearer, trust_env=False)
        assert "dovecote_workers_alive" in metrics.text
        assert open_to_others(home) == []
        for name in ("media", "simulator"):
            assert (home / name).stat().st_mode & 0o777 == 0o700
        up.send_signal(signal.SIGTERM)
        rest = up.said_by_the_end()
    assert up.returncode == 0
    assert rest.endswith("Everything has stopped.\n")
    assert not re.search("ERROR|FATAL|error|warning|Traceback", said), said
    assert len(family) >= 8
    assert [process for process in family if process.is_running()] == []


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


def publish_with_demo_env(home: Path) -> dict[str, str]:
    """Post what demo.env names, and return each network's last status."""
    values = read_env(home / "demo.env")
    api = Api(values["API_URL"], values["API_KEY"])
    account_ids = json.loads(f"[{values['ACCOUNT_IDS']}]")
    post_id = api.publish("Hello", account_ids, json.loads(f"[{values['MEDIA_IDS']}]"))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        statuses = {result["platform"]: result["status"] for result in api.results(post_id)}
        if set(statuses.values()) == {"published"}:
            break
        time.sleep(0.1)
    return statuses


def connect_x(home: Path) -> str:
    """Reconnect the demo's X account as its owner would, and return the last page."""
    values = read_env(home / "demo.env")
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

        return forms.connect(person, made.json()["data"]["url"], allow).text


def test_one_post_of_demo_env_and_the_demo_reach_all_seven_networks(home: Path) -> None:
    port = three_free_ports()
    with start(home, port) as up:
        said = read_until(up, "Ctrl-C here stops everything")
        assert publish_with_demo_env(home) == dict.fromkeys(ADAPTERS, "published")
        assert "@pigeonpost" in connect_x(home)
        demo = subprocess.run(
            [sys.executable, "manage.py", "demo"],
            cwd=ROOT,
            env=environment(home, port),
            capture_output=True,
            text=True,
            timeout=240,
        )
    assert demo.returncode == 0, demo.stdout + demo.stderr
    # Seven of the first post, four of the scheduled one, and every kind of every network.
    assert demo.stdout.count(" published ") == 7 + 4 + len(demo_matrix.KINDS)
    assert "not seen" not in demo.stdout
    assert demo.stdout.endswith(f"\nhttp://127.0.0.1:{port + 2}/\n")
    media_ids = read_env(home / "demo.env")["MEDIA_IDS"]
    assert f'"media_ids": [{media_ids}]' in said


@pytest.mark.parametrize("step", ["Starting postgres", "Creating and updating", "Waiting for"])
def test_a_signal_during_the_start_stops_whatever_runs_by_then(home: Path, step: str) -> None:
    with start(home, three_free_ports()) as up:
        read_until(up, step)
        family = psutil.Process(up.pid).children(recursive=True)
        up.send_signal(signal.SIGINT)
        rest = up.said_by_the_end()
    assert up.returncode == 0
    assert rest.endswith("Everything has stopped.\n")
    assert [process for process in family if process.is_running()] == []


def test_a_busy_port_is_named_before_anything_is_started(home: Path) -> None:
    port = three_free_ports()
    with (
        socket.create_server(("127.0.0.1", port + 1)),
        start(home, port) as up,
    ):
        said = up.said_by_the_end()
    assert f"In use by another program: port {port + 1} (for Flower)" in said
    assert up.returncode == 1
    assert not (home / "postgres").exists()


@pytest.mark.parametrize("text", ["http", "0", "65534"])
def test_a_port_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(GaveUp, match="PORT must be a number from 1 to 65533"):
        Ports.read({"PORT": text})
