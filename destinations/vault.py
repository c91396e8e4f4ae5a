"""Secrets at rest: encrypted with the newest key, readable with any configured one."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


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
    """What was sealed. Raises cryptography.fernet.InvalidToken if no key fits."""
    if not token:
        return {}
    opened: dict[str, Any] = json.loads(_box(tuple(settings.CREDENTIAL_KEYS)).decrypt(token))
    return opened
