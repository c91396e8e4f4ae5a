"""Logging in to the admin: limits on guessing passwords, and a log line for each login.

django-axes counts wrong passwords by user and address together: a stranger who guesses cannot lock
out an operator who comes from another address. It counts in the database, which a login needs
anyway, and so works while Redis is away.
"""

import ipaddress
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import structlog
from axes.signals import user_locked_out
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from config.web import error_pages

log = structlog.get_logger("operators")

ADMIN = "/admin/"
#: The session key that holds the time of login.
LOGGED_IN_AT = "logged_in_at"
#: A home or office has an IPv6 network of this size and can use any address in it.
IPV6_PREFIX = 64
#: How long a login waits for others from the same place.
WAIT_SECONDS = 2
#: The length of django-axes's column for user names.
MOST_CHARS = 255


def address(request: HttpRequest) -> str:
    """Where the request comes from; behind a trusted proxy that is the proxy's client."""
    return request.META.get("REMOTE_ADDR") or ""


def network(request: HttpRequest) -> str | None:
    """The address or network under which wrong passwords are counted; None if it is not known."""
    try:
        found = ipaddress.ip_address(address(request))
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    whole = ipaddress.ip_network((int(found), IPV6_PREFIX), strict=False)
    return str(whole.network_address)


def username(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The user name under which a wrong password is counted, cut to its column's length."""
    given = (credentials or request.POST).get("username") or ""
    return str(given)[:MOST_CHARS]


class Busy(Exception):
    """Too many logins from one place at once."""


@contextmanager
def one_at_a_time(request: HttpRequest) -> Iterator[None]:
    """Check one password at a time per network: otherwise an attacker could try as many at once as
    there are threads before any is counted. Raises Busy after WAIT_SECONDS, so that waiting logins
    do not hold every thread.
    """
    if request.method != "POST":
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        try:
            cursor.execute(
                "SELECT set_config('lock_timeout', %s, true), "
                "pg_advisory_xact_lock(hashtextextended(%s, 0))",
                [f"{WAIT_SECONDS}s", f"login from {network(request)}"],
            )
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                raise Busy from error
            raise
        yield


class OperatorMiddleware:
    """Puts the operator and their address on every line that a request to the admin logs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(ADMIN):
            return self.get_response(request)
        caller = {"ip": address(request), "operator": request.user.get_username()}
        # For the access log, whose line is written outside of this.
        request.caller = caller  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(**caller):
            return self.get_response(request)


def locked_out(request: HttpRequest, *_: Any) -> HttpResponse:
    """The answer of django-axes to a login after too many wrong passwords."""
    return error_pages.too_many_logins(request)


def connect() -> None:
    """Log every login, and remember when a session began."""
    user_logged_in.connect(_logged_in, dispatch_uid="config.logged_in")
    user_logged_out.connect(_logged_out, dispatch_uid="config.logged_out")
    user_login_failed.connect(_login_failed, dispatch_uid="config.login_failed")
    user_locked_out.connect(_locked_out, dispatch_uid="config.locked_out")


def is_fresh(request: HttpRequest) -> bool:
    """Whether this session's login is less than SESSION_MAX_SECONDS ago."""
    began_at = request.session.get(LOGGED_IN_AT)
    oldest = timezone.now() - timedelta(seconds=settings.SESSION_MAX_SECONDS)
    return began_at is not None and datetime.fromisoformat(began_at) >= oldest


def _logged_in(sender: Any, request: HttpRequest, user: AbstractBaseUser, **_: Any) -> None:
    request.session[LOGGED_IN_AT] = timezone.now().isoformat()
    log.info("logged_in", user=user.get_username(), ip=address(request))


def _logged_out(sender: Any, request: HttpRequest, user: AbstractBaseUser | None, **_: Any) -> None:
    if user:
        log.info("logged_out", user=user.get_username(), ip=address(request))


def _login_failed(
    sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any
) -> None:
    if request is not None and not getattr(request, "axes_locked_out", False):
        name = username(request, credentials)
        log.warning("login_failed", user=name, ip=address(request))


def _locked_out(sender: Any, request: HttpRequest, username: str, **_: Any) -> None:
    log.warning("login_locked_out", user=username, ip=address(request))
