"""Delete posts, and on request what is public of them on their networks.

A post whose public copies are to go is deleted here only once they are gone: by the worker that
ends the last deletion (`destinations.deleting`), for which the request waits a moment. Until then,
and if a copy cannot be deleted, the post stays and the same request goes on. What stays public
without its post is noted, so that it is not forgotten (`Deletion.Status.LEFT`).
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import transaction

from destinations.access import Reach
from destinations.deleting import deletion_request
from destinations.deleting.deletion_request import Asker
from destinations.models import Deletion, Destination
from destinations.models.deletion import OPEN
from destinations.runtime.request_waits import RequestWaitLimiter
from platforms.registry import ADAPTERS
from posts.composing import destinations, events
from posts.composing.changes import lock
from posts.composing.destinations import Author
from posts.errors import RequestRefused
from posts.models import Post

log = structlog.get_logger()
D = Deletion.Status
_room = RequestWaitLimiter()
BUSY = "It is being published or tried again; delete it once that has ended."


@dataclass(frozen=True, slots=True)
class DeletionRequest:
    """A request to delete: the post here, and what is public of it on these platforms.

    `leaves_public`: the post may be deleted here although it stays public elsewhere.
    """

    platforms: Collection[str] = ()
    leaves_public: bool = False


@dataclass(frozen=True, slots=True)
class Deleted:
    """The result of a deletion: whether the post is gone here, and the state of each copy."""

    post_id: uuid.UUID
    deleted: bool
    message: str
    deletions: Sequence[Deletion]


def delete(author: Author, post_id: uuid.UUID, options: DeletionRequest) -> Deleted:
    """Delete a post. Waits DELETE_WAIT_SECONDS at most for its networks. Raises RequestRefused."""
    if not _is_deleted(author.reach, post_id, options):
        _ask(author, post_id, options)
        if not _is_settled(post_id):
            seconds = settings.DELETE_WAIT_SECONDS
            _room.wait(author.workspace_id, seconds, lambda: _is_settled(post_id))
    return _result(author.reach, post_id, options)


def _is_deleted(reach: Reach, post_id: uuid.UUID, options: DeletionRequest) -> bool:
    """Return whether an earlier request deleted the post, with what was public of it."""
    if not options.platforms or Post.objects.filter(pk=post_id).exists():
        return False
    known = list(_deletions(reach.workspace_id, post_id))
    return bool(known) and reach.covers(each.account_number for each in known)


@transaction.atomic
def _ask(author: Author, post_id: uuid.UUID, options: DeletionRequest) -> None:
    """Delete the post, or ask for the deletion of what is public of it first."""
    post, rows = lock.lock_any(author, post_id)
    is_unbegun = post.status in _UNBEGUN or lock.is_held_untried(post, rows)
    if is_unbegun or not (options.platforms or options.leaves_public):
        lock.check_editable(post, rows, deleting=True, or_held=True)
        destinations.note_change(post, rows)
        _remove(post, author.by)
        return
    wanted = [row for row in rows if row.platform in options.platforms]
    others = [row for row in rows if row.platform not in options.platforms]
    asker = Asker(author.by, author.request_id, removes_post=True)
    try:
        deletion_request.check(rows)
        asked = deletion_request.ask(wanted, asker)
        deletion_request.unwant(others)
        if all(each.is_gone for each in asked):
            deletion_request.leave(others, Asker(author.by, author.request_id))
            _remove(post, author.by)
    except deletion_request.InProgress:
        raise RequestRefused("conflict", BUSY) from None


_UNBEGUN = (Post.Status.SCHEDULED, Post.Status.DRAFT)


def remove_if_gone(post_id: uuid.UUID) -> None:
    """Delete a post of which everything that was to go is gone, in the caller's transaction."""
    rows = list(Destination.objects.filter(post=post_id).order_by("pk").select_for_update())
    post = Post.objects.filter(pk=post_id).select_for_update().first()
    if post is None:
        return
    asked = list(Deletion.objects.filter(post_id=post_id, removes_post=True))
    if not all(each.is_gone for each in asked):
        return
    gone = {each.destination_id for each in asked}
    try:
        deletion_request.check(rows)
        deletion_request.leave(
            [row for row in rows if row.pk not in gone], Asker(asked[0].asked_by)
        )
    except deletion_request.InProgress:
        return
    _remove(post, asked[0].asked_by)


def _remove(post: Post, by: str) -> None:
    events.deleted(post)
    log.info("post_deleted", post=post.public_id, workspace=str(post.workspace_id), by=by)
    post.delete()


def _deletions(workspace_id: uuid.UUID, post_id: uuid.UUID) -> Sequence[Deletion]:
    found = Deletion.objects.filter(workspace=workspace_id, post_id=post_id)
    return list(found.order_by("account_number"))


def _is_settled(post_id: uuid.UUID) -> bool:
    """Return whether no network is to be asked any more."""
    return not Deletion.objects.filter(post_id=post_id, status__in=OPEN).exists()


def _result(reach: Reach, post_id: uuid.UUID, options: DeletionRequest) -> Deleted:
    # The post last: it is deleted together with the last deletion's end.
    deletions = _deletions(reach.workspace_id, post_id)
    is_deleted = not Post.objects.filter(pk=post_id).exists()
    asked = [each for each in deletions if each.status != D.LEFT]
    shown = [each for each in asked if each.platform in options.platforms]
    if is_deleted:
        return Deleted(post_id, True, _gone_message(deletions), shown)
    return Deleted(post_id, False, _kept_message(shown), shown)


def _gone_message(known: Sequence[Deletion]) -> str:
    gone, left = _names(known, is_gone=True), _names(known, is_gone=False)
    message = f"The post was deleted, also from {gone}." if gone else "The post was deleted."
    return f"{message} It stays public on {left}." if left else message


def _kept_message(shown: Sequence[Deletion]) -> str:
    if under_way := _names([each for each in shown if each.is_open], is_gone=False):
        return f"It is being deleted from {under_way}. Send the request again to learn the outcome."
    return (
        f"The post was kept: it is still on {_names(shown, is_gone=False)}. See each platform's "
        "error; then send the request again, or name only the other platforms."
    )


def _names(deletions: Iterable[Deletion], *, is_gone: bool) -> str:
    """Return the networks of which a copy is gone, or is not, as a list in words."""
    found = [ADAPTERS[each.platform].name for each in deletions if each.is_gone == is_gone]
    *first, last = dict.fromkeys(found) or ("",)
    return f"{', '.join(first)} and {last}" if first else last
