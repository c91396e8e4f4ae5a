"""Makes the posts of rules, as far ahead as AHEAD.

`worker` takes and locks the rules. Each post is stored together with the claim on its date.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

import structlog
from django.db import transaction

from posts.composing import compose
from posts.composing.destinations import Author
from posts.errors import RequestRefused
from posts.features.repeating import problems, templates, worker
from posts.features.repeating.models import Occurrence, Recurrence
from posts.features.repeating.rules import MARGIN, Rule, When
from posts.models import Post

log = structlog.get_logger()

AHEAD = timedelta(days=90)
#: How many posts one transaction makes.
BATCH = 20
#: Who makes the posts, in their events.
BY = "recurrence"
#: Of an occurrence that came due before it was made, and nothing is known to be wrong.
LATE = "It came due before its post was made; nothing is published late."


def run() -> int:
    """Make what is to be made, for a while; how many posts were made."""
    return worker.run(Recurrence, advance)


def advance(row: Recurrence, now: datetime, most: int = BATCH) -> int:
    """Deal with the next occurrences of a locked rule, and save it; how many posts were made.

    Stops at one that cannot be made: then the others cannot either. It is tried again while its
    time is ahead.
    """
    rule, made, left = templates.rule(row), 0, most
    for when in islice(_open(row, rule, now), most):
        try:
            made += _settle(row, when, now)
        except RequestRefused as refused:
            problems.note(row, refused)
            row.look_at = now + problems.pause(when.at - now)
            break
        row.settled_until = when.at
        left -= 1
    else:
        row.look_at = now if not left else _settled(row, rule, now)
    row.save()
    return made


def _settled(row: Recurrence, rule: Rule, now: datetime) -> datetime | None:
    """Settle a rule of which nothing is open; return when its next occurrence comes near."""
    row.settled_until = max(row.settled_until, now + AHEAD)
    following = rule.next(row.settled_until)
    return following.at - AHEAD if following else None


def _open(row: Recurrence, rule: Rule, now: datetime) -> Iterator[When]:
    """Yield the occurrences that are not settled, up to AHEAD."""
    horizon = now + AHEAD
    # An occurrence that was claimed is skipped, also where the rule was changed since: by its date,
    # because what was public at ten may be wanted at three now.
    since = (row.settled_until - MARGIN).astimezone(rule.zone).date()
    claimed = set(row.occurrences.filter(date__gte=since).values_list("date", flat=True))
    for when in rule.after(row.settled_until):
        if when.at > horizon:
            return
        if when.date not in claimed:
            yield when


def _settle(row: Recurrence, when: When, now: datetime) -> int:
    """Return how many posts were made of an occurrence: one, or none if its time is past.

    Raises RequestRefused.
    """
    if when.at > now:
        try:
            _make(row, when)
        except RequestRefused as refused:
            if refused.code != "past_schedule_time":
                raise
        else:
            problems.clear(row)
            return 1
    _miss(row, when)
    return 0


@transaction.atomic
def _make(row: Recurrence, when: When) -> None:
    """Store the post of an occurrence and its claim. Raises RequestRefused."""
    author = Author(row.workspace_id, BY)
    post = compose.create(author, templates.new_post(row, when.at)).post
    claim(row, when, post)


def claim(row: Recurrence, when: When, post: Post) -> None:
    Occurrence.objects.create(
        recurrence=row,
        date=when.date,
        at=when.at,
        post_id=post.pk,
        written_at=post.updated_at,
    )


def _miss(row: Recurrence, when: When) -> None:
    reason = row.problem or LATE
    Occurrence.objects.create(recurrence=row, date=when.date, at=when.at, missed_because=reason)
    log.warning("occurrence_missed", recurrence=str(row.pk), date=str(when.date), reason=reason)
