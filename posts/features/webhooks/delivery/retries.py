"""Decide when a failed delivery is tried again. Pure."""

import random
from datetime import datetime
from email.utils import parsedate_to_datetime

#: Seconds from each attempt to the next: at once, then after 1 min, 5 min, 30 min, 2 h, 12 h, and
#: 12 h once more, so that a receiver that is down for a day misses nothing.
DELAYS = (60, 300, 1800, 7200, 43200, 43200)
#: Receivers that were down together are not called together.
JITTER = 0.1
#: Answers whose Retry-After counts, and the most that it may ask for.
BUSY = frozenset({429, 503})
LONGEST_SECONDS = 86400.0
#: The receiver wants no more, ever.
GONE = 410


def delay_seconds(tries: int, status: int | None, asked_seconds: float) -> float | None:
    """Return how long to wait after so many attempts, this one included; None: there is no other.

    `asked_seconds` is what Retry-After asks for; it never makes an attempt come sooner.
    """
    if status == GONE or tries > len(DELAYS):
        return None
    delay = DELAYS[tries - 1] * (1 + random.uniform(0, JITTER))
    if status in BUSY:
        delay = max(delay, min(asked_seconds, LONGEST_SECONDS))
    return delay


def asked_seconds(retry_after: str, now: datetime) -> float:
    """Return the seconds a Retry-After header asks for, also by a date; 0 if it cannot be read."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:10])
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - now).total_seconds())
    except (ValueError, TypeError):
        return 0.0
