"""The processes as a deployment starts them: nothing in their environment speaks of Django."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
IN_A_THREAD = """
from celery import current_app
import json, sys, threading
def send():
    app = current_app
    print(json.dumps([app.main, app.conf.broker_url, app.conf.beat_scheduler]))
thread = threading.Thread(target=send)
thread.start()
thread.join()
"""
#: What only pages, other commands of Celery and files need. All together: 35 MB.
PAGES = {
    "config.urls",
    "rest_framework.views",
    "unfold.admin",
    "PIL",
    "prompt_toolkit",
    "flower",
    "av",
}
#: What only those need that a launcher starts.
THEIRS = {
    "asyncio",
    "celery",
    "django.db",
    "opentelemetry",
    "platforms",
    "psycopg",
    "redis",
    "urllib3",
}
#: As `celery -A config` finds the app, and a worker and beat go on.
STARTED = """
from celery.app.utils import find_app
find_app("config")
"""
MODULES = """
from config.queue import __main__
import celery.apps.worker, celery.apps.beat
__main__.app.loader.init_worker()
__main__.app.finalize()
print(json.dumps(list(sys.modules)))
"""
OURS = ["dovecote", "redis://broker:6379/0", "config.queue.beat:Scheduler"]


def run(code: str) -> list[Any]:
    """What it prints, line by line."""
    env = {
        name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"
    } | {"REDIS_URL": "redis://broker:6379/0"}
    argv = [sys.executable, "-c", code]
    done = subprocess.run(argv, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_thread_of_web_sends_to_our_own_broker():
    assert run(f"import config.wsgi\n{IN_A_THREAD}") == [OURS]


def test_celery_reads_our_settings_and_workers_and_beat_import_no_pages():
    app, modules = run(f"{STARTED}{IN_A_THREAD}{MODULES}")

    assert app == OURS
    assert "destinations.publishing.worker" in modules
    assert set(modules) & PAGES == set()


@pytest.mark.parametrize("launcher", ["deploy.local.up", "config.forking.compact"])
def test_what_only_starts_the_others_imports_none_of_their_libraries(launcher):
    [modules] = run(f"import {launcher}, json, sys\nprint(json.dumps(list(sys.modules)))")

    assert set(modules) & THEIRS == set()


def test_the_simulator_imports_ffmpeg_only_for_a_video():
    [modules] = run(
        "import deploy.simulator.server, json, sys\nprint(json.dumps(list(sys.modules)))"
    )

    assert "deploy.simulator.state.video_facts" in modules
    assert "av" not in modules
