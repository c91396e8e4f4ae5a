"""Who serves which queue, as Celery itself reads the commands."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from celery.bin.base import CLIContext
from celery.bin.worker import worker

from config.celery import app
from config.queue import routing
from config.queue.processes import PROCESSES, SERVES, WORKER
from config.queue.routing import DISPATCH, IMPORTS, MEDIA, REFRESH, WEBHOOKS
from deploy.local.environment import Local, Ports, prepare
from deploy.local.home import InstallationSecrets
from deploy.local.supervisor import GaveUp
from deploy.local.up import product_services
from platforms.registry import ADAPTERS
from tests.deploy.test_compose import COMPOSE

UPLOADS = {f"publish.{key}.upload" for key in ADAPTERS}
QUICK = {DISPATCH, REFRESH, WEBHOOKS, *(f"publish.{key}" for key in ADAPTERS)}
LOCAL = Local(Path("home"), Ports(1, 2, 3), InstallationSecrets("", "", "", ""), False, 0)
STARTED = {
    "compose": PROCESSES,
    "up": {service.name: service.command for service in product_services(LOCAL)},
}


def read(command: Sequence[str]) -> tuple[str, set[str]]:
    """The name of a worker that is started like this, and the queues it serves."""
    options = routing.expand(command[command.index("worker") + 1 :])
    context = worker.make_context("worker", options, obj=CLIContext(app, False, None, True))
    queues = app.amqp.Queues(app.conf.task_queues, create_missing=False)
    queues.select(context.params["queues"])
    queues.deselect(context.params["exclude_queues"])
    return context.params["hostname"], set(queues.consume_from)


@pytest.mark.parametrize("started", STARTED)
def test_uploads_and_files_never_take_the_threads_of_anything_else(started):
    assert read(STARTED[started]["uploader"])[1] == {MEDIA, IMPORTS, *UPLOADS}
    assert read(STARTED[started]["worker"])[1] == QUICK


@pytest.mark.parametrize("started", STARTED)
def test_both_workers_together_serve_every_queue(started):
    served = [read(STARTED[started][name])[1] for name in SERVES]

    assert set.union(*served) == {queue.name for queue in app.conf.task_queues}


def test_a_worker_alone_serves_every_queue():
    assert read(WORKER)[1] == {queue.name for queue in app.conf.task_queues}


@pytest.mark.parametrize("started", STARTED)
def test_workers_on_one_machine_have_names_of_their_own(started):
    assert len({read(STARTED[started][name])[0] for name in SERVES}) == 2


@pytest.mark.parametrize("count", [1, 3])
def test_up_starts_as_many_workers_as_it_is_told_and_they_serve_the_same(count):
    services = product_services(replace(LOCAL, workers=count))
    read_workers = [read(each.command) for each in services if each.name.startswith("worker")]

    assert [queues for _, queues in read_workers] == [QUICK] * count
    assert len({name for name, _ in read_workers}) == count


@pytest.mark.parametrize("text", ["0", "two", "17"])
def test_up_refuses_a_number_of_workers_that_makes_no_sense(text, tmp_path):
    with pytest.raises(GaveUp, match="WORKERS must be a number from 1 to 16"):
        prepare({"DOVECOTE_HOME": str(tmp_path), "WORKERS": text})


@pytest.mark.parametrize("name", SERVES)
def test_composes_health_check_asks_the_worker_it_is_about(name):
    node = read(PROCESSES[name])[0].partition("@")[0]

    assert COMPOSE["services"][name]["healthcheck"]["test"] == [
        "CMD-SHELL",
        f"python -m config.queue.heartbeats {node}@$$HOSTNAME",
    ]
