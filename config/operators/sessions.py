"""Sessions of operators: in the database, and only as long as they may last.

Only a hash of each session's key rests there. So a person who reads the database, or a backup,
cannot use a session that has not ended.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.http import HttpRequest
from django.utils import timezone

#: The length of the column.
STORED_CHARS = 40
#: The session key that holds the time of login.
LOGGED_IN_AT = "logged_in_at"


def stored(session_key: str) -> str:
    """Return what rests of a session's key, which has 160 random bits."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:STORED_CHARS]


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> AbstractBaseSession | None:
        rows = self.model.objects.filter(expire_date__gt=timezone.now())
        found = rows.filter(session_key=stored(self.session_key or "")).first()
        if found is None:
            self._session_key = None
        return found

    def exists(self, session_key: str) -> bool:
        return super().exists(stored(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        row = super().create_model_instance(data)
        row.session_key = stored(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            super().delete(stored(key))


def begin(request: HttpRequest) -> None:
    request.session[LOGGED_IN_AT] = timezone.now().isoformat()


def is_fresh(request: HttpRequest) -> bool:
    """Return whether this session's login is less than SESSION_MAX_SECONDS ago."""
    began_at = request.session.get(LOGGED_IN_AT)
    oldest = timezone.now() - timedelta(seconds=settings.SESSION_MAX_SECONDS)
    return began_at is not None and datetime.fromisoformat(began_at) >= oldest
