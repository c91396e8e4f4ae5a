"""When a session of the admin began, and whether it is too old."""

from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

#: The session key that holds the time of login.
LOGGED_IN_AT = "logged_in_at"


def begin(request: HttpRequest) -> None:
    request.session[LOGGED_IN_AT] = timezone.now().isoformat()


def is_fresh(request: HttpRequest) -> bool:
    """Whether this session's login is less than SESSION_MAX_SECONDS ago."""
    began_at = request.session.get(LOGGED_IN_AT)
    oldest = timezone.now() - timedelta(seconds=settings.SESSION_MAX_SECONDS)
    return began_at is not None and datetime.fromisoformat(began_at) >= oldest
