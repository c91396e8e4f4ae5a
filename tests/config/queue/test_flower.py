"""Flower, really run, as a browser reaches it."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from config.queue import processes
from deploy.local.web import answers
from tests.config.closed import closed_port

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def flower() -> Iterator[str]:
    port = closed_port()
    url = f"http://127.0.0.1:{port}"
    command = [*processes.argv("flower"), "--address=127.0.0.1", f"--port={port}"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as running:
        try:
            give_up_at = time.monotonic() + 60
            while not answers(url):
                assert running.poll() is None
                assert time.monotonic() < give_up_at
                time.sleep(0.1)
            yield url
        finally:
            running.kill()


@pytest.mark.parametrize("path", ["/", "/api/workers", "/metrics", "/static/css/flower.css"])
def test_a_page_under_another_name_that_leads_here_is_not_answered(flower: str, path: str):
    """DNS rebinding: a hostile page reads and steers what listens on its visitor's machine."""
    asked = httpx.get(flower + path, headers={"Host": "attacker.example"}, trust_env=False)

    assert asked.status_code == 400


@pytest.mark.parametrize("host", ["127.0.0.1:5555", "localhost", "[::1]:5555"])
def test_this_machine_reaches_it_by_its_own_names(flower: str, host: str):
    assert httpx.get(flower, headers={"Host": host}, trust_env=False).status_code == 200
