"""Write attempts: opened before the network is called, closed once.

The usual writes are part of the statement that moves the destination. So an attempt costs no round
trip of its own, and is left alone if the destination is no longer ours.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from destinations.models import Attempt
from platforms.errors import OutcomeUnknown

#: Outcomes that are no failures.
NO_FAILURES = ("", "published", "unfinished", "rate_limited", "daily_limit_reached")
BEFORE = " Before that: "
#: How much of the earlier error is kept. Adapters put what is public first.
BEFORE_CHARS = 1000


@dataclass(frozen=True, slots=True)
class AttemptUpdate:
    """News about an attempt. `finished` closes it for good."""

    answered: bool = False
    finished: bool = False
    outcome: str = ""
    error: str = ""
    platform_code: str = ""
    http_status: int | None = None
    platform_request_id: str = ""
    response: str = ""
    unmapped: bool = False


#: Opens an attempt for every row of `moved`.
OPEN = """
    INSERT INTO destinations_attempt (destination_id, number, wanted_at, started_at, worker,
        outcome, error, platform_code, platform_request_id, response, unmapped)
    SELECT id, attempts, wanted_at, %(at)s, regexp_replace(%(by)s::text, '^worker:', ''),
        '', '', '', '', '', false
    FROM moved
"""

#: This worker goes on with the open attempt of every row of `moved`.
CONTINUE = """
    UPDATE destinations_attempt a SET worker = regexp_replace(%(by)s::text, '^worker:', '')
    FROM moved
    WHERE a.destination_id = moved.id AND a.number = moved.attempts
      AND a.finished_at IS NULL
      AND a.worker <> regexp_replace(%(by)s::text, '^worker:', '')
"""

#: Stores the `attempt_update` of every row of `moved` that has one.
UPDATE = """
    UPDATE destinations_attempt a SET
        worker = COALESCE(substring(%(by)s::text FROM '^worker:(.*)'), a.worker),
        answered_at = CASE WHEN u.answered THEN COALESCE(a.answered_at, %(at)s)
                      ELSE a.answered_at END,
        finished_at = CASE WHEN u.finished THEN %(at)s END,
        -- What was said of a lost answer stays until the attempt is closed.
        error = CASE WHEN u.finished OR u.error <> '' THEN u.error ELSE a.error END,
        outcome = u.outcome, platform_code = u.platform_code,
        http_status = u.http_status, platform_request_id = u.platform_request_id,
        response = u.response, unmapped = u.unmapped
    FROM moved, jsonb_to_record(moved.attempt_update) AS u(
        answered boolean, finished boolean, outcome text, error text, platform_code text,
        http_status smallint, platform_request_id text, response text, unmapped boolean)
    WHERE moved.attempt_update IS NOT NULL AND a.finished_at IS NULL
      AND a.destination_id = moved.id AND a.number = moved.attempt
"""

#: For every row of `saved`: its irreversible call is about to be sent, or was answered.
SENT = """
    UPDATE destinations_attempt a SET
        sent_at = CASE WHEN saved.sending THEN %(at)s ELSE a.sent_at END,
        answered_at = CASE WHEN NOT saved.sending THEN COALESCE(a.answered_at, %(at)s) END
    FROM saved
    WHERE (saved.sending OR saved.answered AND a.finished_at IS NULL)
      AND a.destination_id = saved.id AND a.number = saved.attempt
"""

# An attempt that was sent and not answered may have made a second post.
SUPERSEDE = """
UPDATE destinations_attempt SET
    finished_at = %s,
    outcome = CASE WHEN sent_at IS NOT NULL AND answered_at IS NULL
              THEN 'outcome_unknown' ELSE 'not_published' END,
    error = 'An earlier attempt was published.'
WHERE destination_id = ANY(%s) AND finished_at IS NULL
"""


def supersede(destinations: Iterable[uuid.UUID], at: datetime) -> None:
    """Close the open attempts of these destinations: an earlier attempt was published."""
    with connection.cursor() as cursor:
        cursor.execute(SUPERSEDE, [at, list(destinations)])


def with_previous_error(message: str, previous: str) -> str:
    """Return the message, and after it what an earlier try said; of several, the first.

    An earlier try may have said that a part of the post is public, and where. Adapters repeat it.
    What ends a destination without asking the network repeats it here: otherwise the customer would
    believe that nothing is public.
    """
    first = previous.rpartition(BEFORE)[2][:BEFORE_CHARS]
    return f"{message}{BEFORE}{first}" if first else message


def last_error(pk: uuid.UUID, attempt_count: int, error: str) -> str:
    """Return the error of the last try; blank if there is none. `error` is its present one.

    Unknown outcomes are left out: a person resolved them, or there would be no new try.
    """
    if error or not attempt_count:
        return error
    tries = Attempt.objects.filter(destination=pk).exclude(error="").order_by("-number")
    resolved = tries.exclude(outcome=OutcomeUnknown.default_code)
    return resolved.values_list("error", flat=True).first() or ""
