"""Deletes old imports with their rows. What was imported stays known: `ImportedRow`."""

import time
from datetime import timedelta

import structlog

from destinations.runtime import clock
from posts.features.importing.models import Import

log = structlog.get_logger()

DAYS = 30
#: A run ends then; the next one goes on. An import has thousands of rows.
MOST_SECONDS = 60.0


def forget() -> int:
    """Delete imports that ended more than DAYS ago, for a while; returns how many."""
    until = time.monotonic() + MOST_SECONDS
    before = clock.now() - timedelta(days=DAYS)
    old = Import.objects.filter(due_at__isnull=True, created_at__lt=before)
    count = 0
    while time.monotonic() < until and (job := old.order_by("created_at").first()):
        job.rows.all()._raw_delete(job.rows.db)
        job.delete()
        count += 1
    if count:
        log.info("imports_forgotten", count=count)
    return count
