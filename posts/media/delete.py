"""Delete files: on request, abandoned uploads, and stored bytes that no file names.

A file that a post still needs is kept unless the customer forces the deletion. Then its
destinations fail when they are due, and say why. A file is never dropped silently from a post,
because the post would be published without its picture. So both the post and its frozen drafts
record the deleted file, and the post cannot be changed or scheduled until the customer replaces it.
A file that is being sent right now is always kept.
"""

import uuid
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

import structlog
from django.core.files.storage import default_storage
from django.db import OperationalError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from psycopg.errors import LockNotAvailable

from destinations.access import Reach
from destinations.jobs import isolated
from destinations.models import Destination
from destinations.runtime import clock
from posts import registry
from posts.errors import RequestRefused
from posts.media import events, storage
from posts.models import Media, Post, StoredFile, Variant
from posts.read_models import queries

_QUIET = (Destination.Status.QUEUED, Destination.Status.FAILED)


class FileUser(ABC):
    """A feature's hook for files that it uses beside posts that are still to be published."""

    @abstractmethod
    def give_up(self, reach: Reach, media: Media, *, force: bool) -> None:
        """Let a file go that is about to be deleted, in the transaction that has locked its row.

        Nothing begins to use the file meanwhile: that would lock its row. Raises RequestRefused if
        it is needed and the deletion is not forced, or if what needs it is out of the key's reach.
        """


@transaction.atomic
def remove(reach: Reach, media_id: uuid.UUID, *, force: bool = False) -> None:
    """Delete a file that no post still needs; with `force`, any file.

    It leaves the file lists of posts; copies on the platforms stay. Raises RequestRefused.
    """
    # Locked first, because composing locks the files it attaches.
    media = find(reach.workspace_id, media_id, lock=True)
    posts = list(unfinished(media).order_by("created_at", "id"))
    if posts and not force:
        raise in_use(reach, posts, "Posts that are still to be published use this file.")
    for user in registry.hooks(FileUser):
        user.give_up(reach, media, force=force)
    check_reach(reach, posts)
    _mark(reach, media)
    media.attachments.all().delete()
    # Locked, so that a worker that is making one finds it gone and drops the result.
    made = list(media.variants.select_for_update().values_list("storage_key", flat=True))
    for key in (media.storage_key, media.thumbnail_key, *made):
        discard(media, key)
    events.deleted(media)
    media.delete()


def find(workspace_id: uuid.UUID, media_id: uuid.UUID, *, lock: bool = False) -> Media:
    """Raises RequestRefused."""
    rows = Media.objects.filter(workspace=workspace_id, pk=media_id)
    media = (rows.select_for_update() if lock else rows).first()
    if media is None:
        raise RequestRefused("not_found", "There is no such file.")
    return media


def unfinished(media: Media) -> QuerySet[Post]:
    """Return posts that may still send the file, including by automatic retries."""
    waiting = Destination.objects.filter(post=OuterRef("pk"), due_at__isnull=False).order_by()
    states = (Post.Status.DRAFT, Post.Status.SCHEDULED, Post.Status.PUBLISHING)
    return Post.objects.filter(Q(status__in=states) | Exists(waiting), attachments__media=media)


def discard(media: Media, key: str) -> None:
    """Delete stored bytes once the present transaction is committed."""
    if key:
        # If the storage is away or the process dies, cleanup deletes them later.
        storage.watch(media, key)
        transaction.on_commit(lambda: default_storage.delete(key), robust=True)


def in_use(reach: Reach, posts: Collection[Post], message: str) -> RequestRefused:
    """Names only the posts that the key may see."""
    seen = queries.plain_posts(reach).filter(pk__in=[post.pk for post in posts])
    visible = set(seen.values_list("pk", flat=True))
    ids = [post.public_id for post in posts if post.pk in visible]
    return RequestRefused("media_in_use", message, post_ids=ids)


def check_reach(reach: Reach, posts: Collection[Post]) -> None:
    """A key must not make posts fail that it may not see. Raises RequestRefused."""
    seen = queries.plain_posts(reach).filter(pk__in=[post.pk for post in posts]).count()
    if seen != len(posts):
        raise in_use(reach, posts, "Posts of accounts that this key may not see use this file.")


def _mark(reach: Reach, media: Media) -> None:
    """Record the deletion in every post and draft that may still be sent."""
    posts = list(Post.objects.filter(attachments__media=media))
    rows, changeable = _lock(reach, posts)
    sending = {
        row.post_id for row in rows if row.due_at and (row.claim or row.status not in _QUIET)
    }
    if sending:
        raise busy(reach, [post for post in posts if post.pk in sending])
    marked = [row for row in rows if row.status in _QUIET and _mark_draft(row, media)]
    Destination.objects.bulk_update(marked, ["draft"], batch_size=500)
    for post in changeable:
        post.deleted_files[str(media.pk)] = media.filename
    Post.objects.bulk_update(changeable, ["deleted_files"], batch_size=500)


def _lock(reach: Reach, posts: Collection[Post]) -> tuple[list[Destination], list[Post]]:
    """Lock and return all destinations of these posts, and the posts not fully published yet.

    Raises RequestRefused instead of waiting for a lock.
    """
    using = Destination.objects.filter(post__in=posts).order_by("pk")
    unpublished = Post.objects.filter(pk__in=[post.pk for post in posts]).order_by("pk")
    unpublished = unpublished.exclude(status=Post.Status.PUBLISHED)
    try:
        with transaction.atomic():
            # In the order of moves and edits, so that they cannot deadlock.
            rows = list(using.select_for_update(nowait=True))
            changeable = list(unpublished.select_for_update(nowait=True, no_key=True))
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise busy(reach, posts) from None
    # An edit may have added destinations with the file before the posts were locked.
    if {row.pk for row in rows} != set(using.values_list("pk", flat=True)):
        raise busy(reach, posts)
    return rows, changeable


def busy(reach: Reach, posts: Collection[Post]) -> RequestRefused:
    message = "A post with this file is being changed or published right now; try again later."
    return in_use(reach, posts, message)


def _mark_draft(row: Destination, media: Media) -> bool:
    """Mark the file as deleted in the frozen draft; whether the draft has it."""
    found = [item for item in row.draft["media"] if item["key"] == media.storage_key]
    for item in found:
        item["deleted"] = True
    return bool(found)


log = structlog.get_logger()

#: An upload that is not completed by then never will be; its URL expired long before.
UPLOAD_AGE = timedelta(days=1)
#: How long customers can read why a file failed.
FAILURE_AGE = timedelta(days=7)
#: By then the process that stored bytes has named them in a row, or died.
BYTES_AGE = timedelta(days=1)
BATCH = 200


def clean() -> None:
    """Delete what is old enough, at most one batch of each."""
    uploads, keys = _clean_uploads(), _clean_bytes()
    if uploads or keys:
        log.info("files_cleaned", uploads=uploads, stored=keys)


def _clean_uploads() -> int:
    """Delete files that never became ready; returns how many."""
    oldest = list(_never_ready().order_by("created_at").values_list("pk", flat=True)[:BATCH])
    return isolated.together(_delete_uploads, oldest, "clean_files")


def _never_ready() -> QuerySet[Media]:
    now = clock.now()
    given_up = Q(status=Media.Status.UPLOADING, created_at__lt=now - UPLOAD_AGE, fetch=None)
    failed = Q(status=Media.Status.FAILED, created_at__lt=now - FAILURE_AGE)
    return Media.objects.filter(given_up | failed)


@transaction.atomic
def _delete_uploads(ids: Sequence[uuid.UUID]) -> int:
    rows = _never_ready().filter(pk__in=ids).order_by("created_at")
    found = list(rows.select_for_update(skip_locked=True, of=("self",)))
    for media in found:
        discard(media, media.storage_key)
    Media.objects.filter(pk__in=[media.pk for media in found]).delete()
    return len(found)


def _clean_bytes() -> int:
    """Delete stored bytes that no file names; returns how many keys were deleted."""
    old = StoredFile.objects.filter(at__lt=clock.now() - BYTES_AGE).order_by("at")
    rows = list(old[:BATCH])
    named = _named({row.media_id for row in rows})
    loose = [row for row in rows if row.key not in named[row.media_id]]
    kept = {row.pk for row in loose if not _delete_bytes(row.key)}
    # Try again tomorrow, after all others.
    StoredFile.objects.filter(pk__in=kept).update(at=clock.now())
    StoredFile.objects.filter(pk__in={row.pk for row in rows} - kept).delete()
    return len(loose) - len(kept)


def _delete_bytes(key: str) -> bool:
    """Return whether nothing is stored there now. A key without bytes is no error."""
    try:
        default_storage.delete(key)
    except OSError as failure:
        log.warning("file_not_deleted", key=key, failure=repr(failure))
        return False
    return True


def _named(media_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, set[str]]:
    """Return the keys that each of these files names."""
    found: dict[uuid.UUID, set[str]] = defaultdict(set)
    for media in Media.objects.filter(pk__in=media_ids):
        found[media.pk] |= {media.storage_key, media.stripped_key, media.thumbnail_key}
    for pk, key in Variant.objects.filter(media__in=media_ids).values_list(
        "media_id", "storage_key"
    ):
        found[pk].add(key)
    return found
