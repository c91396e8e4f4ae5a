"""Secrets at rest: encrypted with the newest key, decrypted with any configured one."""

import json
from collections.abc import Mapping
from functools import lru_cache
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
    """The value as an encrypted token; an empty value is an empty string."""
    if not value:
        return ""
    box = _box(tuple(settings.CREDENTIAL_KEYS))
    return box.encrypt(json.dumps(value).encode()).decode()


def unseal(token: str) -> dict[str, Any]:
    """What was sealed. Raises Unreadable if no configured key fits."""
    if not token:
        return {}
    try:
        opened: dict[str, Any] = json.loads(_box(tuple(settings.CREDENTIAL_KEYS)).decrypt(token))
    except InvalidToken as failure:
        raise Unreadable from failure
    return opened


def credentials(account: Account | AccountRow) -> Credentials:
    """The account's decrypted credentials. Raises Unreadable if no configured key fits."""
    sealed = unseal(account.credentials)
    return Credentials(
        platform_account_id=account.platform_account_id,
        username=account.username,
        token=sealed.get("token", ""),
        refresh_token=sealed.get("refresh_token", ""),
        extra=sealed.get("extra", {}),
        login=account.login,
        scopes=tuple(account.scopes),
    )


def reseal(token: str) -> str:
    """The same value, encrypted with the newest key. Raises Unreadable if no key fits."""
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
