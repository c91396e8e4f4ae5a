"""Checks of our settings, for `manage.py check --deploy --fail-level WARNING`.

Django's own deploy checks cover SECRET_KEY, DEBUG, cookies and HSTS.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core import checks
from django.http.request import validate_host

from config.operators import roles
from config.web import proxies
from destinations.runtime import redis_client
from platforms.registry import VERSIONS

#: How long before the end of an API version the check reports it.
VERSION_ENDS_DAYS = 120
#: The sslmodes of libpq that encrypt (the last two also verify the server).
ENCRYPTED = frozenset({"require", "verify-ca", "verify-full"})


def deployment(app_configs: Any = None, **_: Any) -> list[checks.CheckMessage]:
    """Settings that no installation in production may have."""
    return [*_identity(), *_single_sign_on(), *_unencrypted(), *_proxies()]


def _identity() -> Iterator[checks.CheckMessage]:
    if settings.SIMULATOR_URL:
        said = "SIMULATOR_URL is set: nothing would reach the networks."
        yield checks.Error(said, hint="Unset it.", id="dovecote.E001")
    if settings.DEMO_ENV:
        said = "DEMO_ENV is set: the first page would show a key."
        yield checks.Error(said, hint="Unset it.", id="dovecote.E006")
    if not settings.CREDENTIAL_KEYS or not all(map(_is_fernet_key, settings.CREDENTIAL_KEYS)):
        said = "CREDENTIAL_KEYS must be Fernet keys, newest first."
        hint = "deploy/env.example says how to make one."
        yield checks.Error(said, hint=hint, id="dovecote.E002")
    url = urlsplit(settings.PUBLIC_URL)
    if url.scheme != "https" or not url.hostname:
        said = "PUBLIC_URL must be an https address: the networks fetch media from it."
        yield checks.Error(said, id="dovecote.E003")
    elif not validate_host(url.hostname, settings.ALLOWED_HOSTS):
        said = "ALLOWED_HOSTS must contain the host of PUBLIC_URL."
        yield checks.Error(said, id="dovecote.E004")
    for host in sorted(settings.COMPAT_HOSTS):
        if not validate_host(host, settings.ALLOWED_HOSTS):
            said = f"ALLOWED_HOSTS must contain {host}, which COMPAT_HOSTS names."
            yield checks.Error(said, id="dovecote.E011")
    if "*" in settings.ALLOWED_HOSTS:
        said = "ALLOWED_HOSTS must name hosts: with * a forged Host header is believed."
        yield checks.Error(said, id="dovecote.E005")


def _single_sign_on() -> Iterator[checks.CheckMessage]:
    if not settings.OIDC_ISSUER:
        if settings.OIDC_ONLY:
            said = "OIDC_ONLY is set without OIDC_ISSUER: only superusers could log in."
            yield checks.Error(said, id="dovecote.E008")
        return
    names = ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_ROLES")
    if missing := [name for name in names if not getattr(settings, name)]:
        said = f"OIDC_ISSUER is set without {' and '.join(missing)}."
        yield checks.Error(said, hint="deploy/env.example explains them.", id="dovecote.E007")
    for role in sorted(set(settings.OIDC_ROLES.values()) - set(roles.ROLES)):
        said = f"OIDC_ROLES names the role {role!r}; there are {', '.join(roles.ROLES)}."
        yield checks.Error(said, id="dovecote.E009")
    if urlsplit(settings.OIDC_ISSUER).scheme != "https":
        said = (
            "OIDC_ISSUER must be an https address: others on the way could log in as any operator."
        )
        yield checks.Error(said, id="dovecote.E010")


def _unencrypted() -> Iterator[checks.CheckMessage]:
    """A warning, silenced by PRIVATE_NETWORK: only the operator knows who shares the network."""
    if settings.PRIVATE_NETWORK:
        return
    databases = {
        "DATABASE_URL": settings.DATABASES["default"],
        "DATABASE_REPLICA_URL": settings.DATABASE_REPLICA or {},
    }
    for name, database in databases.items():
        sslmode = str(database.get("OPTIONS", {}).get("sslmode", ""))
        if not _stays_here(str(database.get("HOST", ""))) and sslmode not in ENCRYPTED:
            yield _readable(name, "add ?sslmode=require or verify-full")
    url = settings.REDIS_URL
    if not redis_client.is_encrypted(url) and not all(map(_stays_here, redis_client.hosts(url))):
        yield _readable("REDIS_URL", "use rediss:// or rediss+sentinel://")


def _proxies() -> Iterator[checks.CheckMessage]:
    for said, hint in proxies.problems(settings.WEB_HOST, settings.WEB_TRUSTED_PROXIES):
        yield checks.Warning(said, hint=hint, id="dovecote.W002")


def api_versions(
    app_configs: Any = None, *, today: date | None = None, **_: Any
) -> Iterator[checks.CheckMessage]:
    """Report API versions that end. Other networks work on, and some serve a version for longer."""
    today = today or datetime.now(UTC).date()
    for api, version in settings.API_VERSIONS.items():
        end = VERSIONS[api].ends_on(version)
        if end is None or today < end - timedelta(days=VERSION_ENDS_DAYS):
            continue
        may = "may be refused by now" if today >= end else "may be refused"
        yield checks.Info(
            f"{api.upper()}_API_VERSION is {version}, which {may}: it is promised until {end}.",
            hint="Update Dovecote, or set a newer version and try it with a post of your own.",
            id="dovecote.I001",
        )


def register() -> None:
    """Add `deployment` to what `check --deploy` runs, and `api_versions` to what any check does."""
    checks.register(deployment, checks.Tags.security, deploy=True)
    checks.register(api_versions, checks.Tags.compatibility)


def _readable(name: str, remedy: str) -> checks.CheckMessage:
    return checks.Warning(
        f"{name} goes over the network unencrypted.",
        hint=f"Either {remedy}, or set PRIVATE_NETWORK=true if no other machine uses it.",
        id="dovecote.W001",
    )


def _is_fernet_key(key: str) -> bool:
    from cryptography.fernet import Fernet

    try:
        Fernet(key)
    except ValueError:
        return False
    return True


def _stays_here(host: str) -> bool:
    """Return whether the host is this machine: a socket's folder, localhost, a loopback address."""
    host = unquote(host)
    if not host or host.startswith("/") or host == "localhost":
        return True
    found = proxies.address(host)
    return found is not None and found.is_loopback
