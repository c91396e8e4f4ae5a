"""Accounts whose newest tokens a restored database lacks, until they have them again."""

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Greatest

from destinations.accounts.tokens import newest, stored
from destinations.models import Account
from destinations.runtime import clock
from destinations.runtime.redis_client import client

log = structlog.get_logger()

#: In Redis: when they were missed, and the accounts' numbers.
KEY = "dovecote:lost_tokens"
#: Between the clocks of two hosts, and for refreshes that the last commits lack.
SLACK = timedelta(minutes=1)


def note(since: datetime, **_: Any) -> None:
    """Find whose tokens are older here than what Redis noted since then. Raises RedisError."""
    noted = {each.account_id: each for each in newest.since(since - SLACK)}
    rows = [(row, stored.read(row)) for row in Account.objects.filter(pk__in=noted).order_by("pk")]
    lost = [row.pk for row, held in rows if held and noted[row.pk].follows(held)]
    if not lost:
        return
    kept = json.dumps([clock.now().isoformat(), lost])
    client(settings.REDIS_URL).set(KEY, kept, ex=newest.KEPT_SECONDS)
    log.error("tokens_forgotten", since=since.isoformat(), accounts=lost)


def forget(numbers: Collection[int]) -> None:
    """Leave out accounts that are erased. Raises RedisError."""
    kept: Any = client(settings.REDIS_URL).get(KEY)
    at, missed = json.loads(kept) if kept else ("", [])
    if set(missed) & set(numbers):
        left = json.dumps([at, [each for each in missed if each not in numbers]])
        client(settings.REDIS_URL).set(KEY, left, keepttl=True)


def accounts() -> list[Account]:
    """Return those that have neither refreshed nor reconnected since. Raises RedisError."""
    kept: Any = client(settings.REDIS_URL).get(KEY)
    if not kept:
        return []
    at, numbers = json.loads(kept)
    # PostgreSQL's GREATEST ignores nulls.
    rows = Account.objects.alias(given_at=Greatest(F("token_refreshed_at"), F("connected_at")))
    still = Q(given_at=None) | Q(given_at__lt=datetime.fromisoformat(at))
    found = rows.filter(still, pk__in=numbers).order_by("pk")
    return list(found.only("name", "platform", "workspace"))
