"""Tell customers why a destination waits, and until when."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Protocol

from destinations.models import Destination, Outage
from destinations.state import outages
from platforms.registry import ADAPTERS

S = Destination.Status
#: What begins later than this is late: it keeps apart from its account's other late posts, by at
#: most SPACING (`pauses.spacing`).
LATE = timedelta(minutes=15)
SPACING = timedelta(minutes=5)
#: For people.
SPACING_RULE = "late posts of an account begin up to 5 minutes apart"


class HeldBack(Protocol):
    """An account, or what is shown of one."""

    @property
    def held_until(self) -> datetime | None: ...


class WaitingRow(Protocol):
    """A destination, or what is shown of one."""

    @property
    def platform(self) -> str: ...
    @property
    def account_name(self) -> str: ...
    @property
    def account_number(self) -> int: ...
    @property
    def account(self) -> HeldBack | None: ...
    @property
    def status(self) -> str: ...
    @property
    def is_begun(self) -> bool: ...
    @property
    def claim(self) -> object: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def wanted_at(self) -> datetime: ...
    @property
    def attempts(self) -> int: ...
    @property
    def next_retry_at(self) -> datetime | None: ...


def limited_until(account: HeldBack | None, at: datetime) -> datetime | None:
    """Return when the rate limit in force at `at` ends; None if the account is not limited then."""
    held_until = account.held_until if account else None
    return held_until if held_until and held_until > at else None


def next_try_at(row: WaitingRow, now: datetime) -> datetime | None:
    """Return when a destination is tried that waits for more than its time.

    That is a retry, a rate limit, an outage or its account's other late posts. For an outage: when
    its network is probed next. None for others.
    """
    if until := _held_until(row, now) or spaced_until(row, now):
        return until
    outage = outage_of(row, now)
    return max(outage.probe_at, now) if outage else row.next_retry_at


def notes(row: WaitingRow, now: datetime) -> Iterator[str]:
    """Sentences on what the destination waits for now."""
    if until := _held_until(row, now):
        yield limit_note(row.platform, row.account_name, until)
    elif until := spaced_until(row, now):
        yield f"The post is late and begins at {format_time(until)}: {SPACING_RULE}."
    if outage := outage_of(row, now):
        yield outages.message(outage)
    if row.status == S.UNCONFIRMED:
        name, is_asked = ADAPTERS[row.platform].name, row.claim is not None
        when = f"at {format_time(row.due_at)}" if row.due_at and row.due_at > now else "now"
        when = "now" if is_asked else when
        yield f"{name} gave no answer; it is asked {when} whether the post is public."


def limit_note(platform: str, account_name: str, until: datetime) -> str:
    """Return the sentence for a post that waits for its account's rate limit."""
    name = ADAPTERS[platform].name
    return f"{name} limits {account_name}; its posts wait until {format_time(until)}."


def outage_of(row: WaitingRow, now: datetime) -> Outage | None:
    """Return the outage for whose end a destination that is due waits."""
    if row.due_at is None or row.due_at > now or row.is_begun:
        return None
    return outages.covering(outages.open_outages(), row.platform, row.account_number)


def spaced_until(row: WaitingRow, now: datetime) -> datetime | None:
    """Return when a late destination begins that waits for others of its account."""
    if row.due_at is None or row.due_at <= now or row.claim is not None:
        return None
    is_late = row.wanted_at + LATE < now and not row.attempts and not row.is_begun
    return row.due_at if is_late else None


def format_time(moment: datetime) -> str:
    """Return a time in the API's format."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _held_until(row: WaitingRow, now: datetime) -> datetime | None:
    """Return when the rate limit that holds this destination ends.

    None for drafts, attempts in progress, and destinations due after the limit's end.
    """
    if row.due_at is None or row.is_begun:
        return None
    return limited_until(row.account, max(now, row.due_at))
