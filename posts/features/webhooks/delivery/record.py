"""Write what came of attempts, many in one transaction, and decide when a failed one is tried
again.

Guarded by the claim: a worker whose lease has ended, because it stood still, changes nothing that
another one has taken over. The delivery, its log and its webhook change together.
"""

import json
import random
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import structlog

from destinations.runtime import database
from posts.features.webhooks.delivery.claims import ClaimedDelivery
from posts.features.webhooks.delivery.sending import ReceiverAnswer

log = structlog.get_logger()

#: The totals' names of the ways in which an attempt ends.
OUTCOMES = {"success": "success", "waiting": "retried", "failed": "failed"}
#: A webhook is switched off after so many failed attempts in a row, if none has succeeded for so
#: long: a receiver that is down for a night keeps its webhook.
MOST_FAILURES = 20
PATIENCE = timedelta(days=3)

ENDED = """
    WITH v AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS v(
            id uuid, claim uuid, status text, next_attempt_at timestamptz, url text,
            request_headers jsonb, status_code smallint, response_body text, error text,
            duration_ms integer, attempted_at timestamptz)
    ), held AS MATERIALIZED (
        SELECT d.id FROM posts_webhookdelivery d JOIN v ON v.id = d.id AND v.claim = d.claim
        ORDER BY d.id FOR UPDATE OF d
    ), ended AS (
        UPDATE posts_webhookdelivery d
        SET status = v.status, due_at = v.next_attempt_at, next_attempt_at = v.next_attempt_at,
            claim = NULL, attempts = d.attempts + 1, tries = d.tries + 1
        FROM v JOIN held ON held.id = v.id WHERE d.id = v.id
        RETURNING d.id, d.attempts
    ), logged AS (
        INSERT INTO posts_webhookattempt (delivery_id, attempt_number, status, url,
            request_headers, status_code, response_body, error, duration_ms, attempted_at,
            next_attempt_at)
        SELECT ended.id, ended.attempts, v.status, v.url, v.request_headers, v.status_code,
            v.response_body, v.error, v.duration_ms, v.attempted_at, v.next_attempt_at
        FROM ended JOIN v ON v.id = ended.id ORDER BY v.attempted_at
    )
    SELECT id FROM ended
"""
# Locked in the order of their ids, so that no two workers wait for each other.
WEBHOOKS = """
    WITH v AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS v(
            id uuid, failures integer, is_gone boolean, at timestamptz, failed_at timestamptz,
            succeeded_at timestamptz)
    ), locked AS MATERIALIZED (
        SELECT w.id, w.is_active, v.at, v.failed_at, v.is_gone,
            GREATEST(w.last_success_at, v.succeeded_at) AS succeeded_at,
            COALESCE(w.last_success_at, w.created_at) AS patient_from, v.succeeded_at IS NULL
                AS only_failed,
            v.failures + CASE WHEN v.succeeded_at IS NULL THEN w.consecutive_failures ELSE 0 END
                AS failures
        FROM posts_webhook w JOIN v ON v.id = w.id ORDER BY w.id FOR NO KEY UPDATE OF w
    ), judged AS (
        SELECT *, is_active AND (is_gone OR (only_failed AND failures >= %(most)s
            AND patient_from <= %(at)s::timestamptz - %(patience)s::interval)) AS is_over
        FROM locked
    )
    UPDATE posts_webhook w
    SET consecutive_failures = j.failures,
        last_delivery_at = GREATEST(w.last_delivery_at, j.at),
        last_success_at = j.succeeded_at,
        last_failure_at = GREATEST(w.last_failure_at, j.failed_at),
        is_active = w.is_active AND NOT j.is_over,
        auto_disabled_at = CASE WHEN j.is_over THEN %(at)s ELSE w.auto_disabled_at END
    FROM judged j WHERE w.id = j.id
    RETURNING w.id, w.workspace_id, j.failures, j.is_gone, j.is_over
"""
TOTALS = """
    INSERT INTO posts_webhooktotal AS t (outcome, count)
    SELECT * FROM unnest(%(outcomes)s::text[], %(counts)s::bigint[]) AS v(outcome, count)
    ORDER BY outcome
    ON CONFLICT (outcome) DO UPDATE SET count = t.count + EXCLUDED.count
"""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt that has ended: when it began, what was sent, what came back."""

    claimed: ClaimedDelivery
    at: datetime
    headers: Mapping[str, str]
    answer: ReceiverAnswer

    def row(self, now: datetime) -> dict[str, Any]:
        """Return its columns, with what follows."""
        answer, next_at = self.answer, self._next_at(now)
        waits = "waiting" if next_at else "failed"
        return {
            "id": self.claimed.id,
            "claim": self.claimed.claim,
            "status": "success" if answer.is_success else waits,
            "next_attempt_at": next_at,
            "url": self.claimed.url,
            "request_headers": dict(self.headers),
            "status_code": answer.status,
            "response_body": answer.body,
            "error": answer.error,
            "duration_ms": answer.duration_ms,
            "attempted_at": self.at,
        }

    def _next_at(self, now: datetime) -> datetime | None:
        if self.answer.is_success or self.answer.is_unsendable:
            return None
        asked = asked_seconds(self.answer.retry_after, now)
        delay = delay_seconds(self.claimed.tries + 1, self.answer.status, asked)
        return None if delay is None else now + timedelta(seconds=delay)


def record(attempts: Sequence[Attempt], now: datetime) -> None:
    """Record these in the caller's transaction, without those whose claim is no longer ours."""
    rows = {attempt.claimed.id: attempt.row(now) for attempt in attempts}
    held = {pk for (pk,) in database.execute_prepared(ENDED, {"rows": _json(rows.values())})}
    ours = [attempt for attempt in attempts if attempt.claimed.id in held]
    if not ours:
        return
    _tell_webhooks([each for each in ours if not each.answer.is_unsendable], now)
    outcomes = Counter(OUTCOMES[rows[attempt.claimed.id]["status"]] for attempt in ours)
    values = {"outcomes": list(outcomes), "counts": list(outcomes.values())}
    database.execute_prepared(TOTALS, values)


def _tell_webhooks(attempts: Iterable[Attempt], now: datetime) -> None:
    of_webhook: dict[uuid.UUID, list[Attempt]] = defaultdict(list)
    for attempt in sorted(attempts, key=lambda attempt: attempt.at):
        of_webhook[attempt.claimed.webhook_id].append(attempt)
    values = {
        "rows": _json(_sums(pk, group) for pk, group in of_webhook.items()),
        "at": now,
        "most": MOST_FAILURES,
        "patience": f"{PATIENCE.days} days",
    }
    for pk, workspace_id, failures, is_gone, is_over in database.execute_prepared(WEBHOOKS, values):
        if is_over:
            log.warning(
                "webhook_disabled",
                webhook=str(pk),
                workspace=str(workspace_id),
                consecutive_failures=failures,
                reason="it answered 410 Gone" if is_gone else "nothing succeeded for three days",
            )


def _sums(pk: uuid.UUID, attempts: Sequence[Attempt]) -> dict[str, Any]:
    """Return what a webhook's attempts, in their order, change on it."""
    succeeded = [index for index, each in enumerate(attempts) if each.answer.is_success]
    failed = [each.at for each in attempts if not each.answer.is_success]
    return {
        "id": pk,
        "failures": len(attempts) - 1 - succeeded[-1] if succeeded else len(attempts),
        "is_gone": any(each.answer.status == GONE for each in attempts),
        "at": attempts[-1].at,
        "failed_at": failed[-1] if failed else None,
        "succeeded_at": attempts[succeeded[-1]].at if succeeded else None,
    }


def _json(rows: Iterable[Mapping[str, Any]]) -> str:
    return json.dumps(list(rows), default=str)


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
