"""Log every login to the admin, and note when a session began."""

from typing import Any

import structlog
from axes.signals import user_locked_out
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from config.operators import sessions
from config.operators.lockout import address, counted_username

log = structlog.get_logger("operators")


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
