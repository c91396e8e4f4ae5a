"""Keep late posts of an account apart: what an outage left behind does not go out all at once.

Two posts begin as far apart as they were wanted, and at most SPACING. Posts that are in time, that
were wanted at the same minute, or that a person retries, wait for no other.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from destinations.dispatch.claimed_rows import ClaimedRow
from destinations.runtime import database
from destinations.state.waiting import LATE, SPACING

#: What the order of waiting posts takes of their spacing, for each second between them.
ORDER = 1e-6
#: The lock is taken in the order of all who lock accounts.
NOTE = """
    WITH given AS (
        SELECT * FROM unnest(%(accounts)s::bigint[], %(wanted)s::timestamptz[]) AS v(id, wanted_at)
    ), locked AS (
        SELECT id FROM destinations_account WHERE id IN (SELECT id FROM given)
        ORDER BY id FOR NO KEY UPDATE
    )
    UPDATE destinations_account a SET late_began_at = %(now)s, late_wanted_at = given.wanted_at
    FROM given JOIN locked ON locked.id = given.id WHERE a.id = given.id
"""


def waits_until(row: ClaimedRow, now: datetime) -> datetime | None:
    """Return when a late row may begin; None: now."""
    account = row.account
    if not _is_late(row, now) or account is None:
        return None
    if account.late_began_at is None or account.late_wanted_at is None:
        return None
    apart = max(row.wanted_at - account.late_wanted_at, timedelta())
    if account.late_began_at > now + SPACING:
        return None  # noted while the database's clock was ahead; the next start corrects it
    until = account.late_began_at + min(apart, SPACING) + apart * ORDER
    return until if until > now else None


def note(started: Iterable[ClaimedRow], now: datetime) -> None:
    """Note which accounts began a late post."""
    late = {row.account.pk: row.wanted_at for row in started if row.account and _is_late(row, now)}
    if late:
        values = {"accounts": list(late), "wanted": list(late.values()), "now": now}
        database.execute(NOTE, values)


def _is_late(row: ClaimedRow, now: datetime) -> bool:
    is_first_try = not row.attempts and not row.is_begun
    return is_first_try and not row.is_probe and now - row.wanted_at > LATE
