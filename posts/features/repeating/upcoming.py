"""The posts of a rule that lie ahead: changing and withdrawing them.

The caller has locked the rule. A post that a person edited or deleted, or that has begun, is left
as it is, and so is the claim on its date.
"""

from datetime import datetime

from django.db import transaction

from posts.composing import compose, lock
from posts.composing.destinations import Author
from posts.composing.lock import Guard
from posts.errors import RequestRefused
from posts.features.repeating import materialise, templates
from posts.features.repeating.models import Occurrence, Recurrence
from posts.models import Post

#: How a post answers that has begun, was edited, or is gone.
LEFT = ("conflict", "not_found", "post_already_published")


def rewrite(author: Author, row: Recurrence, now: datetime) -> None:
    """Make the posts ahead what the changed rule says; those that it has no more are deleted.

    Raises RequestRefused, also if one of them is being changed at this moment.
    """
    dates = {}
    for when in templates.rule(row).after(now):
        if when.at > now + materialise.AHEAD:
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
