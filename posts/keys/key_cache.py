"""The keys that called within the last second: a busy program's key is read once a second.

A key that was revoked, deleted or changed is honoured as it was for KEY_CACHE_SECONDS at most, in
every process. Its expiry is compared at each call, and a new key is known at once.
"""

import time

from django.conf import settings

from posts.keys import keys
from posts.models import ApiKey

#: How many keys are remembered, of a few KB each.
MOST = 1000
_recent: dict[str, tuple[float, ApiKey]] = {}


def find(secret: str) -> ApiKey | None:
    """The key with this secret, active or not. Callers share it, and must not change it."""
    # Before it is read: what changes while it is read counts as changed after.
    now = time.monotonic()
    name = keys.digest(secret)
    until, known = _recent.get(name, (now, None))
    if now < until:
        return known
    key = keys.find(secret)
    if key is None:
        _recent.pop(name, None)
    elif settings.KEY_CACHE_SECONDS:
        if len(_recent) >= MOST:
            _recent.clear()
        _recent[name] = (now + settings.KEY_CACHE_SECONDS, key)
    return key
