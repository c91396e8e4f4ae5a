"""The log of operators: every login, who is on each line of the admin, and what is forgotten."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from axes.signals import user_locked_out
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse
from rest_framework.permissions import SAFE_METHODS

from config.operators import sessions
from config.operators.lockout import address, counted_username
from destinations.jobs.forget import forget
from destinations.runtime import clock
from destinations.runtime.request_waits import RequestWaitLimiter

log = structlog.get_logger("operators")
ADMIN = "/admin/"
#: Changes of one operator. Customers' long requests take no places of operators.
_room = RequestWaitLimiter(is_apart=True)


def connect() -> None:
    user_logged_in.connect(_logged_in, dispatch_uid="config.logged_in")
    user_logged_out.connect(_logged_out, dispatch_uid="config.logged_out")
    user_login_failed.connect(_login_failed, dispatch_uid="config.login_failed")
    user_locked_out.connect(_locked_out, dispatch_uid="config.locked_out")


def _logged_in(sender: Any, request: HttpRequest, user: AbstractBaseUser, **_: Any) -> None:
    sessions.begin(request)
    log.info("logged_in", user=user.get_username(), ip=address(request))


def _logged_out(sender: Any, request: HttpRequest, user: AbstractBaseUser | None, **_: Any) -> None:
    if user:
        log.info("logged_out", user=user.get_username(), ip=address(request))


def _login_failed(
    sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any
) -> None:
    if request is not None and not getattr(request, "axes_locked_out", False):
        name = counted_username(request, credentials)
        log.warning("login_failed", user=name, ip=address(request))


def _locked_out(sender: Any, request: HttpRequest, username: str, **_: Any) -> None:
    log.warning("login_locked_out", user=username, ip=address(request))


class OperatorMiddleware:
    """Binds the operator and their address to every line that a request to the admin logs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(ADMIN):
            return self.get_response(request)
        caller = {"ip": address(request), "operator": request.user.get_username()}
        # For the access log, whose line is written outside of this.
        request.caller = caller  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(**caller):
            return self._answer(request)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        # Workers import this module, and no pages.
        from config.web import error_pages

        if request.method in SAFE_METHODS or request.user.pk is None:
            return self.get_response(request)
        # Some change thousands of rows, which takes long.
        with _room.one(request.user.pk) as has_place:
            return self.get_response(request) if has_place else error_pages.busy_changes(request)


#: How long records of logins are kept; for wrong passwords, counted from the end of their lock.
KEEP_DAYS = 30


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
    if settings.KEEP_OPERATOR_LOG_DAYS:
        before = clock.now() - timedelta(days=settings.KEEP_OPERATOR_LOG_DAYS)
        forget(LogEntry.objects.order_by("pk"), "action_time", before)
