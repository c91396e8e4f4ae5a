"""The only way to fetch posts and media for a workspace; everything a page needs, without N+1."""

import uuid

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from destinations.access import few_posts, goes_elsewhere
from destinations.models import Destination
from destinations.reach import Reach
from posts.models import Media, Post, PostMedia

#: How many posts are found by their ids.
FEW = 2_000


def posts(reach: Reach) -> QuerySet[Post]:
    """The posts within reach, newest first, with their destinations and files."""
    return _with_rows(plain_posts(reach))


def listed_posts(reach: Reach) -> QuerySet[Post]:
    """The same, for a page of them."""
    return _with_rows(counted_posts(reach))


def _with_rows(found: QuerySet[Post]) -> QuerySet[Post]:
    return found.order_by("-created_at", "id").prefetch_related(
        Prefetch("destinations", Destination.objects.order_by("position", "id")),
        Prefetch("attachments", PostMedia.objects.select_related("media")),
    )


def plain_posts(reach: Reach) -> QuerySet[Post]:
    """The posts within reach: those that go to accounts within reach and to no others.

    What `Reach.covers` says, in SQL.
    """
    found = Post.objects.filter(workspace=reach.workspace_id)
    if reach.only is None:
        return found
    rows = Destination.objects.filter(post=OuterRef("pk"), account__in=reach.only).order_by()
    return found.filter(Exists(rows)).exclude(goes_elsewhere(reach, "pk"))


def counted_posts(reach: Reach) -> QuerySet[Post]:
    """The posts within reach, to be listed or counted: by their ids, where these are few.

    Else the workspace's newest are looked through until a page is full, which reads all of them for
    an account that has none.
    """
    few = None if reach.only is None else few_posts(reach, FEW)
    return plain_posts(reach) if few is None else Post.objects.filter(pk__in=few)


def post(reach: Reach, post_id: uuid.UUID | None) -> Post | None:
    """One post; None if there is no such post within reach."""
    return posts(reach).filter(pk=post_id).first() if post_id else None


def media(workspace_id: uuid.UUID) -> QuerySet[Media]:
    """A workspace's files, newest first."""
    rows = Media.objects.filter(workspace=workspace_id).select_related("workspace")
    return rows.order_by("-created_at", "id")
