"""Secrets at rest: encrypted with the newest key, decrypted with any configured one."""

import json
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from destinations.dispatch.claimed_rows import AccountRow
from destinations.models import Account
from platforms.drafts import Credentials


class Unreadable(Exception):
    """Sealed with a key that is no longer configured."""


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def seal(value: Mapping[str, Any]) -> str:
    """Return the value as an encrypted token; an empty value is an empty string."""
    if not value:
        return ""
    box = _box(tuple(settings.CREDENTIAL_KEYS))
    return box.encrypt(json.dumps(value).encode()).decode()


def unseal(token: str) -> dict[str, Any]:
    """Return what was sealed. Raises Unreadable if no configured key fits."""
    return _open(token, tuple(settings.CREDENTIAL_KEYS))


def credentials(account: Account | AccountRow) -> Credentials:
    """Return the account's decrypted credentials. Raises Unreadable if no configured key fits."""
    return _credentials(
        account.credentials,
        tuple(settings.CREDENTIAL_KEYS),
        account.platform_account_id,
        account.username,
        account.login,
        tuple(account.scopes),
    )


def _open(token: str, keys: tuple[str, ...]) -> dict[str, Any]:
    if not token:
        return {}
    try:
        opened: dict[str, Any] = json.loads(_box(keys).decrypt(token))
    except InvalidToken as failure:
        raise Unreadable from failure
    return opened


# An account publishes again and again with one ciphertext: 0.7 us instead of 9. Every refresh and
# rotation makes a new ciphertext, and the keys are part of the question, so nothing outdated is
# found. Plain tokens stay in the memory of a process that sends them anyway, at most this many.
@lru_cache(maxsize=2048)
def _credentials(
    sealed: str,
    keys: tuple[str, ...],
    platform_account_id: str,
    username: str,
    login: str,
    scopes: tuple[str, ...],
) -> Credentials:
    opened = _open(sealed, keys)
    return Credentials(
        platform_account_id=platform_account_id,
        username=username,
        token=opened.get("token", ""),
        refresh_token=opened.get("refresh_token", ""),
        # Read-only: many publishes share it.
        extra=MappingProxyType(opened.get("extra", {})),
        login=login,
        scopes=scopes,
    )


def reseal(token: str) -> str:
    """Encrypt the value again with the newest key. Raises Unreadable if no key fits."""
    try:
        return _box(tuple(settings.CREDENTIAL_KEYS)).rotate(token).decode()
    except InvalidToken as failure:
        raise Unreadable from failure


def has_newest_key(token: str) -> bool:
    try:
        Fernet(settings.CREDENTIAL_KEYS[0]).decrypt(token)
    except InvalidToken:
        return False
    return True
