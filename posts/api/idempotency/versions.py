"""Whether a post, a file and so on still is what the request that created it made."""

import hashlib
import json
import secrets
import uuid
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from destinations import public_ids
from destinations.access import Reach
from posts import content
from posts.models import Media, Post
from posts.read_models import queries


def of_created(workspace_id: uuid.UUID, data: Mapping[str, Any]) -> str:
    """A digest of the post that POST /posts answered with `data`; blank if it is gone.

    It changes with every edit, and with nothing that happens while the post is published.
    """
    post_id = public_ids.decode(public_ids.POST, data["post_id"])
    post = queries.post(Reach(workspace_id), post_id)
    if post is None:
        return ""
    said = [
        post.status == Post.Status.DRAFT,
        post.content,
        post.platform_content,
        *(getattr(post, name) for name in content.plain()),
        post.timezone,
        str(post.scheduled_for),
        [row.account_number for row in post.destinations.all()],
        [[str(item.media_id), item.alt_text] for item in post.attachments.all()],
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def of_row(rows: QuerySet[Any], data: Mapping[str, Any]) -> str:
    """When the one of `rows` that was answered with `data` last changed; blank if it is gone."""
    at = rows.filter(pk=data["id"]).values_list("updated_at", flat=True).first()
    return at.isoformat() if at else ""


def of_imported(workspace_id: uuid.UUID, data: Mapping[str, Any]) -> str:
    """The same for as long as the file of POST /media/upload-from-url is there, or on its way.

    One that failed is new each time, so that it is imported again.
    """
    found = queries.media(workspace_id).filter(pk=data["media_id"])
    usable = found.exclude(status=Media.Status.FAILED).exists()
    return "usable" if usable else secrets.token_hex(8)
