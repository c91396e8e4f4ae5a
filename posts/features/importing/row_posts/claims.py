"""Reserve rows in a workspace. That no row is imported twice is a constraint there.

A row is claimed, its post made and the claim given the post's id in one transaction. Of two that
claim one row at the same time, the second waits for the first and finds its post.
"""

import uuid
from collections.abc import Collection

from django.db import connection

from destinations.runtime import clock
from posts.features.importing.models import ImportedRow

TAKE = """
    INSERT INTO posts_importedrow (workspace_id, digest, created_at) VALUES (%s, %s, %s)
    ON CONFLICT (workspace_id, digest) DO NOTHING RETURNING id
"""


def take(workspace_id: uuid.UUID, digest: bytes) -> int | None:
    """Claim a row in the caller's transaction; None if it was imported before."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [workspace_id, digest, clock.now()])
        found = cursor.fetchone()
    return found[0] if found else None


def give(claim: int, post_id: uuid.UUID) -> None:
    """Note the post of a claimed row."""
    ImportedRow.objects.filter(pk=claim).update(post_id=post_id)


def known(workspace_id: uuid.UUID, digests: Collection[bytes]) -> dict[bytes, uuid.UUID]:
    """Return the posts of those rows that were imported, by digest."""
    rows = ImportedRow.objects.filter(
        workspace=workspace_id, digest__in=digests, post_id__isnull=False
    )
    return {bytes(digest): post for digest, post in rows.values_list("digest", "post_id")}
