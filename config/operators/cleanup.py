"""Delete ended sessions, old records of logins, and what operators did long ago."""

import time
from datetime import timedelta

from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.core.management import call_command

from destinations.runtime import clock

#: How long records of logins are kept; for wrong passwords, counted from the end of their lock.
KEEP_DAYS = 30
#: Rows of the operators' log that one statement looks at; a run ends after so long.
BATCH, MOST_SECONDS = 1000, 60.0


def delete_old() -> None:
    """Delete ended sessions and old records; live sessions and locks stay."""
    call_command("clearsessions")
    # Successes and failures; our settings write none, but others may have.
    AxesProxyHandler.reset_logs(age_days=KEEP_DAYS)
    AxesProxyHandler.reset_failure_logs(age_days=KEEP_DAYS)
    # django-axes deletes these too, but only when another password is wrong.
    oldest = clock.now() - timedelta(days=KEEP_DAYS) - settings.AXES_COOLOFF_TIME
    AccessAttempt.objects.filter(attempt_time__lt=oldest).delete()
    _forget_log()


def _forget_log() -> None:
    """Delete what operators did before KEEP_OPERATOR_LOG_DAYS, in the order it was written."""
    if not settings.KEEP_OPERATOR_LOG_DAYS:
        return
    before = clock.now() - timedelta(days=settings.KEEP_OPERATOR_LOG_DAYS)
    until = time.monotonic() + MOST_SECONDS
    while time.monotonic() < until:
        first = LogEntry.objects.order_by("pk").values_list("pk", "action_time")[:BATCH]
        old = [pk for pk, at in first if at < before]
        LogEntry.objects.filter(pk__in=old).delete()
        if len(old) < BATCH:
            return
