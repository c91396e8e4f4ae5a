"""Delete ended sessions and old records of logins."""

from datetime import timedelta

from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.core.management import call_command

from destinations.runtime import clock

#: How long records of logins are kept; for wrong passwords, counted from the end of their lock.
KEEP_DAYS = 30


def delete_old() -> None:
    """Delete ended sessions and old records of logins; live sessions and locks stay."""
    call_command("clearsessions")
    # Successes and failures; our settings write none, but others may have.
    AxesProxyHandler.reset_logs(age_days=KEEP_DAYS)
    AxesProxyHandler.reset_failure_logs(age_days=KEEP_DAYS)
    # django-axes deletes these too, but only when another password is wrong.
    oldest = clock.now() - timedelta(days=KEEP_DAYS) - settings.AXES_COOLOFF_TIME
    AccessAttempt.objects.filter(attempt_time__lt=oldest).delete()
