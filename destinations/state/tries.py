"""Note how tries end, and tell what those without an answer prove.

They are kept in a table of their own, for some minutes: events of other networks do not hide them.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from destinations.models import Account, UnansweredTry
from destinations.runtime import database
from destinations.state import outages
from platforms.registry import ADAPTERS

#: So many tries, and how old they may be. One post alone can make them: a policy tries three times
#: a round, and begins the next round after 15 minutes.
ROW, WITHIN = 5, timedelta(minutes=20)
#: For so long a network counts as reached.
LATELY = timedelta(minutes=1)
#: The latest tries among which those of several workspaces are looked for.
LATEST = 100
#: Statuses with which a gateway says that nothing answered behind it; None: nothing answered us.
#: Others, such as 500, may be about the post: several posts must have got them.
NO_ANSWER = (None, 502, 503, 504)
#: The one readable refusal that is no answer: the gateway has not received the whole request.
REQUEST_TIMEOUT = 408
#: A try that was sent and got no readable answer.
LOST = "lost"
FAILURES = (*outages.CODES, LOST)
#: Outcomes that say nothing about the network: it was not asked to publish, or could not be.
SILENT = ("", "not_published", "media_host_away", "internal_error", "address_refused")

RECORD = """
    WITH old AS (DELETE FROM destinations_unansweredtry WHERE platform = %s AND at < %s)
    INSERT INTO destinations_unansweredtry (platform, account_number, workspace_id, destination_id,
        attempt, at, http_status, outcome, is_unreachable, in_outage)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (destination_id, attempt) DO NOTHING
"""
# Whether an account, or any of a network, got an answer since then: a post, or a readable refusal.
IS_ANSWERED = """
    SELECT EXISTS (
        SELECT FROM destinations_account a
        WHERE a.platform = %(platform)s AND (%(account)s::bigint IS NULL OR a.id = %(account)s)
          AND (EXISTS (
            SELECT FROM destinations_destination d
            WHERE d.account_id = a.id AND d.published_at > %(since)s
          ) OR EXISTS (
            SELECT FROM destinations_destination d
            JOIN destinations_attempt t ON t.destination_id = d.id AND t.number = d.attempts
            WHERE d.account_id = a.id AND d.error_code <> '' AND d.updated_at > %(since)s
              AND t.finished_at > %(since)s AND t.http_status BETWEEN 200 AND 499
              AND t.http_status <> %(time_out)s
              AND (t.http_status >= 400 OR t.outcome <> ALL(%(failures)s))
          ))
    )
"""


class Try(NamedTuple):
    """How one try ended."""

    platform: str
    account: int
    workspace: uuid.UUID
    destination: uuid.UUID
    attempt: int
    outcome: str
    http_status: int | None
    #: Whether the network could not be reached, or did not even answer a read.
    is_unreachable: bool

    @property
    def is_failure(self) -> bool:
        status = self.http_status or 0
        is_refusal = 400 <= status < 500 and status != REQUEST_TIMEOUT
        return self.outcome in FAILURES and not is_refusal

    @property
    def is_silent(self) -> bool:
        return self.outcome in SILENT


def record(tried: Try, now: datetime, *, in_outage: bool) -> None:
    """Note a try that got no answer, and forget the network's old ones."""
    values = (*tried[:5], now, tried.http_status, tried.outcome, tried.is_unreachable, in_outage)
    database.execute(RECORD, [tried.platform, now - WITHIN, *values])


def is_reached(platform: str, now: datetime) -> bool:
    """Return whether a post failed lately at a network that could be reached."""
    lately = UnansweredTry.objects.filter(platform=platform, at__gt=now - LATELY)
    return lately.filter(is_unreachable=False).exists()


def is_down(platform: str, now: datetime) -> bool:
    """Return whether the latest tries prove that a network is down for all accounts."""
    if not ADAPTERS[platform].has_one_server:
        return False
    row = _naming_the_network(_latest(now, platform=platform), platform)
    return bool(row) and not _is_answered(row, platform)


def is_down_for(tried: Try, now: datetime) -> bool:
    """Return whether the network is down for the account of this try."""
    row = _latest(now, account_number=tried.account)[:ROW]
    return _proves(row) and not _is_answered(row, tried.platform, tried.account)


def _latest(now: datetime, **of: object) -> list[UnansweredTry]:
    found = UnansweredTry.objects.filter(at__gt=now - WITHIN, in_outage=False, **of)
    found = found.order_by("-at", "-pk")
    return list(found[:LATEST])


def _naming_the_network(tries: Sequence[UnansweredTry], platform: str) -> Sequence[UnansweredTry]:
    """Return the fewest of these tries, the latest first, that prove it is down; or none."""
    one_posts = len(tries) >= ROW and _one_workspace_posts(platform)
    for count in range(ROW, len(tries) + 1):
        row = tries[:count]
        accounts = {each.account_number for each in row}
        workspaces = {each.workspace_id for each in row}
        is_of_network = one_posts or len(workspaces) > 1 or all(e.is_unreachable for e in row)
        if len(accounts) > 1 and is_of_network and _proves(row):
            return row
    return []


def _one_workspace_posts(platform: str) -> bool:
    accounts = Account.objects.filter(platform=platform, is_active=True).order_by()
    return len(accounts.values_list("workspace", flat=True).distinct()[:2]) < 2


def _proves(row: Sequence[UnansweredTry]) -> bool:
    """Return whether these tries are enough, and not all about one post."""
    if len(row) < ROW:
        return False
    is_unanswered = any(e.outcome != "deadline" and e.http_status in NO_ANSWER for e in row)
    return is_unanswered or len({each.destination_id for each in row}) > 1


def _is_answered(row: Sequence[UnansweredTry], platform: str, account: int | None = None) -> bool:
    """Return whether any account, or this one, got an answer since the first of these tries."""
    values = {
        "platform": platform,
        "account": account,
        "since": row[-1].at,
        "time_out": REQUEST_TIMEOUT,
        "failures": list(FAILURES),
    }
    [(found,)] = database.execute(IS_ANSWERED, values)
    return bool(found)
