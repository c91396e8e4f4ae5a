"""Deletes old imports with their rows. What was imported stays known: `ImportedRow`."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

import structlog

from destinations.jobs import forget as forgetting
from destinations.runtime import clock
from posts.features.importing.models import Import, ImportRow

log = structlog.get_logger()

DAYS = 30


def forget() -> int:
    """Delete imports that ended more than DAYS ago, for a while; returns how many."""
    before = clock.now() - timedelta(days=DAYS)
    ended = Import.objects.filter(due_at__isnull=True).order_by("created_at")
    # One by one: an import has thousands of rows.
    count = forgetting.forget(ended, "created_at", before, delete=_delete, batch=1)
    if count:
        log.info("imports_forgotten", count=count)
    return count


def _delete(keys: Sequence[uuid.UUID]) -> None:
    rows = ImportRow.objects.filter(source__in=keys)
    rows._raw_delete(rows.db)
    Import.objects.filter(pk__in=keys).delete()
