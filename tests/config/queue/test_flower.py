"""Flower, really run, as a browser reaches it."""

import os
import re
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from config.celery import app
from config.queue import processes
from deploy.local.readiness import answers
from destinations import public_ids
from tests.config.closed import closed_port

ROOT = Path(__file__).resolve().parents[3]


@contextmanager
def running(path: str = "", **environ: str) -> Iterator[str]:
    """The address of a Flower with this environment, once it answers at the path."""
    port = closed_port()
    url = f"http://127.0.0.1:{port}"
    command = [*processes.argv("flower"), "--address=127.0.0.1", f"--port={port}"]
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environ}, stderr=subprocess.DEVNULL
    ) as process:
        try:
            give_up_at = time.monotonic() + 60
            while not answers(url + path):
                assert process.poll() is None
                assert time.monotonic() < give_up_at
                time.sleep(0.1)
            yield url
        finally:
            process.kill()


@pytest.fixture(scope="module")
def flower() -> Iterator[str]:
    with running() as url:
        yield url


@pytest.fixture(scope="module")
def behind_the_proxy() -> Iterator[str]:
    """As compose.yaml runs it."""
    prefix = "admin/flower"
    with running(f"/{prefix}/", FLOWER_URL_PREFIX=prefix, FLOWER_READ_ONLY="true") as url:
        yield f"{url}/{prefix}"


def test_a_page_under_another_name_that_leads_here_is_not_answered(flower: str):
    """DNS rebinding: a hostile page reads and steers what listens on its visitor's machine."""
    for path in ("/", "/api/workers", "/metrics", "/static/css/flower.css"):
        asked = httpx.get(flower + path, headers={"Host": "attacker.example"}, trust_env=False)
        assert asked.status_code == 400, path


def test_this_machine_reaches_it_by_its_own_names(flower: str):
    for host in ("127.0.0.1:5555", "localhost", "[::1]:5555"):
        asked = httpx.get(flower, headers={"Host": host}, trust_env=False)
        assert asked.status_code == 200, host


def test_its_tasks_say_where_outcomes_are_and_show_which_destinations_they_carry(flower: str):
    page = httpx.get(f"{flower}/tasks", trust_env=False).text

    assert "its state is not what became of the posts" in page
    assert "/admin/destinations/destination/?attention=failed_24h" in page
    assert '<th data-column="args">' in page


def test_below_a_prefix_every_file_is_found_and_no_script_is_what_the_policy_forbids(
    behind_the_proxy: str,
):
    files, base = set(), behind_the_proxy.removesuffix("/admin/flower")
    for path in ("/", "/tasks", "/broker"):
        page = httpx.get(behind_the_proxy + path, trust_env=False)
        assert page.status_code == 200
        found = re.findall(r'(?:src|href)="(/[^"]+\.(?:js|css|ico)[^"]*)"', page.text)
        assert found
        files |= set(found)
        scripts = re.findall(r"<script[^>]*>", page.text)
        assert not [tag for tag in scripts if "src=" not in tag], path
    for file in files:
        assert file.startswith("/admin/flower/static/")
        assert httpx.get(base + file, trust_env=False).status_code == 200


def test_behind_the_proxy_it_changes_nothing(behind_the_proxy: str):
    for path in (
        "worker/shutdown/x",
        "worker/pool/restart/x",
        "worker/pool/grow/x",
        "worker/pool/shrink/x",
        "worker/pool/autoscale/x",
        "worker/queue/add-consumer/x",
        "worker/queue/cancel-consumer/x",
        "task/apply/x",
        "task/async-apply/x",
        "task/send-task/x",
        "task/abort/x",
        "task/timeout/x",
        "task/rate-limit/x",
        "task/revoke/x",
    ):
        asked = httpx.post(f"{behind_the_proxy}/api/{path}", trust_env=False)
        assert asked.status_code in (401, 403), path


def send_events(events: list[dict[str, str]]) -> None:
    with app.connection() as wire, app.events.Dispatcher(wire, hostname="w@here") as worker:
        for event in events:
            worker.send(event["type"], **{k: v for k, v in event.items() if k != "type"})


def page_of(flower: str, path: str, events: list[dict[str, str]]) -> str:
    """The page, once Flower has these events. Events sent before it subscribed are lost."""
    give_up_at = time.monotonic() + 120
    while True:
        send_events(events)
        page = httpx.get(flower + path, trust_env=False)
        if page.status_code != 404:
            return page.text
        assert time.monotonic() < give_up_at
        time.sleep(0.2)


def test_a_task_leads_to_its_destinations(flower: str):
    key, publish = uuid.uuid4(), str(uuid.uuid4())
    public_id = public_ids.encode(public_ids.DESTINATION, key)
    events = [
        {
            "type": "task-received",
            "uuid": publish,
            "name": "destinations.publish",
            "args": public_id,
        },
        {"type": "task-succeeded", "uuid": publish, "result": "None", "runtime": "0.1"},
    ]

    page = page_of(flower, f"/task/{publish}", events)

    assert f'/admin/destinations/destination/{key}/change/">{public_id}</a>' in page
    columns = {"draw": "1", "start": "0", "length": "9", "order[0][column]": "0"}
    search = {"search[value]": f"args:{public_id}", "columns[0][data]": "received"}
    rows = httpx.post(f"{flower}/tasks/datatable", data=columns | search, trust_env=False).json()
    assert [row["uuid"] for row in rows["data"]] == [publish]
