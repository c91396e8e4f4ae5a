"""Writing attempts: begun before the network is asked, closed once."""

import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from destinations.models import Attempt

SENT = """
UPDATE destinations_attempt a SET sent_at = %s, answered_at = NULL
FROM unnest(%s::uuid[], %s::integer[]) AS v(destination_id, number)
WHERE a.destination_id = v.destination_id AND a.number = v.number
"""
NOTE = """
UPDATE destinations_attempt a SET
    answered_at = CASE WHEN v.answered THEN COALESCE(a.answered_at, v.at) ELSE a.answered_at END,
    finished_at = CASE WHEN v.finished THEN v.at END,
    outcome = v.outcome, error = v.error, platform_code = v.platform_code,
    http_status = v.http_status, platform_request_id = v.platform_request_id,
    response = v.response, unmapped = v.unmapped
FROM jsonb_to_recordset(%s::jsonb) AS v(
    destination_id uuid, number integer, at timestamptz, answered boolean, finished boolean,
    outcome text, error text, platform_code text, http_status smallint,
    platform_request_id text, response text, unmapped boolean)
WHERE a.destination_id = v.destination_id AND a.number = v.number AND a.finished_at IS NULL
"""
# What has left and was not answered may have made a second post.
OVERTAKE = """
UPDATE destinations_attempt SET
    finished_at = %s,
    outcome = CASE WHEN sent_at IS NOT NULL AND answered_at IS NULL
              THEN 'outcome_unknown' ELSE 'not_published' END,
    error = 'An earlier try turned out to be public.'
WHERE destination_id = ANY(%s) AND finished_at IS NULL
"""


def begin(rows: Iterable[Attempt]) -> None:
    Attempt.objects.bulk_create(rows)


def sent(keys: Iterable[tuple[uuid.UUID, int]], at: datetime) -> None:
    """The irreversible call of these (destination, number) is about to leave."""
    pairs = list(keys)
    if pairs:
        ids, numbers = zip(*pairs, strict=True)
        with connection.cursor() as cursor:
            cursor.execute(SENT, [at, list(ids), list(numbers)])


def overtake(destinations: Iterable[uuid.UUID], at: datetime) -> None:
    """Close what is still open of these: an earlier try was proven to be public."""
    with connection.cursor() as cursor:
        cursor.execute(OVERTAKE, [at, list(destinations)])


def note(notes: Iterable[Mapping[str, Any]]) -> None:
    """Write down what is known of attempts; `finished` ones are closed for good."""
    rows = list(notes)
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(NOTE, [json.dumps(rows, default=str)])
