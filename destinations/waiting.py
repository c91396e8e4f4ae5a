"""What a destination waits for, and until when, as its customer is told."""

from collections.abc import Iterator
from datetime import datetime

from destinations.models import Account, Destination
from platforms.registry import ADAPTERS

S = Destination.Status


def limited_until(account: Account | None, at: datetime) -> datetime | None:
    """Until when the network limits the account; None if it does not at that moment."""
    held_until = account.held_until if account else None
    return held_until if held_until and held_until > at else None


def next_try_at(row: Destination, now: datetime) -> datetime | None:
    """When what waits for a retry, or for its limited account, is tried; None for anything else."""
    return _held_until(row, now) or row.next_retry_at


def notes(row: Destination, now: datetime) -> Iterator[str]:
    """What is going on with it at this moment, in words."""
    if until := _held_until(row, now):
        yield limit(row.platform, row.account_name, until)
    if row.status == S.UNCONFIRMED:
        name, is_asked = ADAPTERS[row.platform].name, row.claim is not None
        when = f"at {told(row.due_at)}" if row.due_at and row.due_at > now else "now"
        when = "now" if is_asked else when
        yield f"{name} gave no answer; it is asked {when} whether the post is public."


def limit(platform: str, account_name: str, until: datetime) -> str:
    """What is said of a post that a limited account has to wait for."""
    name = ADAPTERS[platform].name
    return f"{name} limits {account_name}; its posts wait until {told(until)}."


def told(moment: datetime) -> str:
    """A moment in words, as all times of the API are written."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _held_until(row: Destination, now: datetime) -> datetime | None:
    """A draft has no clock; what is begun is not held; what is due later does not wait yet."""
    if row.due_at is None or row.is_begun:
        return None
    return limited_until(row.account, max(now, row.due_at))
