"""Storage quotas of workspaces, counted in the bytes of the original files."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db.models import Q, QuerySet, Sum

from destinations.runtime import clock
from posts.errors import RequestRefused
from posts.models import Media, Workspace

#: How long an upload URL works, and how long an announced size counts before the bytes arrive.
UPLOAD_SECONDS = 900


def limit(workspace: Workspace) -> int | None:
    """Return the bytes that this workspace may store; None: no limit."""
    own = workspace.storage_quota_bytes
    return (settings.STORAGE_QUOTA_BYTES if own is None else own) or None


def check(workspace_id: uuid.UUID, size_bytes: int) -> None:
    """Check early, without a lock, for room for so many bytes. Raises RequestRefused."""
    most = limit(Workspace.objects.get(pk=workspace_id))
    if most is not None and _used(workspace_id) + size_bytes > most:
        raise _exceeded(most)


def reserve(workspace_id: uuid.UUID, size_bytes: int, *, media: Media | None = None) -> None:
    """Reserve room for so many bytes, inside the transaction that stores the file.

    `media` is the file if it has a row already. Locks the workspace, so that two files cannot take
    the same room. Raises RequestRefused.
    """
    most = limit(Workspace.objects.get(pk=workspace_id))
    if most is None:
        return
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace_id)
    if _used(workspace_id, but=media) + size_bytes > most:
        raise _exceeded(most)


def _exceeded(most: int) -> RequestRefused:
    return RequestRefused(
        "storage_quota_exceeded",
        f"This workspace may store {most} bytes, which leaves no room for this file; delete files "
        "that you no longer need, or ask the operator of this installation for more.",
        limit_bytes=most,
    )


def _used(workspace_id: uuid.UUID, but: Media | None = None) -> int:
    files = _counting(workspace_id)
    if but is not None:
        files = files.exclude(pk=but.pk)
    total: int = files.aggregate(total=Sum("size_bytes", default=0))["total"]
    return total


def _counting(workspace_id: uuid.UUID) -> QuerySet[Media]:
    """Return files that are stored, and those whose upload may still begin."""
    fresh = clock.now() - timedelta(seconds=UPLOAD_SECONDS)
    coming = Q(status=Media.Status.UPLOADING, created_at__gt=fresh)
    return Media.objects.filter(coming | ~Q(storage_key=""), workspace=workspace_id).order_by()
