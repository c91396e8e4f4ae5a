"""Celery's Django fixup, changed to keep worker threads' database connections between tasks.

Celery's own fixup closes every connection before and after each task, so each tick and each batch
of posts opens a new one, which costs PostgreSQL a process. Here a thread keeps its connection, as
web's threads do, until it is older than DATABASE_CONN_MAX_AGE_SECONDS; Django checks it before the
first statement of a task. A connection on which anything failed is closed: its server may have
become a standby.

Not psycopg's pool: with fewer connections than threads, a thread would wait for one while it holds
leases; with as many, nothing is saved.
"""

from functools import cached_property

from celery import Celery
from celery.fixups.django import DjangoFixup, DjangoWorkerFixup
from django.db import connections


class WorkerFixup(DjangoWorkerFixup):
    def validate_models(self) -> None:
        """Set Django up, without its checks: they import every page, and a release has run them."""
        self.django_setup()

    def close_database(self, **_: object) -> None:
        """Called before and after each task, on its thread."""
        for connection in connections.all(initialized_only=True):
            if connection.errors_occurred:
                connection.close()
            connection.close_if_unusable_or_obsolete()


class Fixup(DjangoFixup):
    @cached_property
    def worker_fixup(self) -> WorkerFixup:
        """Made when a worker starts: it reads the settings."""
        return WorkerFixup(self.app)


def fixup(app: Celery) -> DjangoFixup:
    """Installed by `Celery(fixups=…)` in place of Celery's own."""
    return Fixup(app).install()
