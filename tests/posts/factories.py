"""Rows of a workspace, made without the API."""

import io
import uuid
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from destinations.models import Connection
from destinations.runtime import clock
from posts.models import Media, PostingQueue, Workspace

#: A time that a post may have.
FUTURE = "2099-03-15T14:00:00Z"


def make_session(workspace: Workspace, **fields: Any) -> str:
    """The number of a connection that a program may follow."""
    made = Connection.objects.create(
        workspace=workspace,
        platform="x",
        login="x",
        by="test",
        link_hash=uuid.uuid4().hex,
        expires_at=clock.now() + timedelta(minutes=10),
        **fields,
    )
    return str(made.pk)


def make_queue(workspace: Workspace, **fields: Any) -> PostingQueue:
    """A queue that is not the default one; its slot is on Mondays."""
    values = {"name": "Mondays", "slots": [{"day_of_week": 1, "time": "09:00"}], **fields}
    return PostingQueue.objects.create(workspace=workspace, updated_at=clock.now(), **values)


def png(width: int = 32, height: int = 16) -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(held, "PNG")
    return held.getvalue()


def make_media(workspace: Workspace, **fields: Any) -> Media:
    """A file that is ready."""
    values = {
        "kind": "image",
        "content_type": "image/png",
        "filename": "a.png",
        "status": "ready",
        "has_metadata": False,
        **fields,
    }
    content = png()
    media = Media.objects.create(workspace=workspace, size_bytes=len(content), **values)
    if values["status"] == "ready":
        key = f"{workspace.pk.hex}/{media.pk.hex}/1.png"
        media.storage_key = default_storage.save(key, ContentFile(content))
        media.save()
    return media
