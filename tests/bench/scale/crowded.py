"""What is much larger than its likes: a destination with a long history, a full day, drafts."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from destinations.models import Account, Destination, Event
from posts.models import Media, PostMedia, Workspace

#: In the database of full size; smaller ones have less, but as much as pages show.
EVENTS, ATTEMPTS, DAY_POSTS, DRAFTS = 10_000, 2_000, 3_000, 3_000
DAYS_AHEAD = 30

HISTORY = """
    INSERT INTO destinations_event (destination_id, at, move, from_status, to_status, by, reason,
        attempt, request_id)
    SELECT %(pk)s, now() - ({events} - n) * interval '1 minute', 'check_again', 'unconfirmed',
        'unconfirmed', 'worker:bench', 'Asked the network.', 1 + n / 5, ''
    FROM generate_series(1, {events}) AS n;
    INSERT INTO destinations_attempt (destination_id, number, wanted_at, started_at, finished_at,
        outcome, error, platform_code, platform_request_id, response, unmapped, worker)
    SELECT %(pk)s, 10 + n, now() - ({attempts} - n) * interval '5 minutes',
        now() - ({attempts} - n) * interval '5 minutes', now(), 'platform_unavailable',
        'The network answered 503.', '', '', repeat('busy ', 100), false, 'worker:bench'
    FROM generate_series(1, {attempts}) AS n
"""
TEXTS = """
    INSERT INTO posts_post (id, workspace_id, content, platform_content, status, scheduled_for,
        timezone, deleted_files, created_at, updated_at)
    SELECT gen_random_uuid(), %(workspace)s, 'Draft ' || n, '{{}}', '{status}',
        {at}, 'UTC', '{{}}', now() - n * interval '1 hour', now()
    FROM generate_series(1, {rows}) AS n
"""


class Crowded(NamedTuple):
    """Where the most is."""

    destination: Destination
    account: Account
    file: Media
    workspace: Workspace
    day: datetime


def add(share: float) -> None:
    rows = {name: max(int(share * count), 200) for name, count in _sizes().items()}
    found = find()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(HISTORY.format(**rows), {"pk": _oldest_doubtful().pk})
        workspace = {"workspace": found.workspace.pk}
        cursor.execute(TEXTS.format(status="draft", at="NULL", rows=rows["drafts"]), workspace)
        at = f"date_trunc('day', now()) + interval '{DAYS_AHEAD} days' + n * interval '20 seconds'"
        cursor.execute(TEXTS.format(status="scheduled", at=at, rows=rows["posts"]), workspace)
        cursor.execute("RESET session_replication_role")


def find() -> Crowded:
    first = PostMedia.objects.order_by("pk")[1]
    account = Account.objects.get(pk=_number_zero())
    day = timezone.now().replace(hour=0, minute=0) + timedelta(days=DAYS_AHEAD)
    longest = Event.objects.filter(move="check_again").first()
    destination = longest.destination if longest else _oldest_doubtful()
    return Crowded(destination, account, first.media, account.workspace, day)


def _sizes() -> dict[str, int]:
    return {"events": EVENTS, "attempts": ATTEMPTS, "posts": DAY_POSTS, "drafts": DRAFTS}


def _oldest_doubtful() -> Destination:
    found = Destination.objects.filter(status="failed", error_code="outcome_unknown")
    return found.earliest("updated_at")


def _number_zero() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM bench_accounts WHERE n = 0")
        return int(cursor.fetchone()[0])
