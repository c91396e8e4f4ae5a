"""Deleting files.

What a post is still to be published from is kept, unless the customer insists: then its
destinations fail when they are due, and say why. A file is never dropped silently from a post,
because a post without its picture would be public before anybody noticed. So the post remembers the
file as well as its frozen drafts do: it is neither changed nor scheduled until somebody says which
files it has instead. What is being sent right now is kept in any case.
"""

import uuid
from collections.abc import Collection

from django.core.files.storage import default_storage
from django.db import OperationalError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from psycopg.errors import LockNotAvailable

from destinations.access import Reach
from destinations.models import Destination
from posts import queries
from posts.errors import RequestRefused
from posts.media import storage
from posts.models import Media, Post

_QUIET = (Destination.Status.QUEUED, Destination.Status.FAILED)


@transaction.atomic
def remove(reach: Reach, media_id: uuid.UUID, *, force: bool = False) -> None:
    """Delete a file that nothing is still to be published from, or any with `force`.

    Posts lose it from their list; copies on the platforms stay. Raises RequestRefused.
    """
    # Locked before looking: composing locks the files it attaches.
    media = find(reach.workspace_id, media_id, lock=True)
    posts = list(unfinished(media).order_by("created_at", "id"))
    if posts and not force:
        raise _in_use(reach, posts, "Posts that are still to be published use this file.")
    _check_reach(reach, posts)
    _mark(reach, media)
    media.attachments.all().delete()
    # Locked, so that whoever is making one finds it gone and drops it.
    made = list(media.variants.select_for_update().values_list("storage_key", flat=True))
    for key in (media.storage_key, media.thumbnail_key, *made):
        discard(media, key)
    media.delete()


def find(workspace_id: uuid.UUID, media_id: uuid.UUID, *, lock: bool = False) -> Media:
    """Raises RequestRefused."""
    rows = Media.objects.filter(workspace=workspace_id, pk=media_id)
    media = (rows.select_for_update() if lock else rows).first()
    if media is None:
        raise RequestRefused("not_found", "There is no such file.")
    return media


def unfinished(media: Media) -> QuerySet[Post]:
    """Posts that may still send the file, automatic retries included."""
    waiting = Destination.objects.filter(post=OuterRef("pk"), due_at__isnull=False).order_by()
    states = (Post.Status.DRAFT, Post.Status.SCHEDULED, Post.Status.PUBLISHING)
    return Post.objects.filter(Q(status__in=states) | Exists(waiting), attachments__media=media)


def discard(media: Media, key: str) -> None:
    """Delete stored bytes once the transaction that gave them up is committed."""
    if key:
        # A storage that is away, or a process that dies, leaves it to those who clean up.
        storage.watch(media, key)
        transaction.on_commit(lambda: default_storage.delete(key), robust=True)


def _in_use(reach: Reach, posts: Collection[Post], message: str) -> RequestRefused:
    """Names those posts that the key sees."""
    seen = queries.plain_posts(reach).filter(pk__in=[post.pk for post in posts])
    visible = set(seen.values_list("pk", flat=True))
    ids = [post.public_id for post in posts if post.pk in visible]
    return RequestRefused("media_in_use", message, post_ids=ids)


def _check_reach(reach: Reach, posts: Collection[Post]) -> None:
    """Nobody makes posts fail that they may not see. Raises RequestRefused."""
    seen = queries.plain_posts(reach).filter(pk__in=[post.pk for post in posts]).count()
    if seen != len(posts):
        raise _in_use(reach, posts, "Posts of accounts that this key does not see use this file.")


def _mark(reach: Reach, media: Media) -> None:
    """Write into every post and draft that may still be sent that this file was deleted."""
    posts = list(Post.objects.filter(attachments__media=media))
    rows, changeable = _lock(reach, posts)
    begun = {row.post_id for row in rows if row.due_at and (row.claim or row.status not in _QUIET)}
    if begun:
        raise _busy(reach, [post for post in posts if post.pk in begun])
    marked = [row for row in rows if row.status in _QUIET and _was_in(row, media)]
    Destination.objects.bulk_update(marked, ["draft"], batch_size=500)
    for post in changeable:
        post.deleted_files[str(media.pk)] = media.filename
    Post.objects.bulk_update(changeable, ["deleted_files"], batch_size=500)


def _lock(reach: Reach, posts: Collection[Post]) -> tuple[list[Destination], list[Post]]:
    """The destinations of these posts, and those of the posts that may be published yet; locked.

    Raises RequestRefused instead of waiting.
    """
    using = Destination.objects.filter(post__in=posts).order_by("pk")
    unpublished = Post.objects.filter(pk__in=[post.pk for post in posts]).order_by("pk")
    unpublished = unpublished.exclude(status=Post.Status.PUBLISHED)
    try:
        with transaction.atomic():
            # In the order of moves and edits, so that nobody waits for each other.
            rows = list(using.select_for_update(nowait=True))
            changeable = list(unpublished.select_for_update(nowait=True, no_key=True))
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise _busy(reach, posts) from None
    # An edit may have added some before the posts were locked; they have the file too.
    if {row.pk for row in rows} != set(using.values_list("pk", flat=True)):
        raise _busy(reach, posts)
    return rows, changeable


def _busy(reach: Reach, posts: Collection[Post]) -> RequestRefused:
    message = "A post with this file is being changed or published right now; try later."
    return _in_use(reach, posts, message)


def _was_in(row: Destination, media: Media) -> bool:
    """Whether the frozen draft has the file; marked there as deleted."""
    found = [item for item in row.draft["media"] if item["key"] == media.storage_key]
    for item in found:
        item["deleted"] = True
    return bool(found)
