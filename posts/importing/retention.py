"""Deletes old imports with their rows. What was imported stays known: `ImportedRow`."""

from datetime import timedelta

import structlog

from destinations.runtime import clock
from posts.models import Import

log = structlog.get_logger()

DAYS = 30
#: Of one run; an import has thousands of rows.
MOST = 100


def forget() -> int:
    """Delete imports that ended more than DAYS ago; returns how many."""
    before = clock.now() - timedelta(days=DAYS)
    old = Import.objects.filter(due_at__isnull=True, created_at__lt=before)
    count = 0
    for job in old.order_by("created_at")[:MOST]:
        job.rows.all()._raw_delete(job.rows.db)
        job.delete()
        count += 1
    if count:
        log.info("imports_forgotten", count=count)
    return count
