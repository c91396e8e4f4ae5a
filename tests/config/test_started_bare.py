"""The processes as a deployment starts them: nothing in their environment speaks of Django."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
APP_OF_A_THREAD = """
import threading, {module}
from celery import current_app
thread = threading.Thread(target=lambda: print(current_app.main, current_app.conf.broker_url))
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
MODULES_OF_A_WORKER = """
import sys
from config.queue import __main__
import celery.apps.worker, celery.apps.beat
__main__.app.loader.init_worker()
__main__.app.finalize()
print(*sys.modules)
"""


def run(*argv: str) -> str:
    env = {
        name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"
    } | {"REDIS_URL": "redis://broker:6379/0"}
    done = subprocess.run(argv, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("module", ["config.wsgi", "config.celery"])
def test_a_thread_sends_to_our_own_broker(module):
    said = run(sys.executable, "-c", APP_OF_A_THREAD.format(module=module))

    assert said.split() == ["dovecote", "redis://broker:6379/0"]


def test_celery_reads_our_settings():
    said = run(str(Path(sys.executable).with_name("celery")), "-A", "config", "report")

    assert "config.queue.beat:Scheduler" in said


def test_workers_and_beat_import_no_pages():
    modules = set(run(sys.executable, "-c", MODULES_OF_A_WORKER).split())

    assert "destinations.publishing.worker" in modules
    assert modules & PAGES == set()
