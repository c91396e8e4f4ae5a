"""Beat's sign of life: when the last tick ran. A wiped cache has it again a tick later."""

from datetime import datetime

from django.core.cache import cache
from django.utils.dateparse import parse_datetime

from destinations.runtime import clock

KEY = "tick"


def leave() -> None:
    cache.set(KEY, clock.now().isoformat(), timeout=None)


def last() -> datetime | None:
    """When the last tick ran; None if none is known. Raises what the cache raises."""
    found = cache.get(KEY)
    return parse_datetime(found) if isinstance(found, str) else None
