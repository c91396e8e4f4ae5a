"""Limits on guessing operators' passwords.

django-axes counts wrong passwords by user and address together: a stranger who guesses cannot lock
out an operator who comes from another address. It counts in the database, which a login needs
anyway, and so works while Redis is away.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from psycopg.errors import LockNotAvailable

from destinations.runtime import addresses
from destinations.runtime.request_waits import Busy, RequestWaitLimiter

#: How long a login waits for others from the same place.
WAIT_SECONDS = 2
#: Apart: an operator can log in no matter what else holds threads.
_room = RequestWaitLimiter(4, is_apart=True)
#: The length of django-axes's column for user names.
MOST_CHARS = 255


def address(request: HttpRequest) -> str:
    """Return where the request comes from; behind a trusted proxy that is the proxy's client."""
    return request.META.get("REMOTE_ADDR") or ""


def counted_network(request: HttpRequest) -> str | None:
    """The address or network under which wrong passwords are counted; None if it is not known."""
    return addresses.network(address(request))


def counted_username(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The user name under which a wrong password is counted, cut to its column's length."""
    given = (credentials or request.POST).get("username") or ""
    return str(given)[:MOST_CHARS]


class TooManyLogins(Exception):
    """Too many logins from one place at once."""


@contextmanager
def one_at_a_time(request: HttpRequest) -> Iterator[None]:
    """Check one password at a time per network: otherwise an attacker could try as many at once as
    there are threads before any is counted. Raises TooManyLogins after WAIT_SECONDS, or at once if
    many wait: they would hold every thread.
    """
    if request.method != "POST":
        yield
        return
    try:
        place = _room.enter(counted_network(request))
    except Busy as full:
        raise TooManyLogins from full
    with place, transaction.atomic(), connection.cursor() as cursor:
        try:
            cursor.execute(
                "SELECT set_config('lock_timeout', %s, true), "
                "pg_advisory_xact_lock(hashtextextended(%s, 0))",
                [f"{WAIT_SECONDS}s", f"login from {counted_network(request)}"],
            )
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                raise TooManyLogins from error
            raise
        yield


def locked_out(request: HttpRequest, *_: Any) -> HttpResponse:
    """The answer of django-axes to a login after too many wrong passwords."""
    # Here, because it imports all of DRF, and every process imports this file.
    from config.web import error_pages

    return error_pages.too_many_logins(request)
