"""Beat's entries from the database, and from memory while the database is away.

django-celery-beat reads all entries again every five minutes, and beat would end if the database
did not answer just then. Nobody needs the truth to tick: beat keeps the entries it has and asks
again at its next look.

It also measures from the last run by its host's clock: one that is set back by a day, or a move to
a host that is behind, would be a day without a tick.
"""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import DatabaseError, InterfaceError
from django_celery_beat.schedulers import (
    SCHEDULE_SYNC_MAX_INTERVAL,
    DatabaseScheduler,
    ModelEntry,
)

log = structlog.get_logger()


class Entry(ModelEntry):
    last_run_at: datetime

    def is_due(self) -> Any:
        """Whether to run now, and when to ask again. A run in the future counts as just now."""
        self.last_run_at = min(self.last_run_at, self._default_now())
        return super().is_due()


class Scheduler(DatabaseScheduler):
    Entry = Entry

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
