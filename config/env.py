"""Settings from the environment. A value that cannot be parsed stops the start."""

import os
import shlex
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")
_MISSING = object()


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set {name}; see deploy/env.example.")
    return value


def flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, "")
    if not value:
        return default
    if value.lower() in ("1", "true", "yes", "on"):
        return True
    if value.lower() in ("0", "false", "no", "off"):
        return False
    raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")


def number(name: str, default: int) -> int:
    value = os.environ.get(name, "")
    try:
        return int(value) if value else default
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None


def days(name: str, default: int, *, least: int) -> int:
    """Read for how many days something is kept; 0: for ever. A number below `least` is refused."""
    value = number(name, default)
    if value and value < least:
        raise ImproperlyConfigured(f"{name} must be 0 (for ever) or at least {least}, not {value}.")
    return value


def parsed(name: str, default: str, parse: Callable[[str], T]) -> T:
    """The value after `parse`, which raises ValueError for one that it does not understand."""
    try:
        return parse(os.environ.get(name) or default)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from None


def words(name: str, default: str = "") -> list[str]:
    """A comma separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def pairs(name: str, default: str = "") -> dict[str, str]:
    """`a=b,c=d` as a dict."""
    found = {}
    for word in words(name, default):
        key, separator, value = word.partition("=")
        if not separator:
            raise ImproperlyConfigured(f"{name} must look like a=b,c=d, not {word!r}.")
        found[key.strip()] = value.strip()
    return found


def numbers(name: str) -> dict[str, int]:
    """`a=1,b=2` as a dict."""
    try:
        return {key: int(value) for key, value in pairs(name).items()}
    except ValueError:
        raise ImproperlyConfigured(f"{name} must look like a=1,b=2.") from None


def assignments(lines: str) -> dict[str, str]:
    """The values of shell assignments, by name."""
    named = (word.partition("=") for word in shlex.split(lines))
    return {name: value for name, _, value in named}


def secret(name: str, default: str | None = None) -> str:
    """NAME, or the content of the file that NAME_FILE names."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        return Path(path).read_text().strip()
    return text(name, default)


def notify_secret() -> str:
    """NOTIFY_SECRET in the form of Standard Webhooks; empty without one."""
    value = secret("NOTIFY_SECRET", "")
    try:
        key = b64decode(value.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if value and not (value.startswith("whsec_") and 24 <= len(key) <= 64):
        raise ImproperlyConfigured("NOTIFY_SECRET must be whsec_ and the base64 of 24 to 64 bytes.")
    return value


def redis_url() -> str:
    """REDIS_URL, whose forms destinations/runtime/redis_client.py has."""
    # redis-py is 8 MB, which `up` needs for nothing else.
    from destinations.runtime.redis_client import sentinels

    url = secret("REDIS_URL")
    try:
        sentinels(url)
    except ValueError as error:
        raise ImproperlyConfigured(f"REDIS_URL: {error}.") from None
    return url


def cache(redis_url: str) -> dict[str, Any]:
    """Django's cache in Redis."""
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        # A list, because Django takes the comma between Sentinels for one between servers.
        "LOCATION": [redis_url],
        "KEY_PREFIX": "dovecote",
        "OPTIONS": {
            "pool_class": "destinations.runtime.redis_client.Pool",
            "socket_connect_timeout": 2,
            "socket_timeout": 5,
        },
    }


def database() -> dict[str, Any]:
    """DATABASE_URL, with time-outs that its options can change."""
    return _database(secret("DATABASE_URL"))


def database_replica() -> dict[str, Any] | None:
    """DATABASE_REPLICA_URL in the same way; None without one."""
    url = secret("DATABASE_REPLICA_URL", "")
    if not url:
        return None
    found = _database(url)
    # A standby that is cut off may have replayed a lock, of a migration or a vacuum, and not its
    # end. The primary answers instead.
    found["OPTIONS"]["options"] += " -c lock_timeout=1s"
    return found


def _database(url: str) -> dict[str, Any]:
    found: dict[str, Any] = dict(
        dj_database_url.parse(
            url,
            engine="config.database",
            conn_max_age=number("DATABASE_CONN_MAX_AGE_SECONDS", 60),
            conn_health_checks=True,
        )
    )
    # Behind a pooler the next statement may reach another session, which lacks the cursor.
    found["DISABLE_SERVER_SIDE_CURSORS"] = True
    found["OPTIONS"] = {
        "connect_timeout": 5,
        # A host that vanishes is noticed in half a minute instead of hours.
        "keepalives_idle": 15,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
        # For the statements of `destinations.runtime.database`.
        "prepare_threshold": 0 if flag("DATABASE_PREPARED_STATEMENTS", default=True) else None,
        # A process that freezes in a transaction must not keep its rows locked.
        "options": "-c idle_in_transaction_session_timeout=10s",
        **found.get("OPTIONS", {}),
    }
    return found


def media_s3() -> dict[str, Any]:
    """The bucket for files, as django-storages takes it."""
    endpoint_url = text("MEDIA_S3_ENDPOINT_URL", "") or None
    return {
        "bucket_name": text("MEDIA_S3_BUCKET", ""),
        "endpoint_url": endpoint_url,
        "region_name": text("MEDIA_S3_REGION", "us-east-1"),
        "access_key": secret("MEDIA_S3_ACCESS_KEY_ID", "") or None,
        "secret_key": secret("MEDIA_S3_SECRET_ACCESS_KEY", "") or None,
        # Most servers but Amazon's have no host name for each bucket.
        "addressing_style": text("MEDIA_S3_ADDRESSING", "path" if endpoint_url else "virtual"),
        "signature_version": "s3v4",
        # Keys are never used twice, so there is nothing to ask for first.
        "file_overwrite": True,
    }
