"""The only way to fetch posts and media for a workspace; everything a page needs, without N+1."""

import uuid

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from destinations.models import Destination
from destinations.reach import Reach
from destinations.reading import goes_elsewhere
from posts.models import Media, Post, PostMedia


def posts(reach: Reach) -> QuerySet[Post]:
    """The posts within reach, newest first, with their destinations and files."""
    return (
        plain_posts(reach)
        .order_by("-created_at", "id")
        .prefetch_related(
            Prefetch("destinations", Destination.objects.order_by("position", "id")),
            Prefetch("attachments", PostMedia.objects.select_related("media__workspace")),
        )
    )


def plain_posts(reach: Reach) -> QuerySet[Post]:
    """The posts within reach: those that go to accounts within reach and to no others.

    What `Reach.covers` says, in SQL.
    """
    found = Post.objects.filter(workspace=reach.workspace_id)
    if reach.only is None:
        return found
    rows = Destination.objects.filter(post=OuterRef("pk")).order_by()
    return found.filter(Exists(rows)).exclude(goes_elsewhere(reach, "pk"))


def post(reach: Reach, post_id: uuid.UUID | None) -> Post | None:
    """One post; None if there is no such post within reach."""
    return posts(reach).filter(pk=post_id).first() if post_id else None


def media(workspace_id: uuid.UUID) -> QuerySet[Media]:
    """A workspace's files, newest first."""
    rows = Media.objects.filter(workspace=workspace_id).select_related("workspace")
    return rows.order_by("-created_at", "id")
