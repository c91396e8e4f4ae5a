"""List the features beside publishing: a folder each, and a line here.

The modules of a feature are found by their names (`posts.registry`): `models`, `admin`, `api` with
its endpoints, `post_fields` with its fields of posts in the API, `me` with its quotas in GET /me,
`hooks` with what it does for the core, `pages` with what it adds to the admin's pages, `monitoring`
with its metrics and facts, `commands` with those of manage.py, and `retention` with what it deletes
after some days. Its `__init__` declares what is known without its models: see `declared` and
`PeriodicTask`.
"""

from collections.abc import Iterator
from importlib import import_module
from typing import Any, NamedTuple

FEATURES = (
    "ai",
    "analytics",
    "approval",
    "calendar",
    "calendar_feeds",
    "campaigns",
    "engagement",
    "erasing",
    "feeds",
    "hashtags",
    "importing",
    "incidents",
    "links",
    "operations",
    "posting_queues",
    "preview",
    "repeating",
    "request_log",
    "webhooks",
)


class PeriodicTask(NamedTuple):
    """A Celery task and its first interval; a feature's also has its queue and functions.

    `runs` has their paths. They are imported where tasks are, and called in this order. `when` is
    SQL for whether there is something to do; while it is false the task is sent only each
    `rest_seconds`. Without it the task is always sent.
    """

    task: str
    every_seconds: int
    description: str
    queue: str = ""
    runs: tuple[str, ...] = ()
    when: str = ""
    rest_seconds: float = 60


def declared(name: str) -> Iterator[Any]:
    """Yield `name` of each feature's `__init__` that has it. Imports no models.

    RIGHTS: of each role on a model, by its label (config/operators/roles.py). GROWING: tables whose
    sizes are metrics. `read_settings`: a function from config/env.py to the feature's settings.
    """
    packages = (import_module(f"{__name__}.{feature}") for feature in FEATURES)
    return (getattr(each, name) for each in packages if hasattr(each, name))


def periodic_tasks() -> dict[str, PeriodicTask]:
    """Return the PERIODIC of each feature, by the names of their rows."""
    return {name: task for each in declared("PERIODIC") for name, task in each.items()}
