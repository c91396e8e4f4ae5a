"""List the features beside publishing: a folder each, and a line here.

The modules of a feature are found by their names (`posts.registry`): `models`, `urls`, `admin`,
`tasks`, `settings`, `post_fields` with its fields of posts in the API, `me` with its quotas
in GET /me, `hooks` with what it does for the core, and `pages` with what it adds to the admin's
pages.
"""

from importlib import import_module
from typing import NamedTuple

FEATURES = (
    "ai",
    "analytics",
    "approval",
    "calendar",
    "calendar_feeds",
    "campaigns",
    "engagement",
    "feeds",
    "hashtags",
    "importing",
    "links",
    "operations",
    "posting_queues",
    "preview",
    "repeating",
    "request_log",
    "webhooks",
)


class PeriodicTask(NamedTuple):
    """A Celery task of a feature, its queue, and its first interval."""

    task: str
    queue: str
    every_seconds: int
    description: str


def periodic_tasks() -> dict[str, PeriodicTask]:
    """Return the PERIODIC of each feature, by the names of their rows. Imports no models."""
    packages = (import_module(f"{__name__}.{feature}") for feature in FEATURES)
    return {name: task for each in packages for name, task in getattr(each, "PERIODIC", {}).items()}
