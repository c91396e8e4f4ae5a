"""Refuse a half-configured start: `manage.py check --deploy --fail-level WARNING`.

Django's own deploy checks see to SECRET_KEY, DEBUG, cookies and HSTS; these see to ours.
"""

import ipaddress
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.core import checks
from django.http.request import validate_host

#: What libpq may be told so that nobody can read along (the last two also know the server).
ENCRYPTED = frozenset({"require", "verify-ca", "verify-full"})


def simulator(app_configs: Any = None, **_: Any) -> Iterator[checks.CheckMessage]:
    if settings.SIMULATOR_URL:
        yield checks.Error(
            "SIMULATOR_URL is set: nothing would reach the networks.",
            hint="Unset it.",
            id="dovecote.E001",
        )


def demo_key(app_configs: Any = None, **_: Any) -> Iterator[checks.CheckMessage]:
    if settings.DEMO_ENV:
        yield checks.Error(
            "DEMO_ENV is set: the first page would show a key.",
            hint="Unset it.",
            id="dovecote.E006",
        )


def credential_keys(app_configs: Any = None, **_: Any) -> Iterator[checks.CheckMessage]:
    if not settings.CREDENTIAL_KEYS or not all(map(_is_fernet_key, settings.CREDENTIAL_KEYS)):
        yield checks.Error(
            "CREDENTIAL_KEYS must be Fernet keys, newest first.",
            hint="deploy/env.example says how to make one.",
            id="dovecote.E002",
        )


def public_url(app_configs: Any = None, **_: Any) -> Iterator[checks.CheckMessage]:
    url = urlsplit(settings.PUBLIC_URL)
    if url.scheme != "https" or not url.hostname:
        yield checks.Error(
            "PUBLIC_URL must be an https address: the networks fetch media from it.",
            id="dovecote.E003",
        )
    elif not validate_host(url.hostname, settings.ALLOWED_HOSTS):
        yield checks.Error(
            "ALLOWED_HOSTS must contain the host of PUBLIC_URL.",
            id="dovecote.E004",
        )


def allowed_hosts(app_configs: Any = None, **_: Any) -> Iterator[checks.CheckMessage]:
    if "*" in settings.ALLOWED_HOSTS:
        yield checks.Error(
            "ALLOWED_HOSTS must name hosts: with * anybody's links lead to us.",
            id="dovecote.E005",
        )


def encrypted_lines(app_configs: Any = None, **_: Any) -> Iterator[checks.CheckMessage]:
    """A warning, silenced by PRIVATE_NETWORK: only the operator knows who shares the wire."""
    if settings.PRIVATE_NETWORK:
        return
    database = settings.DATABASES["default"]
    sslmode = str(database.get("OPTIONS", {}).get("sslmode", ""))
    if not _stays_here(str(database.get("HOST", ""))) and sslmode not in ENCRYPTED:
        yield _readable("DATABASE_URL", "add ?sslmode=require or verify-full")
    redis = urlsplit(settings.REDIS_URL)
    if redis.scheme == "redis" and not _stays_here(redis.hostname or ""):
        yield _readable("REDIS_URL", "use rediss://")


CHECKS: tuple[Callable[..., Iterator[checks.CheckMessage]], ...] = (
    simulator,
    demo_key,
    credential_keys,
    public_url,
    allowed_hosts,
    encrypted_lines,
)


def register() -> None:
    """Add CHECKS to those that `check --deploy` runs."""
    checks.register(_all, checks.Tags.security, deploy=True)


def _all(app_configs: Any = None, **_: Any) -> list[checks.CheckMessage]:
    return [message for check in CHECKS for message in check()]


def _readable(name: str, remedy: str) -> checks.CheckMessage:
    return checks.Warning(
        f"{name} goes over the network unencrypted.",
        hint=f"Either {remedy}, or set PRIVATE_NETWORK=true if nobody else is on that network.",
        id="dovecote.W001",
    )


def _is_fernet_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


def _stays_here(host: str) -> bool:
    """Whether the host is this machine: a socket's folder, localhost, a loopback address."""
    host = unquote(host)
    if not host or host.startswith("/") or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
