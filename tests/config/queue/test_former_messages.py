"""While versions change, workers of one read messages of the other; see `make upgrade-test`."""

import ast
import inspect
import subprocess
from typing import Any

import pytest

from config.celery import app
from config.queue import routing
from tests import programs
from tests.acceptance.stack import ROOT
from tests.upgrade import release

pytestmark = pytest.mark.needs(programs.LAST_RELEASE)

MODULES = ("config/tasks.py", "destinations/tasks.py", "posts/tasks.py")


def source(path: str) -> str:
    """A file as the last release had it."""
    return subprocess.check_output(
        ["git", "show", f"{release.last().commit}:{path}"], cwd=ROOT, text=True
    )


def former_tasks() -> dict[str, list[str]]:
    """Function → its arguments, of each task of the release."""
    found = {}
    for path in MODULES:
        module = path.removesuffix(".py").replace("/", ".")
        for node in ast.parse(source(path)).body:
            if isinstance(node, ast.FunctionDef) and node.decorator_list:
                found[f"{module}.{node.name}"] = [each.arg for each in node.args.args]
    return found


def former_routing() -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(source("config/queue/routing.py"), names)
    return names


def test_every_task_of_the_release_is_known_by_its_name():
    app.loader.import_default_modules()

    assert {*former_routing()["ROUTES"], "destinations.publish"} <= set(app.tasks)


def test_every_task_takes_what_the_release_sends_and_is_sent_what_it_takes():
    app.loader.import_default_modules()
    tasks = {f"{each.__module__}.{each.__name__}": each for each in app.tasks.values()}
    former = former_tasks()

    # More arguments would be refused by workers of the release: add them in the one after.
    assert {name: list(inspect.signature(tasks[name].run).parameters) for name in former} == former


def test_every_queue_of_the_release_is_served_and_no_task_has_left_its_queue():
    former = former_routing()["ROUTES"]

    assert {route["queue"] for route in former.values()} <= set(routing.ALL)
    assert former.items() <= routing.ROUTES.items()
