"""A bad nine o'clock, as rows: what the overview must tell, and what its screenshots show."""

import uuid
from datetime import timedelta

from django.utils import timezone

from destinations.models import DurationHistogram, OutcomeCount
from destinations.statistics.histogram import BOUNDS
from platforms.registry import ADAPTERS
from tests.factories import make_account, make_post, make_workspace

Kind = OutcomeCount.Kind


def make(every: int = 5) -> None:
    """Facebook is down, Threads holds, videos are late, an account is lost, two may be live.

    The day before has a number for each network in each `every` minutes.
    """
    now, acme, shop = timezone.now(), make_workspace("Acme"), make_workspace("Corner shop")
    minutes(now, every)
    for number in range(6):
        page = make_account(acme, "facebook", name=f"Acme {number}")
        later = now + timedelta(seconds=50)
        waits = {"begun_at": now, "next_retry_at": later, "error_code": "platform_unavailable"}
        make_post(
            [acme, shop][number % 2],
            [page],
            status="failed",
            due_at=later,
            wanted_at=later,
            **waits,
        )
        fail(acme, page, "platform_unavailable", "Facebook answered 503 Service Unavailable.")
    for _ in range(2):
        fail(acme, make_account(acme, "x"), "outcome_unknown", "X did not answer. It may be live.")
    lost = make_account(shop, "linkedin", name="Corner shop", needs_reconnection_since=now)
    fail(shop, lost, "account_needs_reconnection", "LinkedIn ended the authorization.")
    held = make_account(shop, "threads", held_until=now + timedelta(minutes=20))
    make_post(shop, [held], wanted_at=now - timedelta(minutes=3))
    for number in range(4):
        video = {"claim": uuid.uuid4(), "queue": "publish.youtube.upload"}
        wanted = now - timedelta(seconds=100 + 40 * number)
        account = make_account(acme, "youtube")
        make_post(acme, [account], wanted_at=wanted, due_at=now + timedelta(seconds=30), **video)


def fail(workspace, account, code: str, error: str) -> None:
    fields = {"error_code": code, "error": error, "attempts": 3, "due_at": None}
    make_post(workspace, [account], content="Autumn sale: 20 % off", status="failed", **fields)


def minutes(now, every: int) -> None:
    """A day of ordinary minutes, and Facebook down in the last ones."""
    this = now.replace(second=0, microsecond=0)
    outcomes, lags = [], []
    for step in range(0, 24 * 60, every):
        minute = this - timedelta(minutes=step)
        busy = 1 + 60 // (1 + minute.minute)
        for place, key in enumerate(ADAPTERS):
            is_down = key == "facebook" and step < 10
            count = (5 + 3 * place) * busy
            good = OutcomeCount(
                minute=minute,
                platform=key,
                kind=Kind.PUBLISHED,
                count=count // (25 if is_down else 1),
            )
            bad = OutcomeCount(
                minute=minute,
                platform=key,
                kind=Kind.RETRIED,
                code="platform_unavailable",
                count=count if is_down else count // 20,
                lowest_account=1,
                highest_account=2,
            )
            outcomes += [row for row in (good, bad) if row.count]
            counts = [0] * (len(BOUNDS) + 1)
            counts[2], counts[6 + place] = count, count // 8
            lags.append(
                DurationHistogram(
                    minute=minute, platform=key, measure="lag", counts=counts, seconds=count
                )
            )
    OutcomeCount.objects.bulk_create(outcomes)
    DurationHistogram.objects.bulk_create(lags)
