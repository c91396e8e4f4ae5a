"""The only way to fetch posts and media for a workspace; everything a page needs, without N+1."""

import uuid

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from destinations.models import Destination
from posts.models import Media, Post, PostMedia


def posts(workspace_id: uuid.UUID) -> QuerySet[Post]:
    """A workspace's posts, newest first, with their destinations and files."""
    return (
        Post.objects.filter(workspace=workspace_id)
        .order_by("-created_at", "id")
        .prefetch_related(
            Prefetch("destinations", Destination.objects.order_by("position", "id")),
            Prefetch("attachments", PostMedia.objects.select_related("media")),
        )
    )


def going_to(found: QuerySet[Post], platform: str) -> QuerySet[Post]:
    """Those posts that have a destination on this platform."""
    there = Destination.objects.filter(post=OuterRef("pk"), platform=platform).order_by()
    return found.filter(Exists(there))


def post(workspace_id: uuid.UUID, post_id: uuid.UUID | None) -> Post | None:
    """One post of the workspace; None if there is no such post there."""
    return posts(workspace_id).filter(pk=post_id).first() if post_id else None


def media(workspace_id: uuid.UUID) -> QuerySet[Media]:
    """A workspace's files, newest first."""
    return Media.objects.filter(workspace=workspace_id).order_by("-created_at", "id")
