"""Make the posts of rules, as far ahead as AHEAD; change and withdraw those that lie ahead.

`worker` takes and locks the rules. Each post is stored together with the claim on its date.

Who changes posts ahead has locked the rule. A post that a person edited or deleted, or that has
begun, is left as it is, and so is the claim on its date.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

import structlog
from django.db import transaction

from posts.composing import compose, destinations
from posts.composing.changes import lock
from posts.composing.changes.lock import Guard
from posts.composing.destinations import Author
from posts.errors import RequestRefused
from posts.features.repeating import templates, worker
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
            worker.note_refusal(row, refused)
            row.look_at = now + worker.retry_pause(when.at - now)
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
            worker.clear_refusal(row)
            return 1
    _miss(row, when)
    return 0


@transaction.atomic
def _make(row: Recurrence, when: When) -> None:
    """Store the post of an occurrence and its claim. Raises RequestRefused."""
    author = Author(row.workspace_id, BY)
    post = compose.create(author, templates.new_post(row, when.at)).post
    limit_lateness(row, post)
    claim(row, when, post)


def limit_lateness(row: Recurrence, post: Post) -> None:
    """See that after an outage no occurrence is published together with those after it."""
    if post.scheduled_for:
        minutes = templates.rule(row).minutes_to_begin(post.scheduled_for)
        destinations.limit_lateness(post, minutes)


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


#: How a post answers that has begun, was edited, or is gone.
LEFT = ("conflict", "not_found", "post_already_published")


def rewrite(author: Author, row: Recurrence, now: datetime) -> None:
    """Make the posts ahead what the changed rule says; those that it has no more are deleted.

    Raises RequestRefused, also if one of them is being changed at this moment.
    """
    dates = {}
    for when in templates.rule(row).after(now):
        if when.at > now + AHEAD:
            break
        dates[when.date] = when.at
    ahead = _ahead(row, now)
    posts = Post.objects.in_bulk([each.post_id for each in ahead])
    for each in ahead:
        post = posts.get(each.post_id)
        if post is None:
            continue
        if each.date in dates:
            _rewrite(author, row, each, post, dates[each.date])
        elif _is_cancelled(author, each, edited_too=False):
            each.delete()


def withdraw(author: Author, row: Recurrence, now: datetime) -> int:
    """Delete the posts ahead that were not edited, and the claims on their dates."""
    gone = [each for each in _ahead(row, now) if _is_cancelled(author, each, edited_too=False)]
    Occurrence.objects.filter(pk__in=[each.pk for each in gone]).delete()
    return len(gone)


def withdraw_all(author: Author, row: Recurrence, *, keep_edited: bool) -> int:
    """Delete every post that has not begun; how many there were."""
    claims = row.occurrences.filter(post_id__isnull=False)
    waiting = Post.objects.filter(status=Post.Status.SCHEDULED, workspace=row.workspace_id)
    ids = set(waiting.filter(pk__in=claims.values("post_id")).values_list("pk", flat=True))
    found = claims.filter(post_id__in=ids).order_by("at")
    return sum(_is_cancelled(author, each, edited_too=not keep_edited) for each in found)


def _ahead(row: Recurrence, now: datetime) -> list[Occurrence]:
    return list(row.occurrences.filter(at__gt=now, post_id__isnull=False).order_by("at"))


def _rewrite(author: Author, row: Recurrence, each: Occurrence, post: Post, at: datetime) -> None:
    try:
        with transaction.atomic():
            changes = templates.changes_of(row, post, at)
            changed = compose.edit(author, post.pk, changes, Guard(seen=each.written_at))
            limit_lateness(row, changed)
    except RequestRefused as refused:
        _check_left(refused)
        return
    each.at, each.written_at = at, changed.updated_at
    each.save(update_fields=["at", "written_at"])


def _is_cancelled(author: Author, each: Occurrence, *, edited_too: bool) -> bool:
    if each.post_id is None:
        return False
    guard = lock.ANY if edited_too else Guard(seen=each.written_at)
    try:
        with transaction.atomic():
            compose.cancel(author, each.post_id, guard)
    except RequestRefused as refused:
        _check_left(refused)
        return False
    return True


def _check_left(refused: RequestRefused) -> None:
    """Raise the refusal unless the post is to be left as it is."""
    if refused.code not in LEFT or refused.message == lock.BUSY:
        raise refused
