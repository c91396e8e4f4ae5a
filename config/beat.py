"""Beat's entries from the database, and from memory while the database is away.

django-celery-beat reads all entries again every five minutes, and beat would end if the database
did not answer just then. Nobody needs the truth to tick: beat keeps the entries it has and asks
again at its next look.
"""

from datetime import timedelta

import structlog
from django.db import DatabaseError, InterfaceError
from django_celery_beat.schedulers import (
    SCHEDULE_SYNC_MAX_INTERVAL,
    DatabaseScheduler,
    ModelEntry,
)

log = structlog.get_logger()


class Scheduler(DatabaseScheduler):  # type: ignore[misc]
    def all_as_schedule(self) -> dict[str, ModelEntry]:
        """Every enabled entry. Raises at the start alone, when there is none to go on with."""
        try:
            found: dict[str, ModelEntry] = super().all_as_schedule()
        except (DatabaseError, InterfaceError) as failure:
            if self._schedule is None:
                raise
            log.warning("database_away", failure=str(failure))
            # So long ago that the next look reads again.
            self._last_full_sync -= timedelta(seconds=SCHEDULE_SYNC_MAX_INTERVAL)
            return dict(self._schedule)
        return found
